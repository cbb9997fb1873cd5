using System.Diagnostics;
using DicomPS.Pdus;

namespace DicomPS.Associations;

// The engine: reads events, fires them into the table, does what the table says.
public sealed partial class Association
{
    private readonly object _gate = new();
    private readonly SemaphoreSlim _readLock = new(1, 1);
    private readonly SemaphoreSlim _writeLock = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Watchdog _readWatch;
    private readonly Watchdog _writeWatch;
    private readonly long _opened = Stopwatch.GetTimestamp();
    private AssociationState _state = AssociationState.Idle;
    private long _bytesSent;

    /// <summary>Why waits were cut short: a timeout, a cancellation or <see cref="AbortAsync"/>.</summary>
    private Exception? _interruption;

    /// <summary>What ended the association, unless that was a release.</summary>
    private volatile DicomNetworkException? _end;

    private volatile bool _isReleased;
    private bool _isStreamBroken;

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

    private async ValueTask<Received> NextAsync(Wait wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            PduToken token;
            try
            {
                token = _isStreamBroken ? SkipBroken() : _receiver.Next();
            }
            catch (MalformedPduException problem)
            {
                _isStreamBroken = true;
                return new Received(UpperLayerEvent.InvalidPduReceived, null, problem);
            }

            switch (token)
            {
                case PduToken.Data:
                    return Response is not null && _contextsById[_receiver.Fragment.ContextId] is null ? UnknownContext()
                        : new Received(UpperLayerEvent.DataReceived, null, null);
                case PduToken.Pdu:
                    return new Received(EventOf(_receiver.Pdu), _receiver.Pdu, null);
            }

            var (count, problemOfRead) = await FillAsync(wait, cancellationToken).ConfigureAwait(false);
            if (count > 0) continue;
            if (count == 0) return new Received(UpperLayerEvent.TransportClosed, null, problemOfRead);
            var isArtim = problemOfRead is DicomTimeoutException
                && State is AssociationState.AwaitingRequest or AssociationState.AwaitingClose;
            return new Received(isArtim ? UpperLayerEvent.ArtimExpired : UpperLayerEvent.AbortRequest, null, problemOfRead);
        }
    }

    private static UpperLayerEvent EventOf(Pdu pdu) => pdu switch
    {
        AssociateRq => UpperLayerEvent.AssociateRqReceived,
        AssociateAc => UpperLayerEvent.AssociateAcReceived,
        AssociateRj => UpperLayerEvent.AssociateRjReceived,
        ReleaseRq => UpperLayerEvent.ReleaseRqReceived,
        ReleaseRp => UpperLayerEvent.ReleaseRpReceived,
        Abort => UpperLayerEvent.AbortReceived,
        _ => UpperLayerEvent.InvalidPduReceived,
    };

    private Received UnknownContext()
    {
        var what = $"A PDV came for presentation context {_receiver.Fragment.ContextId}, which was not accepted.";
        return new Received(UpperLayerEvent.InvalidPduReceived, null, new MalformedPduException(what, AbortReason.InvalidParameterValue));
    }

    // Once a PDU was malformed, nothing tells where the next one begins.
    private PduToken SkipBroken()
    {
        _receiver.Discard();
        return PduToken.NeedMore;
    }

    /// <returns>A count of bytes; 0 when the connection is closed; -1 when the wait was cut short, with the reason.</returns>
    private async ValueTask<(int Count, Exception? Problem)> FillAsync(Wait wait, CancellationToken cancellationToken)
    {
        try
        {
            var read = _receiver.FillAsync(_isClosing ? CancellationToken.None : _stop.Token);
            if (read.IsCompletedSuccessfully)
            {
                _readWatch.Touch();
                return (await read.ConfigureAwait(false), null);
            }

            _readWatch.Start(wait);
            try
            {
                using var registration = cancellationToken.Register(static state => ((Association)state!).Cancel(), this);
                var count = await read.ConfigureAwait(false);
                _readWatch.Touch();
                return (count, null);
            }
            finally
            {
                _readWatch.Stop();
            }
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            var interruption = InterruptionFor(cancellationToken);
            return interruption is null ? (0, problem) : (-1, interruption);
        }
    }

    /// <summary>Why a call was cut short: by its own token, or by something that another call did.</summary>
    private Exception? InterruptionFor(CancellationToken cancellationToken)
    {
        var interruption = Volatile.Read(ref _interruption);
        if (interruption is not OperationCanceledException) return interruption;
        return cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken)
            : Explanations.AbortedHere(0, 0);
    }

    /// <summary>Does what the table says about an event.</summary>
    /// <exception cref="DicomNetworkException">The association has ended otherwise than by release.</exception>
    private async ValueTask<Indication> ReactAsync(Received received)
    {
        var before = State;
        var isCollisionOnAcceptor = received.Event == UpperLayerEvent.ReleaseRqReceived && !IsRequestor;
        if (!TryFire(received.Event, out var action, isCollisionOnAcceptor)) throw Ended(received.Problem);
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
        var end = EndWith(Explanations.ProtocolBroken(what, received.Problem, before, source, reason, _receiver.Unread, IsRequestor));
        await SendAbortAsync(source, reason).ConfigureAwait(false);
        return end;
    }

    // A peer of another protocol may close after a few bytes, before they are enough to be malformed.
    private DicomNetworkException ExplainClosed(Received received, AssociationState before) =>
        Explanations.ConnectionClosed(received.Problem, before, _receiver.IsInsidePdu, _transport.IsSecure);

    private DicomNetworkException EndWith(DicomNetworkException end)
    {
        var first = Interlocked.CompareExchange(ref _end, end, null) ?? end;
        if (ReferenceEquals(first, end)) Tell(AssociationEventKind.Aborted, _opened, end.Message);
        _ended.TrySetResult(true);
        return first;
    }

    /// <summary>The exception for a call that comes after the end.</summary>
    private Exception Ended(Exception? problem = null)
    {
        if (problem is OperationCanceledException) return problem;
        if (_end is { } end) return end;
        return new AssociationAbortedException(_isReleased ? "The association has been released."
            : "The association is not established.")
        { Stage = DicomStage.Association };
    }

    private async ValueTask SendAsync(Pdu pdu, CancellationToken cancellationToken)
    {
        await _writeLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _sender.Append(pdu);
            await WriteOutAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    // Holds the write lock.
    private async ValueTask WriteOutAsync(CancellationToken cancellationToken)
    {
        var bytes = _sender.Ready();
        if (bytes.IsEmpty) return;
        try
        {
            _tap?.Bytes?.Invoke(true, bytes.Span);
            var write = _transport.WriteAsync(bytes);
            if (write.IsCompletedSuccessfully)
            {
                await write.ConfigureAwait(false);
            }
            else
            {
                _writeWatch.Start(Wait.FromNow("write", _timeouts.Write, "the peer to take what was sent"));
                try
                {
                    using var registration = cancellationToken.Register(
                        static state => ((Association)state!).CutOff(new OperationCanceledException()), this);
                    await write.ConfigureAwait(false);
                }
                finally
                {
                    _writeWatch.Stop();
                }
            }

            _readWatch.Touch();
            Volatile.Write(ref _bytesSent, _bytesSent + bytes.Length);
            _sender.Clear();
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            _sender.Clear();
            if (await ExplainFailedWriteAsync(problem, cancellationToken).ConfigureAwait(false) is { } failure) throw failure;
        }
    }

    /// <returns>Null when the write arrived after all.</returns>
    private async ValueTask<Exception?> ExplainFailedWriteAsync(Exception problem, CancellationToken cancellationToken)
    {
        var interruption = InterruptionFor(cancellationToken);
        if (interruption is not null && _end is null)
        {
            TryFire(UpperLayerEvent.AbortRequest, out _);
            EndWith(interruption as DicomNetworkException ?? Explanations.AbortedHere(0, 0));
        }

        if (interruption is OperationCanceledException) return interruption;
        if (_end is { } known) return known;
        await LearnWhyAsync().ConfigureAwait(false);
        if (_end is { } learnt) return learnt;

        // The release request was answered and the connection closed by the one who reads, before this write heard of its own end.
        if (_isReleased) return null;
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
        if (!await _readLock.WaitAsync(0).ConfigureAwait(false))
        {
            await Task.WhenAny(_ended.Task, Task.Delay(LearningTime)).ConfigureAwait(false);
            return;
        }

        try
        {
            var wait = Wait.FromNow("write", LearningTime, "the reason of the peer");
            while (true) await ReactAsync(await NextAsync(wait, CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (DicomNetworkException)
        {
            // It is the end that was looked for.
        }
        finally
        {
            _readLock.Release();
        }
    }

    private static readonly TimeSpan LearningTime = TimeSpan.FromSeconds(2);

    /// <summary>An event from the network or a clock, with what came along.</summary>
    private readonly record struct Received(UpperLayerEvent Event, Pdu? Pdu, Exception? Problem);
}
