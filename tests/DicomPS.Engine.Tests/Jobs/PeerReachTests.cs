using DicomPS.Associations;
using DicomPS.Jobs;

namespace DicomPS.Engine.Tests.Jobs;

public class PeerReachTests
{
    private static readonly DicomNetworkException Closed = new("Nobody listens.") { Stage = DicomStage.Tcp };
    private static readonly DicomNetworkException Full = new("The limit is reached.") { Stage = DicomStage.Association };
    private static readonly DicomNetworkException Other = new("It takes no queries.") { Stage = DicomStage.PresentationContext };

    [Fact]
    public async Task A_node_is_new_then_serving_then_has_served()
    {
        var reach = new PeerReach();
        Assert.Equal(PeerStanding.New, reach.StandingAfter(Full));
        await reach.ConnectAsync(() => Task.FromResult(1));
        Assert.Equal(PeerStanding.Serving, reach.StandingAfter(Full));
        Assert.Equal(PeerStanding.Serving, reach.StandingAfter(Closed));
        Assert.Equal(PeerStanding.Served, reach.StandingAfter(Other));
        reach.Closed();
        // A peer counts an association that has just ended for a moment more; where nobody listens, that is not it.
        Assert.Equal(PeerStanding.Serving, reach.StandingAfter(Full));
        Assert.Equal(PeerStanding.Served, reach.StandingAfter(Closed));
    }

    [Fact]
    public async Task A_node_is_lost_for_a_while_and_found_by_who_gets_through()
    {
        var reach = new PeerReach(TimeSpan.FromMinutes(1));
        Assert.True(await reach.IsLostAsync(Closed));
        Assert.Same(Closed, reach.Problem);
        await reach.ConnectAsync(() => Task.FromResult(1));
        Assert.Null(reach.Problem);
        Assert.Null(new PeerReach(TimeSpan.Zero).Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_is_not_lost_before_the_last_call_has_failed(bool getsThrough)
    {
        var reach = new PeerReach();
        var call = new TaskCompletionSource<int>();
        var calling = reach.ConnectAsync(() => call.Task);
        var lost = reach.IsLostAsync(Closed);
        Assert.False(lost.IsCompleted);
        if (getsThrough)
            call.SetResult(1);
        else
            call.SetException(Closed);
        Assert.Equal(!getsThrough, await lost);
        Assert.Equal(getsThrough, (await Record.ExceptionAsync(() => calling)) is null);
    }

    [Fact]
    public async Task A_trouble_is_told_of_a_node_that_has_served()
    {
        var reach = new PeerReach();
        reach.Retries(Closed);
        Assert.Null(reach.Trouble);
        await reach.ConnectAsync(() => Task.FromResult(1));
        reach.Closed();
        reach.Retries(Closed);
        Assert.Equal("Nobody listens.", reach.Trouble);
        Assert.True(await reach.IsLostAsync(Closed));
        Assert.Null(reach.Trouble);
    }
}
