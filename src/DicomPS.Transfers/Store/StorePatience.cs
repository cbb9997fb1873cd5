namespace DicomPS.Transfers.Store;

/// <summary>
/// Calls a store until it is there: what may pass is tried again, soon at first and every half minute in the end. That it is away is told
/// once, however long and whoever calls, and that it is back. For any thread.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="warn">Told both, on any thread.</param>
internal sealed class StorePatience(TimeProvider time, Action<string>? warn)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(30);
    private int _isAway;

    /// <summary>Whether the last call failed.</summary>
    public bool IsAway => Volatile.Read(ref _isAway) == 1;

    /// <summary>Runs something until the store takes it.</summary>
    /// <param name="work">What is run; again after a failure that may pass.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreException">It failed with what does not pass, such as a wrong password.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<T> KeepAtAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                var result = await work(cancellationToken).ConfigureAwait(false);
                Served();
                return result;
            }
            catch (StoreException problem) when (problem.IsTransient)
            {
                Failed(problem);
            }

            await time.PauseAsync(pause, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A call failed with what may pass.</summary>
    public void Failed(StoreException problem)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
            warn?.Invoke($"{problem.Message} It is tried again until it is there. {problem.Advice}".TrimEnd());
    }

    /// <summary>A call got through.</summary>
    public void Served()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
            warn?.Invoke("The store is there again.");
    }
}
