using System.Threading.Channels;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>What both sides answered for one window.</summary>
/// <param name="Window">The window.</param>
/// <param name="IsDateless">Whether it is the one for what has no date.</param>
/// <param name="Reference">The reference's answer.</param>
/// <param name="Difference">The other's answer.</param>
/// <param name="Index">Its place in the plan.</param>
internal sealed record WindowPair(QueryWindow Window, bool IsDateless, WindowBag Reference, WindowBag Difference, int Index)
{
    /// <summary>Whether both sides answered in full.</summary>
    public bool IsComplete => Reference.IsComplete && Difference.IsComplete;

    /// <summary>Whether a side was not asked, or failed, so that another time may bring more.</summary>
    public bool HasFailed => Reference.HasFailed || Difference.HasFailed;

    /// <summary>How many studies are held for it.</summary>
    public int Count => Reference.Studies.Count + Difference.Studies.Count;
}

/// <summary>
/// Brings the answers of both sides together, window by window, whichever comes first. The side that is ahead waits when too much of it is
/// held, and its answers in the spool of its job; so memory does not grow with the archives.
/// </summary>
/// <param name="windows">The windows.</param>
/// <param name="mostHeld">How many studies of a side may be held before it waits.</param>
internal sealed class WindowMerge(IReadOnlyList<QueryWindow> windows, int mostHeld = 20_000)
{
    private readonly object _gate = new();
    private readonly WindowBag?[][] _bags = [new WindowBag?[windows.Count], new WindowBag?[windows.Count]];
    private readonly long[] _held = new long[2];
    private readonly bool[] _waits = new bool[2];
    private readonly bool[] _isFinished = new bool[2];
    private readonly Channel<WindowPair> _pairs = Channel.CreateUnbounded<WindowPair>();
    private int _outstanding;
    private TaskCompletionSource<bool> _changed = New();

    /// <summary>The windows that both have ended.</summary>
    public ChannelReader<WindowPair> Pairs => _pairs.Reader;

    /// <summary>How many windows both have ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Takes what a side answered for a window, and waits when there is too much of it.</summary>
    /// <param name="side">0 for the reference, 1 for the other.</param>
    /// <param name="index">The place of the window.</param>
    /// <param name="bag">What it answered.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public async Task DeliverAsync(int side, int index, WindowBag bag, CancellationToken cancellationToken)
    {
        lock (_gate)
            Put(side, index, bag);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                // Where both wait and nothing is left to compare, nobody would wake them.
                if (_held[side] <= mostHeld || (_outstanding == 0 && _waits[1 - side]))
                {
                    _waits[side] = false;
                    return;
                }

                _waits[side] = true;
                changed = _changed.Task;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, stop.Token)).ConfigureAwait(false);
            stop.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A window was compared by an earlier run.</summary>
    /// <param name="index">Its place.</param>
    public void Skip(int index)
    {
        lock (_gate)
        {
            _bags[0][index] = _bags[1][index] = WindowBag.Lost(windows[index], "");
            Ended++;
        }
    }

    /// <summary>A side has nothing more to say.</summary>
    /// <param name="side">Which.</param>
    /// <param name="why">Why it was not asked about what it has not answered.</param>
    public void Finish(int side, string why)
    {
        lock (_gate)
        {
            for (var i = 0; i < windows.Count; i++)
            {
                if (_bags[side][i] is null)
                    Put(side, i, WindowBag.Lost(windows[i], why));
            }

            _isFinished[side] = true;
            if (_isFinished[1 - side])
                _pairs.Writer.TryComplete();
            Wake();
        }
    }

    /// <summary>Ends it with an error.</summary>
    /// <param name="problem">The error.</param>
    public void Fail(Exception problem) => _pairs.Writer.TryComplete(problem);

    /// <summary>A window has been compared, and nothing of it is held any more.</summary>
    /// <param name="pair">The window.</param>
    public void Compared(WindowPair pair)
    {
        lock (_gate)
        {
            _held[0] -= pair.Reference.Studies.Count;
            _held[1] -= pair.Difference.Studies.Count;
            _outstanding--;
            Ended++;
            Wake();
        }
    }

    private static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Put(int side, int index, WindowBag bag)
    {
        _bags[side][index] = bag;
        _held[side] += bag.Studies.Count;
        if (_bags[1 - side][index] is not { } other)
            return;
        _outstanding++;
        var (reference, difference) = side == 0 ? (bag, other) : (other, bag);
        _pairs.Writer.TryWrite(new WindowPair(windows[index], WindowPlan.IsDateless(windows, index), reference, difference, index));
        // The places stay taken, by nothing.
        _bags[0][index] = _bags[1][index] = WindowBag.Lost(windows[index], "");
        Wake();
    }

    private void Wake()
    {
        _changed.TrySetResult(true);
        _changed = New();
    }
}
