namespace DicomPS.Associations;

/// <summary>A named wait with a limit.</summary>
/// <param name="Name">The timeout as the options name it.</param>
/// <param name="Value">The limit; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
/// <param name="WaitingFor">What does not come, for the message.</param>
/// <param name="Since">When the limit began to run (<see cref="TimeProvider.GetTimestamp"/>); null lets every byte in either direction
/// begin it again.</param>
internal readonly record struct Wait(string Name, TimeSpan Value, string WaitingFor, long? Since)
{
    /// <summary>What can be done when the wait was for nothing, or null.</summary>
    public string? Advice { get; init; }

    /// <summary>Whether a limit that no byte extends has run out.</summary>
    /// <param name="time">The clock of the connection.</param>
    public bool IsOver(TimeProvider time) => Since is { } since && Value != Timeout.InfiniteTimeSpan
        && time.GetTimestamp() - since > Value.TotalSeconds * time.TimestampFrequency;

    /// <summary>A wait whose limit begins now and that no trickle of bytes extends.</summary>
    public static Wait FromNow(TimeProvider time, string name, TimeSpan value, string waitingFor) =>
        new(name, value, waitingFor, time.GetTimestamp());

    /// <summary>The exception for a wait that was for nothing.</summary>
    public DicomTimeoutException TimedOut() =>
        new(Name, Value, WaitingFor) { Stage = DicomStage.Association, IsTransient = true, Advice = Advice };
}

/// <summary>
/// Watches waits one after the other with a single timer, which is hardly ever touched: starting and stopping a wait costs a few
/// stores.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const int TicksPerMillisecondFloor = 1000;
    private readonly object _gate = new();
    private readonly Action<DicomTimeoutException> _expired;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Wait _wait;
    private bool _isWaiting;
    private long _deadline;
    private long _timerDue = long.MaxValue;
    private long _lastActivity;
    private int _holds;

    /// <summary>Makes one.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="expired">Called on a thread of the pool when a wait takes too long; at most once for each wait.</param>
    public Watchdog(TimeProvider time, Action<DicomTimeoutException> expired)
    {
        _time = time;
        _expired = expired;
        _timer = time.CreateTimer(static state => ((Watchdog)state!).OnTimer(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public void Start(Wait wait)
    {
        lock (_gate)
        {
            _wait = wait;
            _isWaiting = wait.Value != Timeout.InfiniteTimeSpan;
            if (!_isWaiting) return;
            _deadline = (wait.Since ?? _time.GetTimestamp()) + Ticks(wait.Value);
            if (_deadline < _timerDue) Schedule(_deadline);
        }
    }

    public void Stop()
    {
        lock (_gate) _isWaiting = false;
    }

    /// <summary>Notes that bytes moved.</summary>
    /// <returns>When it was.</returns>
    public long Touch()
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _lastActivity, now);
        return now;
    }

    /// <summary>Lets no silence count until <see cref="Unhold"/>: it is this side that the peer waits for.</summary>
    public void Hold() => Interlocked.Increment(ref _holds);

    /// <summary>Ends a <see cref="Hold"/>; from now on silence counts again.</summary>
    public void Unhold()
    {
        Touch();
        Interlocked.Decrement(ref _holds);
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        DicomTimeoutException? expired = null;
        lock (_gate)
        {
            _timerDue = long.MaxValue;
            if (!_isWaiting) return;
            if (_wait.Since is null)
            {
                if (Volatile.Read(ref _holds) > 0) Touch();
                _deadline = Math.Max(_deadline, Volatile.Read(ref _lastActivity) + Ticks(_wait.Value));
            }

            if (_deadline > _time.GetTimestamp())
            {
                Schedule(_deadline);
                return;
            }

            _isWaiting = false;
            expired = _wait.TimedOut();
        }

        _expired(expired);
    }

    private void Schedule(long due)
    {
        _timerDue = due;
        var milliseconds = ((due - _time.GetTimestamp()) / (_time.TimestampFrequency / TicksPerMillisecondFloor)) + 1;
        try
        {
            _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Max(milliseconds, 0), int.MaxValue)), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The association is closed, and nobody waits.
        }
    }

    private long Ticks(TimeSpan value) => (long)(value.TotalSeconds * _time.TimestampFrequency);
}
