using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DicomPS.Jobs;

/// <summary>
/// The kernel of all jobs: a queue in, workers, a queue out, and three ways out of it. The end: no more items come and all are done.
/// A cancel: what is under way is left in order. An error that is nobody's result: all are cancelled, and who takes the results gets it.
/// Whichever way, each worker closes its lines, and the queue out ends.
/// </summary>
/// <param name="items">The queue in.</param>
/// <param name="results">The queue out.</param>
/// <param name="idle">How long an association without work is kept.</param>
internal sealed class Job<TItem, TResult>(WorkQueue<TItem> items, ChannelReader<TResult> results, TimeSpan idle) : IAsyncDisposable
    where TItem : class
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private Exception? _problem;

    /// <summary>Completes, never failed, when all workers have left and the queue out has ended.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the job was cancelled, or ended by an error.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Starts the workers.</summary>
    /// <param name="workers">The workers.</param>
    /// <param name="feed">What fills the queue in; null when others do.</param>
    /// <param name="end">Ends the queue out, with the error if there was one, when all have left.</param>
    public void Start(IReadOnlyList<IWorker<TItem>> workers, Func<CancellationToken, Task>? feed, Func<Exception?, Task> end)
    {
        // Each on its own: as long as all it waits for is there already, none of them gives the thread back.
        var work = workers.Select(worker => Task.Run(() => GuardAsync(() => RunAsync(worker)))).ToList();
        if (feed is { })
            work.Add(Task.Run(() => GuardAsync(() => feed(_stop.Token))));
        Completion = Task.Run(async () =>
        {
            await Task.WhenAll(work).ConfigureAwait(false);
            await GuardAsync(() => end(_problem)).ConfigureAwait(false);
        });
    }

    /// <summary>Gives a result, waiting for room, until nobody takes results any more.</summary>
    public async ValueTask GiveAsync(ChannelWriter<TResult> queue, TResult result)
    {
        try
        {
            await queue.WriteAsync(result, _abandon.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The job is being disposed of.
        }
    }

    /// <summary>The results as they come; ends when the queue out does.</summary>
    /// <param name="cancellationToken">Cancels the job.</param>
    /// <param name="waits">Whether results are given after a cancel too, until the queue ends.</param>
    public async IAsyncEnumerable<TResult> ResultsAsync(bool waits, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(() => CancelAsync());
        while (await results.WaitToReadAsync(waits ? CancellationToken.None : cancellationToken).ConfigureAwait(false))
        {
            while (results.TryRead(out var result))
                yield return result;
        }

        await Completion.ConfigureAwait(false);
    }

    /// <summary>Cancels whatever is under way.</summary>
    // Callbacks of the token send and abort; they must not run under the caller's locks.
    public Task CancelAsync() => Task.Run(() =>
    {
        if (!Completion.IsCompleted)
            Stop();
    });

    /// <summary>Cancels whatever is under way, and waits until all have left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Completion.IsCompleted)
        {
            await CancelAsync().ConfigureAwait(false);
            _abandon.Cancel();
            await Completion.ConfigureAwait(false);
        }

        items.Clear();
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // That is what was asked for.
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref _problem, fault, null);
            Stop();
        }
    }

    // Who adds hears of it as a cancel, when the token is one of ours, and as the end otherwise.
    private void Stop()
    {
        _stop.Cancel();
        items.Complete();
    }

    private async Task RunAsync(IWorker<TItem> worker)
    {
        var taker = items.Join(worker.Prefers);
        var underWay = new List<Task>();
        try
        {
            while (await NextAsync(worker, taker, underWay).ConfigureAwait(false) is { } item)
            {
                underWay.Add(WorkAsync(worker, taker, item));
                while (underWay.Count >= worker.Window)
                    await EndOneAsync(underWay).ConfigureAwait(false);
                // What was begun over an association that is gone may be gone on with over any.
                if (underWay.Count == 0 && !worker.IsConnected)
                    items.Leave(taker);
            }
        }
        finally
        {
            try
            {
                await Task.WhenAll(underWay).ConfigureAwait(false);
            }
            finally
            {
                await worker.LeaveAsync().ConfigureAwait(false);
                items.Leave(taker);
            }
        }
    }

    private async Task WorkAsync(IWorker<TItem> worker, WorkTaker<TItem> taker, TItem item)
    {
        try
        {
            await worker.WorkAsync(item, _stop.Token).ConfigureAwait(false);
        }
        catch
        {
            // The others that are under way over the same association hear of it at once, not when their answers fail to come.
            Stop();
            throw;
        }
        finally
        {
            items.Done(item, taker);
        }
    }

    private static async Task EndOneAsync(List<Task> underWay)
    {
        var ended = underWay.Count == 1 ? underWay[0] : await Task.WhenAny(underWay).ConfigureAwait(false);
        await ended.ConfigureAwait(false);
        underWay.Remove(ended);
    }

    // Waits for an item; an association that has none for long is given back.
    private async Task<TItem?> NextAsync(IWorker<TItem> worker, WorkTaker<TItem> taker, List<Task> underWay)
    {
        var next = items.DequeueAsync(taker, _stop.Token);
        while (!next.IsCompleted && underWay.Count > 0)
        {
            if (await Task.WhenAny([next, .. underWay]).ConfigureAwait(false) != next)
                await EndOneAsync(underWay).ConfigureAwait(false);
        }

        if (!next.IsCompleted && worker.IsConnected)
        {
            // One too many, to which nothing can come any more, makes room at once.
            var patience = taker.IsAtWork || taker.Groups.Count > 0 ? idle : TimeSpan.Zero;
            using var clock = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var first = await Task.WhenAny(next, Task.Delay(patience, clock.Token)).ConfigureAwait(false);
            clock.Cancel();
            if (first != next)
            {
                await worker.LeaveAsync().ConfigureAwait(false);
                items.Leave(taker);
            }
        }

        return await next.ConfigureAwait(false);
    }
}
