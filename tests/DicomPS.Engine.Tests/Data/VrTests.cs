using DicomPS.Data;

namespace DicomPS.Engine.Tests.Data;

public class VrTests
{
    /// <summary>PS3.5 table 6.2-1 and 7.1-1: 32-bit length, character set, several values, word size, padding.</summary>
    public static TheoryData<string, bool, bool, bool, int, int> Table => new()
    {
        { "AE", false, false, true, 1, 0x20 }, { "AS", false, false, true, 1, 0x20 }, { "AT", false, false, true, 2, 0 },
        { "CS", false, false, true, 1, 0x20 }, { "DA", false, false, true, 1, 0x20 }, { "DS", false, false, true, 1, 0x20 },
        { "DT", false, false, true, 1, 0x20 }, { "FD", false, false, true, 8, 0 }, { "FL", false, false, true, 4, 0 },
        { "IS", false, false, true, 1, 0x20 }, { "LO", false, true, true, 1, 0x20 }, { "LT", false, true, false, 1, 0x20 },
        { "OB", true, false, true, 1, 0 }, { "OD", true, false, true, 8, 0 }, { "OF", true, false, true, 4, 0 },
        { "OL", true, false, true, 4, 0 }, { "OV", true, false, true, 8, 0 }, { "OW", true, false, true, 2, 0 },
        { "PN", false, true, true, 1, 0x20 }, { "SH", false, true, true, 1, 0x20 }, { "SL", false, false, true, 4, 0 },
        { "SQ", true, false, true, 1, 0 }, { "SS", false, false, true, 2, 0 }, { "ST", false, true, false, 1, 0x20 },
        { "SV", true, false, true, 8, 0 }, { "TM", false, false, true, 1, 0x20 }, { "UC", true, true, true, 1, 0x20 },
        { "UI", false, false, true, 1, 0 }, { "UL", false, false, true, 4, 0 }, { "UN", true, false, true, 1, 0 },
        { "UR", true, false, false, 1, 0x20 }, { "US", false, false, true, 2, 0 }, { "UT", true, true, false, 1, 0x20 },
        { "UV", true, false, true, 8, 0 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_value_representation_is_as_the_standard_has_it(string name, bool longLength, bool text, bool multiValued, int unit,
        int padding)
    {
        Assert.True(VrExtensions.TryParse(name, out var vr));
        Assert.Equal(name, vr.ToString());
        Assert.Equal((longLength, text, multiValued, unit, padding),
            (vr.HasLongLength(), vr.IsText(), vr.IsMultiValued(), vr.UnitSize(), vr.PaddingByte()));
    }

    [Fact]
    public void There_are_34_of_them()
    {
        Assert.Equal(34, Table.Count);
        Assert.Equal(35, Enum.GetValues<Vr>().Length);
    }

    [Theory]
    [InlineData("XX")]
    [InlineData("ob")]
    [InlineData("")]
    [InlineData("OBX")]
    [InlineData(null)]
    public void Other_letters_name_none(string? name) => Assert.False(VrExtensions.TryParse(name, out _));
}
