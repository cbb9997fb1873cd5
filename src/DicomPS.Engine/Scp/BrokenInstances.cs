namespace DicomPS.Scp;

/// <summary>The latest instances that a server set aside, and how many there were. Any thread may use it.</summary>
public sealed class BrokenInstances
{
    private const int MostRemembered = 1000;
    private readonly Queue<BrokenInstance> _latest = new();
    private long _count;

    /// <summary>How many came since the start.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The latest thousand, oldest first.</summary>
    public BrokenInstanceList Latest
    {
        get
        {
            lock (_latest)
                return new BrokenInstanceList([.. _latest]);
        }
    }

    /// <summary>Notes one.</summary>
    /// <param name="instance">The instance.</param>
    public void Add(BrokenInstance instance)
    {
        Interlocked.Increment(ref _count);
        lock (_latest)
        {
            _latest.Enqueue(instance);
            if (_latest.Count > MostRemembered)
                _latest.Dequeue();
        }
    }
}
