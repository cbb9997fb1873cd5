namespace DicomPS.Compatibility;

/// <summary>Waits by a clock.</summary>
internal static class Waiting
{
    /// <summary>Waits for a time, or until one of two tokens is cancelled; leaves nothing behind with either.</summary>
    public static async Task PauseAsync(this TimeProvider time, TimeSpan span, CancellationToken one, CancellationToken other = default)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(one, other);
        var cut = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = over.Token.Register(() => cut.TrySetResult(true));
        await Task.WhenAny(time.Delay(span), cut.Task).ConfigureAwait(false);
    }

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
