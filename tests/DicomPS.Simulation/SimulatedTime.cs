namespace DicomPS.Simulation;

/// <summary>
/// A clock that stands still while anybody has something to do, and goes to the next timer when nobody has: so timeouts of minutes
/// cost nothing, and nothing depends on how fast the machine is.
/// </summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly PriorityQueue<Ring, (long Due, long Number)> _rings = new();
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _now;
    private long _number;
    private int _idle;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(_now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var clock = new Clock(this, callback, state);
        clock.Change(dueTime, period);
        return clock;
    }

    /// <summary>Waits; those who wait for the same moment go on in the order in which they came.</summary>
    public Task DelayAsync(TimeSpan time)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(time, new Ring(done.SetResult));
        return done.Task;
    }

    /// <summary>
    /// Runs something to its end on the one thread of the pool, and the clock beside it. Called on another thread, which waits.
    /// </summary>
    /// <exception cref="StuckException">Nobody has anything to do, and it has not ended.</exception>
    public void Run(Func<Task> what)
    {
        var work = Task.Run(what);
        var clock = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(_ => Look(work, clock), null);
        clock.Task.GetAwaiter().GetResult();
        work.GetAwaiter().GetResult();
    }

    // Runs on the thread of the pool: nothing else does meanwhile, and what could is counted.
    private void Look(Task work, TaskCompletionSource ended)
    {
        if (work.IsCompleted)
        {
            ended.SetResult();
            return;
        }

        if (ThreadPool.PendingWorkItemCount > 0)
        {
            _idle = 0;
        }
        else if (_rings.TryDequeue(out var ring, out var due))
        {
            _now = Math.Max(_now, due.Due);
            ring.Sound?.Invoke();
        }
        else
        {
            // Somebody may wait by the clock of the system.
            Thread.Sleep(1);
            if (++_idle > Patience.TotalMilliseconds)
            {
                ended.SetException(new StuckException());
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => Look(work, ended), null);
    }

    private void Add(TimeSpan time, Ring ring) => _rings.Enqueue(ring, (_now + time.Ticks, _number++));

    private sealed class Ring(Action? sound)
    {
        public Action? Sound { get; set; } = sound;
    }

    private sealed class Clock(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private Ring? _next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_next is { })
                _next.Sound = null;
            _next = dueTime == Timeout.InfiniteTimeSpan ? null : new Ring(() => callback(state));
            if (_next is { })
                time.Add(dueTime, _next);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

/// <summary>Everybody waits for something that does not come.</summary>
internal sealed class StuckException() : Exception("Nobody has anything to do, and the run is not at its end.");
