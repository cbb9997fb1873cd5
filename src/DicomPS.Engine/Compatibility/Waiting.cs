namespace DicomPS.Compatibility;

/// <summary>Waits by a clock.</summary>
internal static class Waiting
{
    /// <summary>Waits for a time.</summary>
    public static Task Delay(this TimeProvider time, TimeSpan span)
    {
#if NET8_0_OR_GREATER
        return Task.Delay(span, time);
#else
        var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var timer = time.CreateTimer(_ => over.TrySetResult(true), null, span, Timeout.InfiniteTimeSpan);
        return over.Task.ContinueWith(_ => timer.Dispose(), TaskScheduler.Default);
#endif
    }
}
