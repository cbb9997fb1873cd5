using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Associations;

/// <summary>Lets one use a half of an association at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class Turns
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public ValueTask<Turn> TakeAsync(CancellationToken cancellationToken)
    {
        var wait = _free.WaitAsync(cancellationToken);
        return wait.Status == TaskStatus.RanToCompletion ? new ValueTask<Turn>(new Turn(_free)) : TakeAsync(wait);
    }

    public async ValueTask<Turn> TryTakeAsync(TimeSpan limit) =>
        await _free.WaitAsync(limit).ConfigureAwait(false) ? new Turn(_free) : default;

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
