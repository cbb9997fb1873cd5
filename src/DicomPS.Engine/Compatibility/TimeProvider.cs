#if !NET8_0_OR_GREATER
using System.Diagnostics;

namespace System;

/// <summary>
/// As the class of .NET 8, as far as it is used here. Microsoft.Bcl.TimeProvider would be one more dll beside the module that another
/// module may bring in another version.
/// </summary>
internal abstract class TimeProvider
{
    public static TimeProvider System { get; } = new OfTheSystem();

    public virtual long TimestampFrequency => Stopwatch.Frequency;

    public virtual DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow;

    public virtual long GetTimestamp() => Stopwatch.GetTimestamp();

    public virtual ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Clock(new Timer(callback, state, dueTime, period));

    private sealed class OfTheSystem : TimeProvider;

    private sealed class Clock(Timer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose() => timer.Dispose();
    }
}

/// <summary>A timer of a <see cref="TimeProvider"/>; as the interface of .NET 8.</summary>
internal interface ITimer : IDisposable
{
    /// <summary>Rings again, first after a time and then in a rhythm; <see cref="Timeout.InfiniteTimeSpan"/> is never.</summary>
    bool Change(TimeSpan dueTime, TimeSpan period);
}
#endif
