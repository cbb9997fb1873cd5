using DicomPS.Data;

namespace DicomPS.Engine.Tests.Data;

public class PersonNameTests
{
    [Fact]
    public void A_name_has_five_components_in_three_writings()
    {
        var name = PersonName.Parse("Yamada^Tarou^^Dr.^Jr.=山田^太郎=やまだ^たろう");
        Assert.Equal(("Yamada", "Tarou", "", "Dr.", "Jr."),
            (name.Alphabetic.FamilyName, name.Alphabetic.GivenName, name.Alphabetic.MiddleName, name.Alphabetic.Prefix,
                name.Alphabetic.Suffix));
        Assert.Equal(("山田", "太郎"), (name.Ideographic.FamilyName, name.Ideographic.GivenName));
        Assert.Equal(("やまだ", "たろう"), (name.Phonetic.FamilyName, name.Phonetic.GivenName));
    }

    [Theory]
    [InlineData("Doe^John", "Doe^John")]
    [InlineData("Doe^John^^^", "Doe^John")]
    [InlineData("Doe^^^Dr.", "Doe^^^Dr.")]
    [InlineData("=山田^太郎", "=山田^太郎")]
    [InlineData("Doe==ド", "Doe==ド")]
    [InlineData("", "")]
    [InlineData("A^B^C^D^E^F", "A^B^C^D^E^F")]
    public void A_name_prints_as_it_is_stored_without_empty_ends(string text, string printed) =>
        Assert.Equal(printed, PersonName.Parse(text).ToString());

    [Fact]
    public void Names_with_the_same_parts_are_equal() =>
        Assert.Equal(PersonName.Parse("Doe^John^^"), PersonName.Parse("Doe^John"));
}
