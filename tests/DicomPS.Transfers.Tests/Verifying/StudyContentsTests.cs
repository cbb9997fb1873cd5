using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Tests.Verifying;

public class StudyContentsTests
{
    [Fact]
    public void A_study_that_neither_side_has_is_not_alike()
    {
        var nothing = new StudyContents { Count = 0, Instances = new Dictionary<string, string>() };
        Assert.False(nothing.IsAlike(nothing));
        Assert.False(new StudyContents { Count = 0 }.IsAlike(nothing));
        Assert.False(new StudyContents().IsAlike(new StudyContents()));
    }

    [Fact]
    public void The_same_number_of_other_instances_is_not_alike()
    {
        var one = new StudyContents { Count = 1, Instances = new Dictionary<string, string> { ["1.2"] = "1" } };
        var other = new StudyContents { Count = 1, Instances = new Dictionary<string, string> { ["1.3"] = "1" } };
        Assert.False(one.IsAlike(other));
        Assert.True(one.IsAlike(one));
        Assert.True(new StudyContents { Count = 1 }.IsAlike(other));
    }
}
