using DicomPS.Associations;
using DicomPS.Scu;

namespace DicomPS.Jobs;

/// <summary>
/// A worker's line to its peer: the association is opened when there is need, kept, replaced when it broke, and released.
/// </summary>
/// <param name="reach">What is known of the peer.</param>
/// <param name="policy">How often it is called.</param>
internal sealed class PeerLine<TScu>(PeerReach reach, RetryPolicy policy) where TScu : ServiceUser
{
    private TScu? _scu;

    /// <summary>The association in use; null when none is open.</summary>
    public TScu? Scu => Volatile.Read(ref _scu);

    /// <summary>How many calls failed the last time that it was opened, those for want of room left out.</summary>
    public int FailedCalls { get; private set; }

    /// <summary>Opens the line, with as many calls as the policy grants.</summary>
    /// <param name="connect">A call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="full">Told when the peer has no room for one association more; when it returns false, the line stays closed. Null
    /// waits for room.</param>
    /// <returns>Why the node is lost; null when the line is open, or there was no room.</returns>
    public async Task<DicomException?> OpenAsync(
        Func<CancellationToken, Task<TScu>> connect, CancellationToken cancellationToken, Func<DicomException, Task<bool>>? full = null)
    {
        FailedCalls = 0;
        while (true)
        {
            if (reach.Problem is { } known)
                return known;
            try
            {
                await CallAsync(connect, cancellationToken).ConfigureAwait(false);
                return null;
            }
            catch (DicomNetworkException problem)
            {
                var step = policy.After(problem.IsTransient ? TryOutcome.NotReached : TryOutcome.Rejected, ++FailedCalls,
                    reach.StandingAfter(problem));
                if (step.Verdict == RetryVerdict.Again)
                    reach.Retries(problem);
                else if (step.Verdict == RetryVerdict.Lost && await reach.IsLostAsync(problem).ConfigureAwait(false))
                    return problem;
                else
                {
                    step = policy.Room;
                    FailedCalls = 0;
                    if (full is { } && !await full(problem).ConfigureAwait(false))
                        return null;
                }

                await Task.Delay(step.Wait, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens the line with one call.</summary>
    /// <param name="connect">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">It failed.</exception>
    public async Task CallAsync(Func<CancellationToken, Task<TScu>> connect, CancellationToken cancellationToken) =>
        _scu = await reach.ConnectAsync(() => connect(cancellationToken)).ConfigureAwait(false);

    /// <summary>
    /// Closes the line in order where that is still possible. What was asked over it has its answer; how the peer takes leave changes
    /// nothing.
    /// </summary>
    /// <param name="tell">Told when the peer did not answer the release.</param>
    public async Task ReleaseAsync(Action<DicomException>? tell = null)
    {
        if (Scu is { } scu && await scu.Association.LeaveAsync(CancellationToken.None).ConfigureAwait(false) is { } problem)
            tell?.Invoke(problem);
        await DropAsync().ConfigureAwait(false);
    }

    /// <summary>Gives up the association if it broke.</summary>
    public Task DropBrokenAsync() => Scu is { Association.State: not AssociationState.Established } ? DropAsync() : Task.CompletedTask;

    /// <summary>Closes the line; an association that is still open is aborted.</summary>
    public async Task DropAsync()
    {
        // Several whose requests were under way over it may find at once that it broke.
        if (Interlocked.Exchange(ref _scu, null) is not { } scu)
            return;
        reach.Closed();
        await scu.DisposeAsync().ConfigureAwait(false);
    }
}
