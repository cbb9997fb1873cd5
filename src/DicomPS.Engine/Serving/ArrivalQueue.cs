using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Serving;

/// <summary>
/// A bounded queue of what came, which forgets its oldest. Who waits is woken at once, but no more often than every few milliseconds: to
/// wake a consumer for each small instance takes as long as to receive it.
/// </summary>
/// <typeparam name="T">What comes.</typeparam>
[SuppressMessage("Design", "CA1001", Justification = "The end of the queue disposes of its timer.")]
internal sealed class ArrivalQueue<T>
    where T : class
{
    private static readonly long RestTicks = Stopwatch.Frequency / 100;
    private readonly Queue<T> _items = new();
    private readonly List<TaskCompletionSource<bool>> _waiting = [];
    private readonly int _capacity;
    private readonly Timer _timer;
    private long _lastRing;
    private bool _isArmed;
    private bool _isComplete;

    public ArrivalQueue(int capacity)
    {
        if (capacity < 1) throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A queue has room for one at least.");
        _capacity = capacity;
        _timer = new Timer(static state => ((ArrivalQueue<T>)state!).Ring(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>How much was forgotten because nobody took it.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Puts something in, unless the queue is complete.</summary>
    public void Add(T item)
    {
        lock (_items)
        {
            if (_isComplete) return;
            if (_items.Count == _capacity)
            {
                _items.Dequeue();
                Forgotten++;
            }

            _items.Enqueue(item);
            if (_waiting.Count == 0 || _isArmed) return;
            var rest = _lastRing + RestTicks - Stopwatch.GetTimestamp();
            if (rest > 0)
            {
                _isArmed = true;
                _timer.Change((rest * 1000 / Stopwatch.Frequency) + 1, Timeout.Infinite);
                return;
            }
        }

        Ring();
    }

    /// <summary>Takes the oldest, if one is there.</summary>
    public bool TryDequeue([NotNullWhen(true)] out T? item)
    {
        lock (_items)
        {
            item = _items.Count > 0 ? _items.Dequeue() : null;
            return item is { };
        }
    }

    /// <summary>Waits until something is there; false when nothing will be any more.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_items)
        {
            if (_items.Count > 0 || _isComplete) return _items.Count > 0;
            _waiting.Add(turn);
        }

        using (cancellationToken.Register(() => GiveUp(turn, cancellationToken))) return await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Takes nothing more; what is there can still be taken.</summary>
    public void Complete()
    {
        lock (_items) _isComplete = true;
        _timer.Dispose();
        Ring();
    }

    private void Ring()
    {
        TaskCompletionSource<bool>[] woken;
        bool isMore;
        lock (_items)
        {
            _isArmed = false;
            _lastRing = Stopwatch.GetTimestamp();
            isMore = _items.Count > 0;
            if (!isMore && !_isComplete) return;
            woken = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var turn in woken) turn.TrySetResult(isMore);
    }

    private void GiveUp(TaskCompletionSource<bool> turn, CancellationToken cancellationToken)
    {
        lock (_items) _waiting.Remove(turn);
        turn.TrySetCanceled(cancellationToken);
    }
}
