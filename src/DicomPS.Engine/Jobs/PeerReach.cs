namespace DicomPS.Jobs;

/// <summary>
/// Whether a node can be reached, as all find it who call it: the workers of a job, and the jobs that share this. A node that
/// serves one of them is reached: it may have no room for another association, and is then no reason to give up what waits.
/// Any thread may use it.
/// </summary>
/// <param name="lasts">How long the loss of the node stands for those that come after it; null for half a minute.</param>
public sealed class PeerReach(TimeSpan? lasts = null)
{
    // A peer counts an association that has just ended for a moment more.
    private static readonly TimeSpan Afterglow = TimeSpan.FromSeconds(2);
    private readonly TimeSpan _lasts = lasts ?? TimeSpan.FromSeconds(30);
    private readonly object _gate = new();
    private DicomException? _problem;
    private DateTime _until;
    private int _connecting;
    private int _open;
    private DateTime _servedUntil;
    private bool _hasServed;
    private string? _trouble;
    private TaskCompletionSource<bool>? _tried;

    /// <summary>Why the node, which has served before, cannot be reached at the moment and is tried again; null otherwise.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Why the node is lost at the moment; null when it is not.</summary>
    public DicomException? Problem
    {
        get
        {
            lock (_gate)
                return _open == 0 && DateTime.UtcNow < _until ? _problem : null;
        }
    }

    /// <summary>What is known of the node after a failure to connect.</summary>
    /// <param name="problem">The failure. Where nobody listens, it is not for want of room.</param>
    internal PeerStanding StandingAfter(DicomException problem)
    {
        lock (_gate)
            return Serves(problem) ? PeerStanding.Serving : _hasServed ? PeerStanding.Served : PeerStanding.New;
    }

    /// <summary>Connects, and notes what came of it.</summary>
    /// <param name="connect">What opens the association.</param>
    internal async Task<T> ConnectAsync<T>(Func<Task<T>> connect)
    {
        lock (_gate)
            _connecting++;
        var isOpen = false;
        try
        {
            var association = await connect().ConfigureAwait(false);
            isOpen = true;
            return association;
        }
        finally
        {
            lock (_gate)
            {
                _connecting--;
                if (isOpen)
                {
                    _open++;
                    _hasServed = true;
                    _problem = null;
                    _trouble = null;
                }

                _tried?.TrySetResult(true);
                _tried = null;
            }
        }
    }

    /// <summary>An association is gone.</summary>
    internal void Closed()
    {
        lock (_gate)
        {
            _open--;
            _servedUntil = DateTime.UtcNow + Afterglow;
        }
    }

    /// <summary>Notes that a node is tried again; where it has served, that is a trouble.</summary>
    /// <param name="problem">How the last try failed.</param>
    internal void Retries(DicomException problem)
    {
        lock (_gate)
            _trouble = _hasServed ? problem.Message : null;
    }

    /// <summary>
    /// All tries of a worker were in vain: the node is lost, unless another worker, whose try is under way, gets through.
    /// </summary>
    /// <param name="problem">How the last try failed.</param>
    /// <returns>False when the node serves somebody after all.</returns>
    internal async Task<bool> IsLostAsync(DicomException problem)
    {
        while (true)
        {
            Task tried;
            lock (_gate)
            {
                if (Serves(problem))
                    return false;
                if (_connecting == 0)
                {
                    _problem = problem;
                    _trouble = null;
                    _until = DateTime.UtcNow + _lasts;
                    return true;
                }

                tried = (_tried ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            // Each of the others has a timeout and hears of a cancel, so this ends.
            await tried.ConfigureAwait(false);
        }
    }

    // What an association turned out not to be for has not to do with room.
    private bool Serves(DicomException problem) =>
        (_open > 0 && problem.Stage != DicomStage.PresentationContext)
            || (problem.Stage == DicomStage.Association && DateTime.UtcNow < _servedUntil);
}
