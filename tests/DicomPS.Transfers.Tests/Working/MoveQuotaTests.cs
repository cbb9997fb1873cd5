using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>How many studies a measurement begins.</summary>
public class MoveQuotaTests
{
    [Fact]
    public void What_fails_is_given_back_as_often_as_studies_are_to_be_moved_and_what_was_there_always()
    {
        var quota = new MoveQuota(3, TimeSpan.FromHours(1), TimeProvider.System);
        var begun = 0;
        while (quota.TryTake())
        {
            quota.GiveBack(hasFailed: ++begun % 2 == 0);
            Assert.True(begun < 100);
        }

        // Six failed, and before each one another was there already.
        Assert.Equal(12, begun);
        Assert.True(quota.IsSpent);
    }
}
