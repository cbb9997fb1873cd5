using DicomPS.Pdus;

namespace DicomPS.Associations;

// The engine: reads events, fires them into the table, does what the table says.
public sealed partial class Association
{
    private readonly object _gate = new();
    private readonly long _opened;
    private AssociationState _state = AssociationState.Idle;

    /// <summary>What an event means to the user of the upper layer.</summary>
    private enum Indication
    {
        None,
        Requested,
        Accepted,
        Rejected,
        Data,
        ReleaseIndicated,
        ReleaseConfirmed,
        Closed,
    }

    /// <summary>The state of PS3.8 9.2.1.</summary>
    public AssociationState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    /// <summary>Takes an event through the table.</summary>
    /// <returns>False when the event cannot happen in the state.</returns>
    private bool TryFire(UpperLayerEvent happened, out UpperLayerAction action, bool otherwise = false)
    {
        lock (_gate)
        {
            var cell = AssociationTable.Next(_state, happened);
            action = cell?.Action ?? default;
            if (cell is not { } transition) return false;
            _state = otherwise ? transition.Otherwise : transition.Next;
            return true;
        }
    }

    /// <summary>Waits for the next event and does what the table says about it.</summary>
    /// <returns>What it means, and the PDU that came, if it was one.</returns>
    /// <exception cref="DicomNetworkException">The association has ended otherwise than by release.</exception>
    private async ValueTask<(Indication Indication, Pdu? Pdu)> StepAsync(Wait wait, CancellationToken cancellationToken)
    {
        var received = await _receiving.NextAsync(wait, cancellationToken).ConfigureAwait(false);
        if (received.Event == UpperLayerEvent.DataReceived && Response is { } && FindContext(_receiving.Buffer.Fragment.ContextId) is null)
            received = UnknownContext();
        else if (received.Problem is DicomTimeoutException && State == AssociationState.AwaitingRequest)
            received = received with { Event = UpperLayerEvent.ArtimExpired };
        return (await ReactAsync(received).ConfigureAwait(false), received.Pdu);
    }

    private Received UnknownContext()
    {
        var what = $"A PDV came for presentation context {_receiving.Buffer.Fragment.ContextId}, which was not accepted.";
        return new Received(UpperLayerEvent.InvalidPduReceived, null, new MalformedPduException(what, AbortReason.InvalidParameterValue));
    }

    private async ValueTask<Indication> ReactAsync(Received received)
    {
        var before = State;
        var isCollisionOnAcceptor = received.Event == UpperLayerEvent.ReleaseRqReceived && !IsRequestor;
        if (!TryFire(received.Event, out var action, isCollisionOnAcceptor))
            throw received.Problem as OperationCanceledException ?? _ending.ForLateCall();

        switch (action)
        {
            case UpperLayerAction.DT2 or UpperLayerAction.AR6:
                return Indication.Data;
            case UpperLayerAction.AE3:
                return Indication.Accepted;
            case UpperLayerAction.AE4:
                Close();
                return Indication.Rejected;
            case UpperLayerAction.AE6:
                return Indication.Requested;
            case UpperLayerAction.AR2 or UpperLayerAction.AR8:
                return Indication.ReleaseIndicated;
            case UpperLayerAction.AR3:
                Close();
                return Indication.ReleaseConfirmed;
            case UpperLayerAction.AR10:
                return Indication.ReleaseConfirmed;
            case UpperLayerAction.AR5:
                Close();
                return Indication.Closed;
            case UpperLayerAction.AA1 when received.Event == UpperLayerEvent.AbortRequest:
                EndWith(received.Problem as DicomNetworkException ?? Explanations.AbortedHere(0, 0));
                await SendAbortAsync(0, 0).ConfigureAwait(false);
                throw received.Problem!;
            case UpperLayerAction.AA1:
                throw await BreakAsync(received, before, 0, AbortReason.NotSpecified).ConfigureAwait(false);
            case UpperLayerAction.AA8:
                throw await BreakAsync(received, before, 2, ReasonOf(received)).ConfigureAwait(false);
            case UpperLayerAction.AA7:
                await SendAbortAsync(2, ReasonOf(received)).ConfigureAwait(false);
                return Indication.None;
            case UpperLayerAction.AA2 when before == AssociationState.AwaitingClose:
                Close();
                return Indication.Closed;
            case UpperLayerAction.AA2 when received.Event == UpperLayerEvent.ArtimExpired:
                Close();
                throw EndWith((DicomTimeoutException)received.Problem!);
            case UpperLayerAction.AA2 or UpperLayerAction.AA3:
                Close();
                throw EndWith(Explanations.AbortedByPeer((Abort)received.Pdu!, before));
            case UpperLayerAction.AA4 or UpperLayerAction.AA5:
                var closed = ExplainClosed(received, before);
                Close();
                throw EndWith(closed);
            default: // AA-6
                return Indication.None;
        }
    }

