using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Engine.Tests.Dimse;

public class DimseStatusTests
{
    public static IEnumerable<TheoryDataRow<string, int, int, string, string>> Rows() =>
        Statuses.All.Select(s => new TheoryDataRow<string, int, int, string, string>(s.Service, s.First, s.Last, s.Category, s.Meaning));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_told_by_its_first_and_last_code(string service, int first, int last, string category,
        string meaning)
    {
        foreach (var code in new[] { first, last })
        {
            var said = DimseStatus.Describe(service, (ushort)code);
            Assert.Equal(category, said.Category.ToString());
            if (meaning.Length > 0)
                Assert.Equal(meaning, said.Meaning);
        }
    }

    [Theory]
    [InlineData("storage", 0x0000, "Success")]
    [InlineData("storage", 0xA700, "Failure: Refused: Out of Resources")]
    [InlineData("storage", 0x0124, "Failure: Refused: Not Authorised")]
    [InlineData("storage", 0xB123, "Warning: Unknown status")]
    [InlineData("storage", 0x4321, "Failure: Unknown status")]
    [InlineData("qr_find", 0xFE00, "Cancel")]
    [InlineData("no such service", 0xFF00, "Pending: Unknown status")]
    public void A_status_reads_as_kind_and_meaning(string service, int code, string expected) =>
        Assert.Equal(expected, DimseStatus.Describe(service, (ushort)code).ToString());
}
