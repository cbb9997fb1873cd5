using DicomPS.Jobs;

namespace DicomPS.Engine.Tests.Jobs;

public class RetryPolicyTests
{
    // What follows from an outcome where tries 1 to 3, 7 and 8 failed in this way, with 2 retries: the wait in seconds, room, lost or
    // failed.
    [Theory]
    [InlineData("NotReached", "New", "1", "2", "lost", "lost", "lost")]
    [InlineData("NotReached", "Served", "1", "2", "4", "60", "lost")]
    [InlineData("NotReached", "Serving", "room", "room", "room", "room", "room")]
    [InlineData("Rejected", "New", "lost", "lost", "lost", "lost", "lost")]
    [InlineData("Rejected", "Served", "lost", "lost", "lost", "lost", "lost")]
    [InlineData("Rejected", "Serving", "room", "room", "room", "room", "room")]
    [InlineData("NoRoom", "New", "room", "room", "room", "room", "room")]
    [InlineData("NoRoom", "Served", "room", "room", "room", "room", "room")]
    [InlineData("NoRoom", "Serving", "room", "room", "room", "room", "room")]
    [InlineData("Stale", "New", "0", "0", "0", "0", "0")]
    [InlineData("Stale", "Served", "0", "0", "0", "0", "0")]
    [InlineData("Stale", "Serving", "0", "0", "0", "0", "0")]
    [InlineData("Broken", "New", "1", "2", "failed", "failed", "failed")]
    [InlineData("Broken", "Served", "1", "2", "failed", "failed", "failed")]
    [InlineData("Broken", "Serving", "1", "2", "failed", "failed", "failed")]
    [InlineData("Final", "New", "failed", "failed", "failed", "failed", "failed")]
    [InlineData("Final", "Served", "failed", "failed", "failed", "failed", "failed")]
    [InlineData("Final", "Serving", "failed", "failed", "failed", "failed", "failed")]
    public void Each_cell_of_the_table(string outcome, string standing, params string[] cells)
    {
        var policy = new RetryPolicy(2, TimeSpan.FromSeconds(1));
        int[] tries = [1, 2, 3, 7, 8];
        Assert.Equal(cells, tries.Select(count => Said(policy.After(Parse<TryOutcome>(outcome), count, Parse<PeerStanding>(standing)))));
    }

    [Fact]
    public void The_table_has_a_row_for_each_pair()
    {
        var rows = typeof(RetryPolicyTests).GetMethod(nameof(Each_cell_of_the_table))!.GetCustomAttributesData()
            .Count(data => data.AttributeType == typeof(InlineDataAttribute));
        Assert.Equal(Enum.GetValues(typeof(TryOutcome)).Length * Enum.GetValues(typeof(PeerStanding)).Length, rows);
    }

    [Theory]
    [InlineData("NotReached", "New", "lost")]
    [InlineData("NotReached", "Served", "lost")]
    [InlineData("NotReached", "Serving", "room")]
    [InlineData("Broken", "Served", "failed")]
    [InlineData("Stale", "Served", "0")]
    public void Without_retries_nothing_is_tried_again_but_what_was_stale_and_what_finds_no_room(string outcome, string standing,
        string said)
    {
        var policy = new RetryPolicy(0, TimeSpan.FromSeconds(1));
        Assert.Equal(said, Said(policy.After(Parse<TryOutcome>(outcome), 1, Parse<PeerStanding>(standing))));
    }

    [Fact]
    public void A_node_that_has_not_served_may_be_called_less_often_than_one_that_has()
    {
        var policy = new RetryPolicy(2, TimeSpan.FromSeconds(1)) { FirstRetries = 0 };
        Assert.Equal("lost", Said(policy.After(TryOutcome.NotReached, 1, PeerStanding.New)));
        Assert.Equal("60", Said(policy.After(TryOutcome.NotReached, 7, PeerStanding.Served)));
    }

    [Fact]
    public void More_retries_than_the_two_minutes_hold_are_granted()
    {
        var policy = new RetryPolicy(100, TimeSpan.FromSeconds(1));
        Assert.Equal("60", Said(policy.After(TryOutcome.NotReached, 100, PeerStanding.Served)));
        Assert.Equal("lost", Said(policy.After(TryOutcome.NotReached, 101, PeerStanding.Served)));
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(0.05, 0.1)]
    [InlineData(1, 1)]
    [InlineData(30, 2)]
    public void The_wait_for_room_is_short_and_never_none(double delay, double wait) =>
        Assert.Equal(new RetryStep(RetryVerdict.Room, TimeSpan.FromSeconds(wait)), new RetryPolicy(2, TimeSpan.FromSeconds(delay)).Room);

    private static T Parse<T>(string name) where T : struct => (T)Enum.Parse(typeof(T), name);

    private static string Said(RetryStep step) => step.Verdict switch
    {
        RetryVerdict.Again => $"{step.Wait.TotalSeconds}",
        var verdict => verdict.ToString().ToLowerInvariant(),
    };
}
