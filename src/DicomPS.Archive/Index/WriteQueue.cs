using System.Threading.Channels;

namespace DicomPS.Archiving.Index;

/// <summary>Work for the connection that writes, and when it is done.</summary>
/// <param name="Work">What is done inside a transaction; done again when another's fails in the same one.</param>
/// <param name="CancellationToken">Gives up as long as it has not begun.</param>
internal sealed record WriteRequest(Func<long> Work, CancellationToken CancellationToken)
{
    private readonly TaskCompletionSource<long> _done = new();

    /// <summary>The answer, once there is one.</summary>
    public Task<long> Done => _done.Task;

    /// <summary>Whether the thread that does it is the one that will wait for it.</summary>
    public bool IsHere { get; set; }

    /// <summary>
    /// Answers. Who waits goes on in the order of the answers: from a thread of the pool the last answered would go on first, have its
    /// next request in the next batch, and again be first.
    /// </summary>
    /// <param name="answer">Sets the answer.</param>
    public void Answer(Action<TaskCompletionSource<long>> answer)
    {
        if (IsHere)
            answer(_done);
        else
            ThreadPool.QueueUserWorkItem(_ => answer(_done));
    }
}

/// <summary>
/// What waits for the one connection that writes. One at a time is at it, and takes all that waits into one transaction, so that many
/// callers share the price of one commit.
/// </summary>
/// <remarks>
/// Who is at it is a thread of the pool, or a caller that finds nobody there and may block: a way through the pool and back costs more
/// than a small instance does. Such a caller does one transaction; what came meanwhile goes to the pool.
/// </remarks>
/// <param name="run">Does requests in one transaction and answers them.</param>
internal sealed class WriteQueue(Action<IReadOnlyList<WriteRequest>> run)
{
    private const int Most = 256;
    private readonly Channel<WriteRequest> _waiting = Channel.CreateBounded<WriteRequest>(
        new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.Wait });

    // Held by who is at it.
    private SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>How many transactions there were.</summary>
    public long Transactions { get; private set; }

    /// <summary>Has work done.</summary>
    /// <param name="work">The work.</param>
    /// <param name="mayBlock">Whether the calling thread may do it, and what else waits.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public async Task<long> DoAsync(Func<long> work, bool mayBlock, CancellationToken cancellationToken)
    {
        var request = new WriteRequest(work, cancellationToken);
        try
        {
            await _waiting.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ArchiveIndex));
        }

        if (Turn.Wait(0))
        {
            request.IsHere = mayBlock;
            if (mayBlock)
                Run(() => RunBatch());
            else
                RunAllOnPool();
        }

        return await request.Done.ConfigureAwait(false);
    }

    /// <summary>Finishes what waits, and takes no more.</summary>
    public async Task CloseAsync()
    {
        _waiting.Writer.TryComplete();
        await Turn.WaitAsync().ConfigureAwait(false);
        await Task.Run(RunWaiting).ConfigureAwait(false);
        Turn.Release();
    }

    private void RunAllOnPool() => _ = Task.Run(() => Run(RunWaiting));

    private void Run(Action what)
    {
        try
        {
            what();
        }
        finally
        {
            Turn.Release();
            // Who came before that found the turn taken, and relies on a look after it.
            if (_waiting.Reader.TryPeek(out _) && Turn.Wait(0))
                RunAllOnPool();
        }
    }

    private void RunWaiting()
    {
        while (RunBatch())
            continue;
    }

    private bool RunBatch()
    {
        var batch = new List<WriteRequest>();
        while (batch.Count < Most && _waiting.Reader.TryRead(out var request))
        {
            if (request.CancellationToken.IsCancellationRequested)
                request.Answer(done => done.TrySetCanceled(request.CancellationToken));
            else
                batch.Add(request);
        }

        if (batch.Count == 0)
            return false;
        Transactions++;
        run(batch);
        return true;
    }
}
