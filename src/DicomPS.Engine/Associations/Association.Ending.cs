using DicomPS.Pdus;

namespace DicomPS.Associations;

// Release, abort, and the ways to cut a wait short.
public sealed partial class Association
{
    /// <summary>How long an A-ABORT may take to leave, and how long its effect is waited for.</summary>
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(1);

    private TaskCompletionSource<bool>? _closed;

    /// <summary>
    /// Ends the association in order: flushes, sends A-RELEASE-RQ, drops P-DATA that is still on its way, and waits for the answer
    /// (PS3.8 7.2). Does nothing when it is released already.
    /// </summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <exception cref="AssociationAbortedException">The peer aborted or closed the connection instead.</exception>
    /// <exception cref="DicomTimeoutException">The answer did not come in time (release).</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken = default)
    {
        var wait = Wait.FromNow(_transport.Time, "release", _timeouts.Release, "the answer to the release request");
        await RequestReleaseAsync(cancellationToken).ConfigureAwait(false);

        using var turn = await TakeTurnToReleaseAsync(wait, cancellationToken).ConfigureAwait(false);
        while (!_ending.IsReleased)
        {
            if (_ending.Failure is { } failure) throw failure;
            var (indication, _) = await StepAsync(wait, cancellationToken).ConfigureAwait(false);
            if (await AdvanceReleaseAsync(indication).ConfigureAwait(false)) return;
        }
    }

    /// <summary>
    /// Ends the association at once with A-ABORT (PS3.8 7.3). From any thread, any number of times; calls that wait end with
    /// <see cref="AssociationAbortedException"/>.
    /// </summary>
    /// <param name="source">0 service user, 2 service provider.</param>
    /// <param name="reason">A reason of PS3.8 table 9-26; 0 unless the source is the service provider.</param>
    public async Task AbortAsync(byte source = 0, byte reason = 0)
    {
        if (!TryFire(UpperLayerEvent.AbortRequest, out _)) return;
        var end = EndWith(Explanations.AbortedHere(source, reason));
        await SendAbortAsync(source, reason).ConfigureAwait(false);
        _receiving.Interrupt(end);
    }

    /// <summary>
    /// Aborts an association that is still established and closes the connection. From any thread, any number of times. After a release
    /// it waits for the peer to close, no longer than the release timeout.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var closed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _closed, closed, null) is { } first)
        {
            await first.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await AbortAsync().ConfigureAwait(false);
            await AwaitCloseAsync().ConfigureAwait(false);
        }
        finally
        {
            Close();
            _receiving.Dispose();
            _sending.Dispose();
            if (Response is not null) EngineMeter.Close(IsRequestor, BytesSent, BytesReceived);
            _tap?.Closed?.Invoke(null);
            closed.TrySetResult(true);
        }
    }

    private async ValueTask RequestReleaseAsync(CancellationToken cancellationToken)
    {
        using var turn = await _sending.Turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (_ending.IsReleased) return;
        if (!TryFire(UpperLayerEvent.ReleaseRequest, out _))
        {
            if (_ending.Failure is { } || State is AssociationState.Idle) throw _ending.ForLateCall();
            return;
        }

        _sending.Buffer.Append(new ReleaseRq());
        await WriteOutAsync(cancellationToken).ConfigureAwait(false);
    }

    // One who receives meanwhile sees the release through, or hands over at the next piece of data.
    private async ValueTask<Turns.Turn> TakeTurnToReleaseAsync(Wait wait, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(static state => ((ReceivingHalf)state!).Cancel(), _receiving);
        var turn = await _receiving.Turns.TryTakeAsync(wait.Value).ConfigureAwait(false);
        if (turn.IsTaken) return turn;
        _receiving.Interrupt(wait.TimedOut());
        return await _receiving.Turns.TakeAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Goes on with a release after an indication (PS3.8 9.2.1, states 7 to 12).</summary>
    /// <returns>Whether the association is released.</returns>
    private async ValueTask<bool> AdvanceReleaseAsync(Indication indication)
    {
        if (indication is not (Indication.ReleaseIndicated or Indication.ReleaseConfirmed)) return false;
        if (State == AssociationState.Idle)
        {
            NoteRelease();
            return true;
        }

        // On the acceptor a collision goes on with the peer's answer (Sta10), not with ours.
        if (!TryFire(UpperLayerEvent.ReleaseResponse, out var action)) return false;
        await SendAsync(new ReleaseRp(), CancellationToken.None).ConfigureAwait(false);
        if (action != UpperLayerAction.AR4) return false;
        NoteRelease();
        return true;
    }

    private void NoteRelease()
    {
        if (_ending.TryRelease())
            Tell(AssociationEventKind.Released, _opened, $"released after {BytesSent} bytes sent and {BytesReceived} received");
    }

    private ValueTask SendAbortAsync(byte source, byte reason) => _sending.AbortAsync(new Abort(source, reason), AbortGrace);

    // Sta13: closing before the peer has read what was sent last could take it away from it.
    private async ValueTask AwaitCloseAsync()
    {
        var limit = _ending.IsReleased || _timeouts.Release < AbortGrace ? _timeouts.Release : AbortGrace;
        if (limit == Timeout.InfiniteTimeSpan) limit = AbortGrace;
        using var turn = await _receiving.Turns.TryTakeAsync(limit).ConfigureAwait(false);
        if (!turn.IsTaken) return;
        if (State == AssociationState.AwaitingClose)
        {
            var artim = Wait.FromNow(_transport.Time, "release", limit, "the peer to close the connection");
            _receiving.BeginClosing();
            try
            {
                while (State == AssociationState.AwaitingClose) await StepAsync(artim, CancellationToken.None).ConfigureAwait(false);
            }
            catch (DicomException)
            {
                // Closed in whatever way; there is no one left to tell.
            }
        }

        Close();
        _receiving.Return();
        await _sending.ReturnAsync().ConfigureAwait(false);
    }

    private void Close() => _transport.Dispose();
}
