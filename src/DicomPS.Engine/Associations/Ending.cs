using System.Diagnostics.CodeAnalysis;

namespace DicomPS.Associations;

/// <summary>How an association ends. Everything here is from any thread, and the first reason wins.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer and a wait handle holds nothing of the system.")]
internal sealed class Ending
{
    private static readonly object Release = new();
    private readonly TaskCompletionSource<bool> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    /// <summary><see cref="Release"/> or the <see cref="DicomNetworkException"/> that ended the association.</summary>
    private object? _reason;

    /// <summary>Why waits were cut short: a timeout, a cancellation or an abort by this side.</summary>
    private Exception? _interruption;

    /// <summary>Whether the association ended in order.</summary>
    public bool IsReleased => ReferenceEquals(Volatile.Read(ref _reason), Release);

    /// <summary>What ended the association, unless that was a release.</summary>
    public DicomNetworkException? Failure => Volatile.Read(ref _reason) as DicomNetworkException;

    /// <summary>Comes with the end, whatever it is.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Ends the read that waits.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <returns>Whether it is the first reason.</returns>
    public bool TryRelease() => TryEnd(Release);

    /// <returns>Whether it is the first reason.</returns>
    public bool TryFail(DicomNetworkException failure) => TryEnd(failure);

    /// <summary>Ends the read that waits; its reader then aborts in order.</summary>
    public void Interrupt(Exception why)
    {
        Interlocked.CompareExchange(ref _interruption, why, null);
        _stop.Cancel();
    }

    /// <summary>Why a call was cut short: by its own token, or by something that another call did. Null when it was not.</summary>
    public Exception? InterruptionFor(CancellationToken cancellationToken)
    {
        var interruption = Volatile.Read(ref _interruption);
        if (interruption is not OperationCanceledException) return interruption;
        return cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken)
            : Explanations.AbortedHere(0, 0);
    }

    /// <summary>The exception for a call that comes after the end.</summary>
    public Exception ForLateCall() => Failure ?? new AssociationAbortedException(
        IsReleased ? "The association has been released." : "The association is not established.")
    { Stage = DicomStage.Association };

    private bool TryEnd(object reason)
    {
        var isFirst = Interlocked.CompareExchange(ref _reason, reason, null) is null;
        _reached.TrySetResult(true);
        return isFirst;
    }
}