    private static byte ReasonOf(Received received) =>
        received.Problem is MalformedPduException malformed ? malformed.AbortReason : AbortReason.UnexpectedPdu;

    private async ValueTask<DicomNetworkException> BreakAsync(Received received, AssociationState before, byte source, byte reason)
    {
        var what = received.Problem?.Message ?? $"{received.Event} cannot happen in the state {before}.";
        var end = EndWith(Explanations.ProtocolBroken(what, received.Problem, before, source, reason, _receiving.Buffer.Unread,
            IsRequestor));
        await SendAbortAsync(source, reason).ConfigureAwait(false);
        return end;
    }

    // A peer of another protocol may close after a few bytes, before they are enough to be malformed.
    private DicomNetworkException ExplainClosed(Received received, AssociationState before) =>
        Explanations.ConnectionClosed(received.Problem, before, _receiving.Buffer.IsInsidePdu, _transport.IsSecure,
            _transport.LacksCertificate);

    private DicomNetworkException EndWith(DicomNetworkException end)
    {
        if (_ending.TryFail(end)) Tell(AssociationEventKind.Aborted, _opened, end.Message);
        return _ending.Failure ?? end;
    }

    private async ValueTask SendAsync(Pdu pdu, CancellationToken cancellationToken)
    {
        using var turn = await _sending.Turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        _sending.Buffer.Append(pdu);
        await WriteOutAsync(cancellationToken).ConfigureAwait(false);
    }

    // For who has the turn to send.
    private async ValueTask WriteOutAsync(CancellationToken cancellationToken)
    {
        if (await _sending.WriteAsync(cancellationToken).ConfigureAwait(false) is not { } problem) _receiving.Watch.Touch();
        else if (await ExplainFailedWriteAsync(problem, cancellationToken).ConfigureAwait(false) is { } failure) throw failure;
    }

    /// <returns>Null when the write arrived after all.</returns>
    private async ValueTask<Exception?> ExplainFailedWriteAsync(Exception problem, CancellationToken cancellationToken)
    {
        var interruption = _ending.InterruptionFor(cancellationToken);
        if (interruption is { } && _ending.Failure is null)
        {
            TryFire(UpperLayerEvent.AbortRequest, out _);
            EndWith(interruption as DicomNetworkException ?? Explanations.AbortedHere(0, 0));
        }

        if (interruption is OperationCanceledException) return interruption;
        if (_ending.Failure is { } known) return known;
        await LearnWhyAsync().ConfigureAwait(false);
        if (_ending.Failure is { } learnt) return learnt;

        // The release request was answered and the connection closed by the one who reads, before this write heard of its own end.
        if (_ending.IsReleased) return null;
        TryFire(UpperLayerEvent.TransportClosed, out _);
        var end = EndWith(Explanations.ConnectionClosed(problem, AssociationState.Established, isInsidePdu: false, _transport.IsSecure));
        Close();
        return end;
    }

    /// <summary>
    /// A peer that aborts and closes breaks our write; its A-ABORT may still lie in the receive buffer, or the one who reads may have
    /// it.
    /// </summary>
    private async ValueTask LearnWhyAsync()
    {
        using var turn = await _receiving.Turns.TryTakeAsync(TimeSpan.Zero).ConfigureAwait(false);
        if (!turn.IsTaken)
        {
            await Task.WhenAny(_ending.Reached, _transport.Time.Delay(LearningTime)).ConfigureAwait(false);
            return;
        }

        try
        {
            var wait = Wait.FromNow(_transport.Time, "write", LearningTime, "the reason of the peer");
            while (true) await StepAsync(wait, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomNetworkException)
        {
            // It is the end that was looked for.
        }
    }

    private static readonly TimeSpan LearningTime = TimeSpan.FromSeconds(2);
}
