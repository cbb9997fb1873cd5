namespace DicomPS.Jobs;

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
    // With the waits of Delay about two minutes: a PACS that is restarted is back by then.
    private const int PatientRetries = 7;
    private readonly object _gate = new();
    private DicomException? _problem;
    private DateTime _until;
    private int _connecting;
    private int _open;
    private DateTime _servedUntil;
    private bool _hasServed;
    private string? _trouble;

    /// <summary>Why the node counts as unreachable at the moment; null when it does not.</summary>
    public DicomException? Problem
    {
        get
        {
            lock (_gate)
                return _open == 0 && DateTime.UtcNow < _until ? _problem : null;
        }
    }

    /// <summary>
    /// Whether a failure to connect means no room for one more: another worker has an association open, or had one until just now.
    /// </summary>
    /// <param name="problem">The failure. Where nobody listens, it is not for want of room.</param>
    public bool HasNoRoom(DicomException problem)
    {
        lock (_gate)
            return Serves(problem);
    }

    /// <summary>Why the node, which has served this job, cannot be reached at the moment and is tried again; null otherwise.</summary>
    public string? Trouble
    {
        get
        {
            lock (_gate)
                return _trouble;
        }
    }

    /// <summary>
    /// Whether connecting is to be tried again: as often as asked for, and longer when the node has served this job, unless no retries
    /// were asked for.
    /// </summary>
    /// <param name="problem">How the last try failed.</param>
    /// <param name="attempts">How many tries there were.</param>
    /// <param name="asked">How many retries were asked for.</param>
    public bool MayRetry(DicomException problem, int attempts, int asked)
    {
        lock (_gate)
        {
            var isPatient = _hasServed && asked > 0;
            if (attempts > (isPatient ? Math.Max(asked, PatientRetries) : asked))
                return false;
            _trouble = isPatient ? problem.Message : null;
            return true;
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
                _hasServed = true;
                _trouble = null;
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
                if (Serves(problem))
                    return false;
                if (_connecting == 0)
                {
                    _problem = problem;
                    _trouble = null;
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
    public static TimeSpan RoomDelay(TimeSpan first) =>
        first < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100)
            : first > TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : first;

    private bool Serves(DicomException problem) => _open > 0 || (problem.Stage == DicomStage.Association && DateTime.UtcNow < _servedUntil);

    private void Count(ref int count, int change)
    {
        lock (_gate)
            count += change;
    }
}
