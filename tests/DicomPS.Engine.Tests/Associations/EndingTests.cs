using DicomPS.Associations;

namespace DicomPS.Engine.Tests.Associations;

public class EndingTests
{
    [Fact]
    public void The_first_reason_wins()
    {
        var released = new Ending();
        Assert.True(released.TryRelease());
        Assert.False(released.TryFail(Explanations.AbortedHere(0, 0)));
        Assert.True(released.IsReleased);
        Assert.Null(released.Failure);

        var failed = new Ending();
        var failure = Explanations.AbortedHere(2, 1);
        Assert.True(failed.TryFail(failure));
        Assert.False(failed.TryFail(Explanations.AbortedHere(0, 0)));
        Assert.False(failed.TryRelease());
        Assert.Same(failure, failed.Failure);
        Assert.False(failed.IsReleased);
    }

    [Fact]
    public void The_end_is_told_to_who_waits_for_it()
    {
        var ending = new Ending();
        Assert.False(ending.Reached.IsCompleted);
        ending.TryRelease();
        Assert.True(ending.Reached.IsCompleted);
    }

    [Fact]
    public void A_call_that_comes_late_hears_why()
    {
        var ending = new Ending();
        Assert.Equal("The association is not established.", ending.ForLateCall().Message);
        ending.TryRelease();
        Assert.Equal("The association has been released.", ending.ForLateCall().Message);

        var failed = new Ending();
        failed.TryFail(Explanations.AbortedHere(0, 0));
        Assert.Same(failed.Failure, failed.ForLateCall());
    }

    [Fact]
    public void The_first_interruption_stops_the_reads_and_is_a_cancellation_only_for_who_canceled()
    {
        var ending = new Ending();
        Assert.Null(ending.InterruptionFor(TestContext.Current.CancellationToken));
        ending.Interrupt(new OperationCanceledException());
        ending.Interrupt(Explanations.AbortedHere(2, 1));
        Assert.True(ending.Stop.IsCancellationRequested);
        Assert.IsType<OperationCanceledException>(ending.InterruptionFor(new CancellationToken(canceled: true)));
        Assert.IsType<AssociationAbortedException>(ending.InterruptionFor(CancellationToken.None));
    }
}
