namespace DicomPS.Transfers.Working;

/// <summary>How much a worker moves where it measures: it begins no more studies than this, and none after this time.</summary>
/// <param name="studies">How many studies.</param>
/// <param name="time">How long studies are begun.</param>
/// <param name="clock">The clock.</param>
internal sealed class MoveQuota(long studies, TimeSpan time, TimeProvider clock)
{
    private readonly Passed _since = Passed.Since(clock);
    private long _left = studies;
    private long _mayFail = studies;

    /// <summary>Whether nothing more is begun.</summary>
    public bool IsSpent => Interlocked.Read(ref _left) <= 0 || _since.Is(time);

    /// <summary>Takes one.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryTake()
    {
        if (!_since.Is(time) && Interlocked.Decrement(ref _left) >= 0)
            return true;
        Interlocked.CompareExchange(ref _left, 0, -1);
        return false;
    }

    /// <summary>
    /// One that was not moved counts for nothing. As many as are to be moved may fail so, and not the whole list where every one does.
    /// </summary>
    /// <param name="hasFailed">Whether it was tried and failed.</param>
    public void GiveBack(bool hasFailed = false)
    {
        if (!hasFailed || Interlocked.Decrement(ref _mayFail) >= 0)
            Interlocked.Increment(ref _left);
    }
}
