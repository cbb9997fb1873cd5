namespace DicomPS.Serving;

/// <summary>
/// Calls the subscribers of a server, one notice after the other, on a task of its own: no peer waits for them. When they are slower than
/// what comes, the oldest notices are left out and counted.
/// </summary>
internal sealed class ServerNotices
{
    private const int Capacity = 4096;

    private readonly ArrivalQueue<Action> _waiting = new(Capacity);
    private int _isRunning;

    /// <summary>How many notices were left out.</summary>
    public long Dropped => _waiting.Forgotten;

    /// <summary>Has something called; returns at once.</summary>
    /// <param name="call">Calls the subscribers.</param>
    /// <param name="failed">Told of what they throw.</param>
    public void Post(Action call, Action<Exception> failed)
    {
        _waiting.Add(() =>
        {
            try
            {
                call();
            }
            catch (Exception problem)
            {
                failed(problem);
            }
        });
        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
            _ = Task.Run(RunAsync);
    }

    /// <summary>Takes nothing more; what waits is still called.</summary>
    public void Complete() => _waiting.Complete();

    private async Task RunAsync()
    {
        while (await _waiting.WaitAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_waiting.TryDequeue(out var call))
                call();
        }
    }
}
