namespace DicomPS.Transfer;

/// <summary>
/// Whether a node can be reached, as the workers of a job find it. A node that serves one of them is reached: it may
/// have no room for another association, and is then no reason to give up what waits.
/// </summary>
/// <param name="lasts">How long a failure stands for those that come after it.</param>
internal sealed class NodeReach(TimeSpan lasts)
{
    // A peer counts an association that has just ended for a moment more.
    private static readonly TimeSpan Afterglow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private readonly object _gate = new();
    private DicomException? _problem;
    private DateTime _until;
    private int _connecting;
    private int _open;
    private DateTime _servedUntil;

    /// <summary>Why the node counts as unreachable at the moment; null when it does not.</summary>
    public DicomException? Problem
    {
        get
        {
            lock (_gate)
                return _open == 0 && DateTime.UtcNow < _until ? _problem : null;
        }
    }

    /// <summary>Whether another worker has an association open, or had one until just now.</summary>
    public bool IsServing
    {
        get
        {
            lock (_gate)
                return Serves;
        }
    }

    /// <summary>Connects, and notes what came of it.</summary>
    /// <param name="connect">What opens the association.</param>
    public async Task<T> ConnectAsync<T>(Func<Task<T>> connect)
    {
        Count(ref _connecting, 1);
        try
        {
            var association = await connect().ConfigureAwait(false);
            lock (_gate)
            {
                _open++;
                _problem = null;
            }
            return association;
        }
        finally
        {
            Count(ref _connecting, -1);
        }
    }

    /// <summary>Its association is gone.</summary>
    public void Closed()
    {
        lock (_gate)
        {
            _open--;
            _servedUntil = DateTime.UtcNow + Afterglow;
        }
    }

    /// <summary>
    /// All tries of a worker were in vain: the node is lost, unless another worker, whose try is under way, gets through.
    /// </summary>
    /// <param name="problem">How the last try failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when the node serves somebody after all.</returns>
    public async Task<bool> IsLostAsync(DicomException problem, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (Serves)
                    return false;
                if (_connecting == 0)
                {
                    _problem = problem;
                    _until = DateTime.UtcNow + lasts;
                    return true;
                }
            }
            // Each of the others has a number of tries with a timeout, so this ends.
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
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

    private bool Serves => _open > 0 || DateTime.UtcNow < _servedUntil;

    private void Count(ref int count, int change)
    {
        lock (_gate)
            count += change;
    }
}
