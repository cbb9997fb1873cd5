using DicomPS.Retrieving;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>What follows from a failure, cell by cell.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(RetrieveVerdict.Failed, 0xA801, "DestinationUnknown", "Destination", false, true)]
    [InlineData(RetrieveVerdict.Failed, 0xA900, "IdentifierRefused", "Nobody", false, true)]
    [InlineData(RetrieveVerdict.Failed, 0xA702, "OutOfResources", "Destination", true, true)]
    [InlineData(RetrieveVerdict.Failed, 0xA701, "OutOfResources", "Source", true, true)]
    [InlineData(RetrieveVerdict.Failed, 0xC000, "StatusFailure", "Nobody", true, true)]
    [InlineData(RetrieveVerdict.Suspect, 0x0000, "Suspect", "Nobody", true, true)]
    [InlineData(RetrieveVerdict.Cancelled, 0xFE00, "Stopped", "Nobody", true, false)]
    public void A_status_says_who_is_to_blame_and_whether_it_may_pass(RetrieveVerdict verdict, int status, string kind, string blame,
        bool again, bool loses)
    {
        var found = FailureKinds.Of(new RetrieveResult { Judged = verdict, Status = "x", StatusCode = (ushort)status })!;
        Assert.Equal((kind, blame, again, loses), (found.Kind, $"{found.Blame}", found.Again, found.LosesTry));
    }

    [Fact]
    public void Counts_decide_between_some_and_none()
    {
        var some = new RetrieveResult { Judged = RetrieveVerdict.Partial, Status = "x", StatusCode = 0xB000, Completed = 3, Failed = 1 };
        Assert.Equal("Partial", FailureKinds.Of(some)!.Kind);
        var none = FailureKinds.Of(some with { Completed = 0 })!;
        Assert.Equal(("NothingStored", Blame.Destination), (none.Kind, none.Blame));
        Assert.Null(FailureKinds.Of(some with { Judged = RetrieveVerdict.Complete }));
    }

    [Fact]
    public void A_node_that_cannot_be_reached_costs_the_study_no_try_and_one_that_breaks_off_does()
    {
        var away = new DicomNetworkException("x") { Stage = DicomStage.Tcp };
        Assert.False(FailureKinds.Of(away, Blame.Destination).LosesTry);
        Assert.True(FailureKinds.Of(new AssociationAbortedException("x"), Blame.Source).LosesTry);
        var context = FailureKinds.Of(new DicomException("x") { Stage = DicomStage.PresentationContext }, Blame.Source);
        Assert.Equal((false, Blame.Nobody), (context.Again, context.Blame));
    }

    [Fact]
    public void Tries_come_after_minutes_hours_and_a_day_and_then_no_more()
    {
        Assert.Equal([1, 5, 15, 60, 240, 1440],
            Enumerable.Range(1, 6).Select(tries => (int)RetrySchedule.After(tries, 0.5)!.Value.TotalMinutes));
        Assert.Null(RetrySchedule.After(7, 0.5));
        Assert.Equal((0.9, 1.1), (RetrySchedule.After(1, 0)!.Value.TotalMinutes, RetrySchedule.After(1, 1)!.Value.TotalMinutes));
    }
}
