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
        Assert.Equal("A", await queue.DequeueAsync(item => item == "A", Token));
        Assert.Equal("a", await queue.DequeueAsync(item => item == "A", Token));
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
        queue.Done();
        Assert.Equal("half", await other);
        await TakesAsync(queue, "rest");
        var end = DequeueAsync(queue);
        queue.Done();
        Assert.False(end.IsCompleted);
        queue.Done();
        Assert.Null(await end);
    }

    [Fact]
    public async Task Who_waits_for_an_item_can_give_up()
    {
        using var stop = new CancellationTokenSource();
        var queue = new WorkQueue<string>(8);
        var taking = queue.DequeueAsync(null, stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        await queue.AddAsync("a", Token);
        Assert.Equal("a", await DequeueAsync(queue));
    }

    private static async Task TakesAsync(WorkQueue<string> queue, params string?[] expected)
    {
        foreach (var item in expected)
            Assert.Equal(item, await DequeueAsync(queue));
    }

    private static Task<string?> DequeueAsync(WorkQueue<string> queue) => queue.DequeueAsync(null, Token);
}
