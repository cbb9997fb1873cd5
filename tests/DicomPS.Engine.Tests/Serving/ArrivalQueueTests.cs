using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

public class ArrivalQueueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void What_came_is_taken_in_its_order_and_the_oldest_is_forgotten()
    {
        var queue = new ArrivalQueue<string>(2);
        foreach (var item in new[] { "a", "b", "c" }) queue.Add(item);
        Assert.Equal(1, queue.Forgotten);
        Assert.True(queue.TryDequeue(out var first));
        Assert.True(queue.TryDequeue(out var second));
        Assert.Equal(("b", "c"), (first, second));
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_the_first_and_by_what_comes_shortly_after_it()
    {
        var queue = new ArrivalQueue<string>(10);
        for (var i = 0; i < 100; i++)
        {
            var wait = queue.WaitAsync(Token).AsTask();
            Assert.False(wait.IsCompleted);
            queue.Add($"{i}");
            Assert.True(await wait);
            Assert.True(queue.TryDequeue(out var item));
            Assert.Equal($"{i}", item);
        }
    }

    [Fact]
    public async Task All_who_wait_are_woken_and_one_who_finds_nothing_waits_again()
    {
        var queue = new ArrivalQueue<string>(10);
        var waits = new[] { queue.WaitAsync(Token).AsTask(), queue.WaitAsync(Token).AsTask() };
        queue.Add("a");
        foreach (var wait in waits) Assert.True(await wait);
        Assert.True(queue.TryDequeue(out _));
        var again = queue.WaitAsync(Token).AsTask();
        Assert.False(again.IsCompleted);
        queue.Complete();
        Assert.False(await again);
    }

    [Fact]
    public async Task The_end_leaves_what_is_there_and_takes_nothing_more()
    {
        var queue = new ArrivalQueue<string>(10);
        queue.Add("a");
        queue.Complete();
        queue.Add("b");
        Assert.True(await queue.WaitAsync(Token));
        Assert.True(queue.TryDequeue(out _));
        Assert.False(await queue.WaitAsync(Token));
    }

    [Fact]
    public async Task A_wait_that_is_given_up_holds_on_to_nothing()
    {
        var queue = new ArrivalQueue<string>(10);
        using var cancel = new CancellationTokenSource();
        var wait = queue.WaitAsync(cancel.Token).AsTask();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        queue.Add("a");
        Assert.True(await queue.WaitAsync(Token));
    }

    [Fact]
    public void A_queue_without_room_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ArrivalQueue<string>(0));
}
