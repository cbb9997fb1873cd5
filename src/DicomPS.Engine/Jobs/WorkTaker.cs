namespace DicomPS.Jobs;

/// <summary>
/// A worker as its queue knows it: what belongs to it. A group that it has begun stays its own while items of it wait or are under way,
/// and afterwards too, until it gives up its association or has begun many others since. Used under the lock of the queue.
/// </summary>
/// <param name="prefers">Which items it would have before the others; null for none.</param>
internal sealed class WorkTaker<T>(Func<T, bool>? prefers) where T : class
{
    // A stream of studies may be endless.
    private const int MostRemembered = 256;

    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private readonly Queue<string> _begun = new();

    public Func<T, bool>? Prefers => prefers;

    /// <summary>The items that wait for it alone.</summary>
    public LinkedList<WorkEntry<T>> Own { get; } = new();

    /// <summary>Whether it is one of those that may take what belongs to none.</summary>
    public bool IsAtWork { get; set; }

    /// <summary>The groups that belong to it.</summary>
    public IReadOnlyCollection<string> Groups => _underWay.Keys;

    /// <summary>Notes that an item of a group is under way.</summary>
    public void Begin(string group)
    {
        if (_underWay.TryGetValue(group, out var count))
        {
            _underWay[group] = count + 1;
            return;
        }

        _underWay[group] = 1;
        _begun.Enqueue(group);
    }

    /// <summary>Notes that an item of a group is done.</summary>
    /// <returns>A group that belongs to it no more, because it is long over; null for none.</returns>
    public string? End(string group)
    {
        if (_underWay.TryGetValue(group, out var count))
            _underWay[group] = Math.Max(count - 1, 0);
        if (_begun.Count <= MostRemembered)
            return null;
        var oldest = _begun.Dequeue();
        if (_underWay[oldest] == 0 && !Own.Any(entry => entry.Group == oldest))
        {
            _underWay.Remove(oldest);
            return oldest;
        }

        _begun.Enqueue(oldest);
        return null;
    }

    /// <summary>Nothing belongs to it any more.</summary>
    public void Forget()
    {
        _underWay.Clear();
        _begun.Clear();
    }
}

/// <summary>An item that waits.</summary>
/// <param name="Item">The item.</param>
/// <param name="Group">Its group; null for none.</param>
/// <param name="HasPlace">Whether it holds a place of the queue.</param>
internal readonly record struct WorkEntry<T>(T Item, string? Group, bool HasPlace);

/// <summary>A worker that waits for an item.</summary>
internal sealed class WorkWaiter<T>(WorkTaker<T> taker) where T : class
{
    public WorkTaker<T> Taker => taker;

    public LinkedListNode<WorkWaiter<T>>? Place { get; set; }

    public TaskCompletionSource<T?> Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
