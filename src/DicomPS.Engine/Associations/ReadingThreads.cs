using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace DicomPS.Associations;

/// <summary>
/// Threads of a server for reads that may wait in the kernel, so that a wait for the next bytes of a busy peer costs no way through the
/// thread pool. No more than a number of them; each is held only as long as what it runs comes to its next wait for something else.
/// </summary>
/// <param name="most">How many there may be.</param>
internal sealed class ReadingThreads(int most)
{
    [ThreadStatic]
    private static ReadingThreads? _current;

    // So many that found none within the time of a crowd, and the threads would serve few at the cost of many.
    private const int Crowd = 2;

    private readonly Queue<Action> _work = new();
    private int _idle;
    private int _refused;
    private long _firstRefusal;
    private volatile bool _isWanted;
    private volatile bool _isCrowded;
    private long _crowdedSince;

    /// <summary>
    /// How long a read may wait here: a peer that is silent for longer is left to the thread pool. Also the longest that an abort, a
    /// cancellation or a timeout goes unnoticed.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// A read that comes sooner than this after the one before is of a peer that keeps a thread busy; others give way to who finds none.
    /// </summary>
    public TimeSpan Busy { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a thread without work is kept: a new one takes longer than a small file.</summary>
    public TimeSpan KeptIdle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long all leave the threads alone after several found none: who has one is served so much sooner that the others would starve.
    /// Also how long who found none does not ask again.
    /// </summary>
    public TimeSpan CrowdTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the calling thread is one of these.</summary>
    public bool IsHere => ReferenceEquals(_current, this);

    /// <summary>Whether somebody found all of them at work.</summary>
    public bool IsWanted => _isWanted;

    /// <summary>Whether so many want one that nobody has one.</summary>
    public bool IsCrowded
    {
        get
        {
            if (!_isCrowded) return false;
            if (IsWithin(Volatile.Read(ref _crowdedSince))) return true;
            return _isCrowded = false;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Awaited, it goes on on one of these threads; where it is, when all are at work.</summary>
    public Entry Enter() => new(this);

    private bool TryRun(Action work)
    {
        lock (_work)
        {
            if (_idle > _work.Count)
            {
                _work.Enqueue(work);
                Monitor.Pulse(_work);
                return true;
            }

            _isWanted = Count == most;
            if (_isWanted)
            {
                Refuse();
                return false;
            }

            Count++;
        }

        // Whose work it is shall not stay with a thread that others use after it.
        using (ExecutionContext.SuppressFlow()) new Thread(Run) { IsBackground = true, Name = "DicomPS reading" }.Start(work);
        return true;
    }

    private void Refuse()
    {
        if (_refused == 0 || !IsWithin(_firstRefusal)) (_refused, _firstRefusal) = (0, Stopwatch.GetTimestamp());
        if (++_refused < Crowd) return;
        _refused = 0;
        Volatile.Write(ref _crowdedSince, Stopwatch.GetTimestamp());
        _isCrowded = true;
    }

    private bool IsWithin(long since) => Stopwatch.GetTimestamp() - since < CrowdTime.TotalSeconds * Stopwatch.Frequency;

    private void Run(object? first)
    {
        _current = this;
        for (var work = (Action?)first; work is { }; work = Next()) work();
    }

    private Action? Next()
    {
        lock (_work)
        {
            _idle++;
            _isWanted = false;
            while (_work.Count == 0 && Monitor.Wait(_work, KeptIdle)) continue;
            _idle--;
            if (_work.Count > 0) return _work.Dequeue();
            Count--;
            return null;
        }
    }

    /// <summary>The way onto one of the threads.</summary>
    public readonly struct Entry(ReadingThreads threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => threads.IsHere;

        public Entry GetAwaiter() => this;

        public void GetResult()
        {
            // There is nothing to give.
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            if (!threads.TryRun(continuation)) continuation();
        }
    }
}
