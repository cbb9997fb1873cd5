namespace DicomPS.Transfers.Working;

/// <summary>How much of the spools of a worker is in use; no study is begun while it is more than the limit.</summary>
internal sealed class SpoolRoom(long limit)
{
    private TaskCompletionSource<bool> _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _used;

    /// <summary>The limit, in bytes.</summary>
    public long Limit => limit;

    /// <summary>Waits until less than the limit is in use.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var freed = Volatile.Read(ref _freed);
            if (Interlocked.Read(ref _used) < limit)
                return;
            await Task.WhenAny(freed.Task, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>So much came.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>So much is gone.</summary>
    public void Free(long bytes)
    {
        if (bytes == 0)
            return;
        Interlocked.Add(ref _used, -bytes);
        Interlocked.Exchange(ref _freed, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult(true);
    }
}
