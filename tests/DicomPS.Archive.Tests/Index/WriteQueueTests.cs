using DicomPS.Archiving.Tests.Support;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>Callers share a transaction with all that waits, and one that comes alone waits for no other thread.</summary>
public class WriteQueueTests
{
    private static CancellationToken Cancellation => TestIndex.Cancellation;

    [Fact]
    public async Task What_comes_during_a_transaction_is_done_in_one()
    {
        var queue = new WriteQueue(RunAll);
        using var goOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Task.Run(() => queue.DoAsync(
            () =>
            {
                begun.TrySetResult(true);
                goOn.Wait(Cancellation);
                return 0;
            },
            mayBlock: true, Cancellation), Cancellation);
        await begun.Task;
        var others = Enumerable.Range(1, 8).Select(i => queue.DoAsync(() => i, mayBlock: i % 2 == 0, Cancellation)).ToArray();

        goOn.Set();
        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), await Task.WhenAll(others));
        Assert.Equal(2, queue.Transactions);
        await queue.CloseAsync();
    }

    [Fact]
    public async Task Who_was_answered_first_goes_on_first()
    {
        var queue = new WriteQueue(RunAll);
        using var goOn = new ManualResetEventSlim();
        var first = queue.DoAsync(
            () =>
            {
                goOn.Wait(Cancellation);
                return 0;
            },
            mayBlock: false, Cancellation);
        var order = new List<int>();
        var others = Enumerable.Range(0, 200).Select(WaitAsync).ToArray();

        goOn.Set();
        await first;
        await Task.WhenAll(others);
        // From a stack the last would be among the first. One of the first may be late: its thread is anybody's.
        Assert.InRange(order.IndexOf(199), 100, 199);
        Assert.True(order.Take(50).Average() < order.Skip(150).Average(), string.Join(" ", order));
        await queue.CloseAsync();

        async Task WaitAsync(int number)
        {
            await queue.DoAsync(() => number, mayBlock: false, Cancellation).ConfigureAwait(false);
            lock (order)
                order.Add(number);
        }
    }

    [Fact]
    public async Task Who_may_block_and_comes_alone_does_it_himself_and_who_may_not_never()
    {
        var queue = new WriteQueue(RunAll);
        var here = Environment.CurrentManagedThreadId;

        var mine = queue.DoAsync(() => Environment.CurrentManagedThreadId, mayBlock: true, Cancellation);
        Assert.True(mine.IsCompleted);
        Assert.Equal(here, await mine);

        using var isAway = new ManualResetEventSlim();
        var pool = queue.DoAsync(
            () =>
            {
                isAway.Wait(Cancellation);
                return 1;
            },
            mayBlock: false, Cancellation);
        Assert.False(pool.IsCompleted);
        isAway.Set();
        Assert.Equal(1, await pool);
        await queue.CloseAsync();
    }

    [Fact]
    public async Task Nothing_is_forgotten_however_they_come_and_a_close_finishes_what_waits()
    {
        var queue = new WriteQueue(RunAll);
        var done = 0L;
        var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i++)
                    await queue.DoAsync(() => done++, mayBlock: (caller + i) % 3 != 0, Cancellation);
            },
            Cancellation)).ToArray();
        await Task.WhenAll(callers);
        Assert.Equal(16_000, done);

        var last = Enumerable.Range(0, 100).Select(_ => queue.DoAsync(() => done++, mayBlock: false, Cancellation)).ToArray();
        await queue.CloseAsync();
        await Task.WhenAll(last);
        Assert.Equal(16_100, done);
        // Twice is once.
        await queue.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.DoAsync(() => 0, mayBlock: true, Cancellation));
    }

    [Fact]
    public async Task What_was_given_up_before_it_began_is_not_done()
    {
        var queue = new WriteQueue(RunAll);
        using var goOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Task.Run(() => queue.DoAsync(
            () =>
            {
                begun.TrySetResult(true);
                goOn.Wait(Cancellation);
                return 0;
            },
            mayBlock: false, Cancellation), Cancellation);
        await begun.Task;
        using var givesUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var isDone = false;
        var second = queue.DoAsync(
            () =>
            {
                isDone = true;
                return 0;
            },
            mayBlock: true, givesUp.Token);

        givesUp.Cancel();
        goOn.Set();

        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await queue.CloseAsync();
        Assert.False(isDone);
    }

    private static void RunAll(IReadOnlyList<WriteRequest> batch)
    {
        foreach (var request in batch)
        {
            var result = request.Work();
            request.Answer(done => done.TrySetResult(result));
        }
    }
}
