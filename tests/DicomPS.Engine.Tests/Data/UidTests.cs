using DicomPS.Data;

namespace DicomPS.Engine.Tests.Data;

public class UidTests
{
    [Theory]
    [InlineData("1.2.840.10008.1.1", true)]
    [InlineData("2.25.0", true)]
    [InlineData("0.0", true)]
    [InlineData("1.02.3", false)]
    [InlineData("1..2", false)]
    [InlineData(".1", false)]
    [InlineData("1.", false)]
    [InlineData("1.a", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("1.2.3456789012345678901234567890123456789012345678901234567890123", false)]
    public void The_form_of_an_identifier_is_checked(string? uid, bool valid) => Assert.Equal(valid, Uid.IsValid(uid));

    [Fact]
    public void New_identifiers_are_valid_and_differ()
    {
        var uids = Enumerable.Range(0, 200).Select(_ => Uid.New()).ToList();
        Assert.All(uids, uid => Assert.True(Uid.IsValid(uid) && uid.StartsWith("2.25.", StringComparison.Ordinal), uid));
        Assert.Equal(200, uids.Distinct().Count());
    }

    [Fact]
    public void This_implementation_names_itself_within_the_limits()
    {
        Assert.True(Uid.IsValid(Uid.ImplementationClassUid));
        Assert.InRange(Uid.ImplementationVersionName.Length, 1, 16);
    }
}
