using DicomPS.Data;

namespace DicomPS.Engine.Tests.Data;

public class DicomTagTests
{
    [Theory]
    [InlineData("0010,0020")]
    [InlineData("00100020")]
    [InlineData("(0010,0020)")]
    [InlineData(" 0010,0020 ")]
    public void A_tag_is_read_in_the_three_forms_that_people_write(string text) =>
        Assert.Equal(new DicomTag(0x0010, 0x0020), DicomTag.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10,20")]
    [InlineData("0010-0020")]
    [InlineData("(0010,0020")]
    [InlineData("0010,00200")]
    [InlineData("001G,0020")]
    [InlineData("PatientID")]
    public void What_is_no_tag_is_refused(string? text)
    {
        Assert.False(DicomTag.TryParse(text, out _));
        Assert.Throws<FormatException>(() => DicomTag.Parse(text ?? "none"));
    }

    [Fact]
    public void A_tag_prints_as_the_standard_does() => Assert.Equal("(7FE0,0010)", new DicomTag(0x7FE0, 0x0010).ToString());

    [Theory]
    [InlineData(0x00290010u, true, true)]
    [InlineData(0x002900FFu, true, true)]
    [InlineData(0x00290100u, true, false)]
    [InlineData(0x00291010u, true, false)]
    [InlineData(0x00280010u, false, false)]
    public void Odd_groups_are_private_and_their_low_elements_name_the_owner(uint value, bool isPrivate, bool isCreator)
    {
        var tag = new DicomTag(value);
        Assert.Equal((isPrivate, isCreator), (tag.IsPrivate, tag.IsPrivateCreator));
    }

    [Fact]
    public void Tags_are_ordered_by_group_and_then_by_element()
    {
        DicomTag[] tags = [new(0x7FE0, 0x0010), new(0x0008, 0x0018), new(0x0010, 0x0010), new(0xFFFC, 0xFFFC), new(0x0008, 0x0005)];
        Array.Sort(tags);
        Assert.Equal("(0008,0005) (0008,0018) (0010,0010) (7FE0,0010) (FFFC,FFFC)", string.Join(' ', tags));
        Assert.True(tags[0] < tags[1] && tags[1] > tags[0] && tags[0] <= tags[0] && tags[0] >= tags[0] && tags[0] != tags[1]);
    }
}
