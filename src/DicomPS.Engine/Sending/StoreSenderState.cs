using DicomPS.Jobs;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>What the senders of one job share: the files, the contexts seen so far, and whether the node is reachable.</summary>
internal sealed class StoreSenderState(
    StoreJobOptions options, WorkQueue<StoreItem> ready, Func<StoreResult, ValueTask> report, Action<int> progress)
{
    private readonly LinkedList<StoreContextKey> _recent = new();
    private readonly Dictionary<StoreContextKey, LinkedListNode<StoreContextKey>> _index = [];
    private readonly LinkedList<(string Path, DateTime Since)> _underWay = new();

    public StoreJobOptions Options => options;

    public WorkQueue<StoreItem> Ready => ready;

    public Func<StoreResult, ValueTask> Report => report;

    public Action<int> Progress => progress;

    public RetryPolicy Policy { get; } = options.Policy;

    /// <summary>How many files have been begun and have no result.</summary>
    public int UnderWay
    {
        get
        {
            lock (_underWay)
                return _underWay.Count;
        }
    }

    /// <summary>The file that has been under way for longest, and since when; null when none is.</summary>
    public (string Path, DateTime Since)? Oldest
    {
        get
        {
            lock (_underWay)
                return _underWay.First?.Value;
        }
    }

    /// <summary>Notes that a file has been begun; what comes back is for <see cref="End"/>.</summary>
    public LinkedListNode<(string Path, DateTime Since)> Begin(string path)
    {
        lock (_underWay)
            return _underWay.AddLast((path, DateTime.UtcNow));
    }

    /// <summary>Notes that a file has its result.</summary>
    public void End(LinkedListNode<(string Path, DateTime Since)> begun)
    {
        lock (_underWay)
            _underWay.Remove(begun);
    }

    /// <summary>Notes what a file needs, so that the next association proposes it.</summary>
    public void Saw(StoreContextKey key)
    {
        lock (_index)
        {
            if (_index.TryGetValue(key, out var node))
                _recent.Remove(node);
            else
                _index[key] = node = new LinkedListNode<StoreContextKey>(key);
            _recent.AddFirst(node);
            if (_index.Count <= 1024)
                return;
            _index.Remove(_recent.Last!.Value);
            _recent.RemoveLast();
        }
    }

    /// <summary>What was seen, the latest first, behind what is needed at once.</summary>
    public IReadOnlyList<StoreContextKey> Wanted(IEnumerable<StoreContextKey> first)
    {
        lock (_index)
            return [.. first, .. _recent];
    }
}
