using DicomPS.Jobs;

namespace DicomPS.Engine.Tests.Jobs;

public class WorkQueueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_come_in_their_order_and_then_the_end_for_each_worker()
    {
        var queue = new WorkQueue<string>(8);
        await queue.AddAsync("a", Token);
        await queue.AddAsync("b", Token);
        queue.Complete();
        await TakesAsync(queue, "a", "b", null, null);
        Assert.True(queue.IsDrained);
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.AddAsync("c", Token).AsTask());
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public async Task Who_adds_waits_for_a_place_and_hears_of_the_end()
    {
        var queue = new WorkQueue<string>(1);
        await queue.AddAsync("a", Token);
        var second = queue.AddAsync("b", Token).AsTask();
        var third = queue.AddAsync("c", Token).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal("a", await DequeueAsync(queue));
        await second;
        queue.Complete();
        await Assert.ThrowsAsync<InvalidOperationException>(() => third);
        await TakesAsync(queue, "b", null);
    }

    [Fact]
    public async Task What_is_preferred_comes_first_and_the_others_when_there_is_none()
    {
        var queue = new WorkQueue<string>(8);
        foreach (var item in new[] { "a", "b", "A", "c" })
            await queue.AddAsync(item, Token);
        Assert.Equal("A", await queue.DequeueAsync(queue.Join(item => item == "A"), Token));
        Assert.Equal("a", await queue.DequeueAsync(queue.Join(item => item == "A"), Token));
        Assert.Equal(["b", "c"], queue.Waiting());
    }

    [Fact]
    public async Task A_queue_that_takes_back_ends_when_all_are_done()
    {
        var queue = new WorkQueue<string>(8, takesBack: true);
        await queue.AddAsync("whole", Token);
        queue.Complete();
        Assert.Equal("whole", await DequeueAsync(queue));
        var other = DequeueAsync(queue);
        Assert.False(other.IsCompleted);
        queue.PutBack(["half", "rest"]);
        queue.Done("");
        Assert.Equal("half", await other);
        await TakesAsync(queue, "rest");
        var end = DequeueAsync(queue);
        queue.Done("");
        Assert.False(end.IsCompleted);
        queue.Done("");
        Assert.Null(await end);
    }

    [Fact]
    public async Task Who_waits_for_an_item_can_give_up()
    {
        using var stop = new CancellationTokenSource();
        var queue = new WorkQueue<string>(8);
        var taking = queue.DequeueAsync(queue.Join(null), stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        await queue.AddAsync("a", Token);
        Assert.Equal("a", await DequeueAsync(queue));
    }

    [Fact]
    public async Task A_group_belongs_to_the_worker_that_began_it_until_that_leaves()
    {
        var queue = new WorkQueue<string>(16, groupOf: item => item.Substring(0, 1));
        foreach (var item in new[] { "a1", "b1", "a2", "c1", "b2" })
            await queue.AddAsync(item, Token);
        var (one, two) = (queue.Join(null), queue.Join(null));
        Assert.Equal("a1", await queue.DequeueAsync(one, Token));
        Assert.Equal("b1", await queue.DequeueAsync(two, Token));
        Assert.Equal("b2", await queue.DequeueAsync(two, Token));
        Assert.Equal("c1", await queue.DequeueAsync(two, Token));
        // What is left belongs to the first.
        var waiting = queue.DequeueAsync(two, Token);
        await queue.AddAsync("a3", Token);
        Assert.False(waiting.IsCompleted);
        Assert.False(queue.HasFree);
        Assert.Equal(["a2", "a3"], queue.Waiting());
        queue.Done("a1", one);
        Assert.False(waiting.IsCompleted);
        queue.Leave(one);
        Assert.Equal("a2", await waiting);
        Assert.Equal("a3", await queue.DequeueAsync(two, Token));
        queue.Complete();
        Assert.Null(await queue.DequeueAsync(one, Token));
    }

    [Fact]
    public async Task A_group_stays_with_its_worker_while_nothing_of_it_waits()
    {
        var queue = new WorkQueue<string>(16, groupOf: item => item.Substring(0, 1));
        var (one, two) = (queue.Join(null), queue.Join(null));
        await queue.AddAsync("a1", Token);
        Assert.Equal("a1", await queue.DequeueAsync(one, Token));
        queue.Done("a1", one);
        var (first, second) = (queue.DequeueAsync(one, Token), queue.DequeueAsync(two, Token));
        await queue.AddAsync("a2", Token);
        Assert.Equal("a2", await first);
        queue.Done("a2", one);
        // The other one would have to begin; who is at work goes on.
        first = queue.DequeueAsync(one, Token);
        await queue.AddAsync("b1", Token);
        Assert.Equal("b1", await first);
        Assert.False(second.IsCompleted);
        queue.Complete();
        Assert.Null(await second);
    }

    [Fact]
    public async Task No_more_workers_begin_than_the_limit_and_one_too_many_ends_what_is_its_own()
    {
        var queue = new WorkQueue<string>(16, groupOf: item => item.Substring(0, 1)) { Limit = 1 };
        foreach (var item in new[] { "a1", "b1", "b2", "c1", "d1" })
            await queue.AddAsync(item, Token);
        var (one, two) = (queue.Join(null), queue.Join(null));
        Assert.Equal("a1", await queue.DequeueAsync(one, Token));
        var other = queue.DequeueAsync(two, Token);
        Assert.False(other.IsCompleted);
        queue.Limit = 2;
        Assert.Equal("b1", await other);
        queue.Limit = 1;
        Assert.Equal("b2", await queue.DequeueAsync(two, Token));
        other = queue.DequeueAsync(two, Token);
        Assert.False(other.IsCompleted);
        Assert.Equal("c1", await queue.DequeueAsync(one, Token));
        await queue.AddAsync("b3", Token);
        Assert.Equal("b3", await other);
        // Who left makes room.
        other = queue.DequeueAsync(two, Token);
        queue.Leave(one);
        Assert.Equal("d1", await other);
    }

    [Fact]
    public async Task Groups_that_are_long_over_are_forgotten()
    {
        var queue = new WorkQueue<string>(16, groupOf: item => item);
        var one = queue.Join(null);
        for (var i = 0; i < 2000; i++)
        {
            await queue.AddAsync($"{i}", Token);
            queue.Done((await queue.DequeueAsync(one, Token))!, one);
        }

        Assert.InRange(one.Groups.Count, 1, 300);
    }

    private static async Task TakesAsync(WorkQueue<string> queue, params string?[] expected)
    {
        foreach (var item in expected)
            Assert.Equal(item, await DequeueAsync(queue));
    }

    private static Task<string?> DequeueAsync(WorkQueue<string> queue) => queue.DequeueAsync(queue.Join(null), Token);
}
