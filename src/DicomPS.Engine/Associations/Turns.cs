using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Associations;

/// <summary>Lets one use a half of an association at a time.</summary>
/// <param name="time">The clock of the connection.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class Turns(TimeProvider time)
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public ValueTask<Turn> TakeAsync(CancellationToken cancellationToken)
    {
        var wait = _free.WaitAsync(cancellationToken);
        return wait.Status == TaskStatus.RanToCompletion ? new ValueTask<Turn>(new Turn(_free)) : TakeAsync(wait);
    }

    public async ValueTask<Turn> TryTakeAsync(TimeSpan limit)
    {
        if (_free.Wait(0)) return new Turn(_free);
        if (limit == TimeSpan.Zero) return default;
        // Nobody disposes of it: it has no timer of its own, and the one here may ring late.
        var over = new CancellationTokenSource();
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), over, limit,
            Timeout.InfiniteTimeSpan);
        try
        {
            await _free.WaitAsync(over.Token).ConfigureAwait(false);
            return new Turn(_free);
        }
        catch (OperationCanceledException)
        {
            return default;
        }
    }

    private async ValueTask<Turn> TakeAsync(Task wait)
    {
        await wait.ConfigureAwait(false);
        return new Turn(_free);
    }

    /// <summary>A turn, which disposing ends.</summary>
    public readonly struct Turn(SemaphoreSlim free) : IDisposable
    {
        /// <summary>Whether there was a turn to take in time.</summary>
        public bool IsTaken => free is { };

        public void Dispose() => free?.Release();
    }
}
