using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Pdus;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>What the senders of one job share: the files, the contexts seen so far, and whether the node is reachable.</summary>
internal sealed class StoreSenderState(
    StoreJobOptions options, WorkQueue<StoreItem> ready, Func<StoreResult, ValueTask> report, Action<int> progress)
{
    private readonly object _gate = new();
    private readonly List<StoreContextKey> _recent = [];
    private readonly List<StoreItem> _underWay = [];

    public StoreJobOptions Options => options;

    /// <summary>Whom to call, with the operations window that is proposed.</summary>
    public AssociationOptions Association { get; } = options.AsyncOperations == 1 ? options.Association : options.Association with
    {
        // This side performs nothing at the peer's request (PS3.7 D.3.3.3.1).
        ExtraUserItems = [.. options.Association.ExtraUserItems, new AsynchronousOperationsWindow((ushort)options.AsyncOperations, 1)],
    };

    /// <summary>What follows how many associations are worth while; null where their number stands.</summary>
    public LinePace<StoreItem>? Pace { get; set; }

    public WorkQueue<StoreItem> Ready => ready;

    public Func<StoreResult, ValueTask> Report => report;

    public Action<int> Progress => progress;

    public RetryPolicy Policy { get; } = options.Policy;

    /// <summary>Whether no further file is begun.</summary>
    public volatile bool IsClosed;

    /// <summary>The result of a file that was not begun any more.</summary>
    public StoreResult NotBegun(string path) => new()
    {
        Path = path,
        Success = false,
        Status = "NotSent",
        Error = "It was not begun: sending was cancelled before.",
        Advice = "Send the files with Status NotSent again.",
        Node = options.Node,
    };

    /// <summary>How many files have been begun and have no result.</summary>
    public int UnderWay => Locked(() => _underWay.Count);

    /// <summary>The file that has been under way for longest; null when none is.</summary>
    public StoreItem? Oldest => Locked(_underWay.FirstOrDefault);

    /// <summary>Notes that a file has been begun, for the first time or again.</summary>
    public void Begin(StoreItem item) => Locked(() =>
    {
        if (item.Begun is { })
            return false;
        item.Begun = DateTime.UtcNow;
        _underWay.Add(item);
        return true;
    });

    /// <summary>Notes that a file has its result.</summary>
    public void End(StoreItem item) => Locked(() => _underWay.Remove(item));

    /// <summary>Notes what a file needs, so that the next association proposes it.</summary>
    public void Saw(StoreContextKey key) => Locked(() =>
    {
        _recent.Remove(key);
        _recent.Insert(0, key);
        return _recent.Count > 1024 && _recent.Remove(_recent[1024]);
    });

    /// <summary>What was seen, the latest first, behind what is needed at once.</summary>
    public IReadOnlyList<StoreContextKey> Wanted(IEnumerable<StoreContextKey> first) =>
        Locked(() => (StoreContextKey[])[.. first, .. _recent]);

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
            return work();
    }
}
