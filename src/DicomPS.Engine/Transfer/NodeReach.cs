namespace DicomPS.Transfer;

/// <summary>
/// Whether a node can be reached, as the workers of a job find it. A node that serves one of them is reached: it may
/// have no room for another association, and is then no reason to give up what waits.
/// </summary>
/// <param name="lasts">How long a failure stands for those that come after it.</param>
internal sealed class NodeReach(TimeSpan lasts)
{
    private readonly object _gate = new();
    private DicomException? _problem;
    private DateTime _until;
    private int _open;

    /// <summary>Why the node counts as unreachable at the moment; null when it does not.</summary>
    public DicomException? Problem
    {
        get
        {
            lock (_gate)
                return _open == 0 && DateTime.UtcNow < _until ? _problem : null;
        }
    }

    /// <summary>Whether another worker has an association open.</summary>
    public bool IsServing
    {
        get
        {
            lock (_gate)
                return _open > 0;
        }
    }

    /// <summary>A worker has opened its association.</summary>
    public void Opened()
    {
        lock (_gate)
        {
            _open++;
            _problem = null;
        }
    }

    /// <summary>Its association is gone.</summary>
    public void Closed()
    {
        lock (_gate)
            _open--;
    }

    /// <summary>All tries to reach the node were in vain.</summary>
    public void Lost(DicomException problem)
    {
        lock (_gate)
        {
            _problem = problem;
            _until = DateTime.UtcNow + lasts;
        }
    }

    /// <summary>The wait before the next try: twice as long each time, at most a minute.</summary>
    /// <param name="first">The wait before the first one.</param>
    /// <param name="attempt">How many tries there were, from 1.</param>
    public static TimeSpan Delay(TimeSpan first, int attempt) =>
        TimeSpan.FromSeconds(Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 16)), 60));

    /// <summary>The wait for room at a node that serves others: short, since nobody tells when there is some.</summary>
    /// <param name="first">The wait before a first retry.</param>
    public static TimeSpan RoomDelay(TimeSpan first) => first < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : first > TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : first;
}
