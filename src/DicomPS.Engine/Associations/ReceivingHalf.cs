using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// What an association receives: bytes from a source, a buffer that makes PDUs of them, whose turn it is, and a clock for each read that
/// waits. To interrupt a read leaves the connection open, so that its reader can abort in order. Only who has the turn may read.
/// </summary>
internal sealed class ReceivingHalf : IDisposable
{
    private readonly Transport _transport;
    private readonly ByteSource _source;
    private readonly Ending _ending;
    private readonly WireBytes? _tap;
    private readonly Pace? _pace;
    private volatile bool _isClosing;
    private bool _isBroken;

    /// <param name="transport">Where the bytes come from.</param>
    /// <param name="ending">Told when a read is interrupted.</param>
    /// <param name="tap">Given every byte that came.</param>
    /// <param name="threads">Where reads may wait while the peer keeps sending; null leaves them to the thread pool.</param>
    /// <param name="pace">How fast messages must come; null sets no limit.</param>
    public ReceivingHalf(Transport transport, Ending ending, WireBytes? tap, ReadingThreads? threads, Pace? pace)
    {
        _transport = transport;
        Turns = new Turns(transport.Time);
        _source = new ByteSource(transport, threads);
        _ending = ending;
        _tap = tap;
        _pace = pace;
        Watch = new Watchdog(transport.Time, Interrupt);
    }

    public Turns Turns { get; }

    public Watchdog Watch { get; }

    public ReceiveBuffer Buffer { get; } = new();

    /// <summary>Whether a message has begun that is not whole yet, as who joins its pieces says.</summary>
    public bool IsInsideMessage { private get; set; }

    /// <summary>Waits for the next event of the network, or of a clock: then an interruption comes as an abort by this side.</summary>
    public async ValueTask<Received> NextAsync(Wait wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // Once a PDU was malformed, nothing tells where the next one begins.
                if (_isBroken) Buffer.Discard();
                else if (Buffer.Next() is var token and not PduToken.NeedMore) return Received.Of(token, Buffer);
            }
            catch (MalformedPduException problem)
            {
                _isBroken = true;
                return new Received(UpperLayerEvent.InvalidPduReceived, null, problem);
            }

            try
            {
                if (await FillAsync(wait, cancellationToken).ConfigureAwait(false) == 0)
                    return new Received(UpperLayerEvent.TransportClosed, null, null);
            }
            catch (Exception problem) when (Transport.IsFailure(problem))
            {
                return !_isClosing && _ending.InterruptionFor(cancellationToken) is { } interruption
                    ? new Received(UpperLayerEvent.AbortRequest, null, interruption)
                    : new Received(UpperLayerEvent.TransportClosed, null, problem);
            }
        }
    }

    /// <summary>Ends the read that waits; from any thread.</summary>
    public void Interrupt(Exception why)
    {
        if (_isClosing) _transport.Dispose();
        else _ending.Interrupt(why);
    }

    /// <summary>Ends the read that waits for a caller who gave up.</summary>
    public void Cancel() => Interrupt(new OperationCanceledException());

    /// <summary>
    /// Nothing but the end of the connection is waited for now, also after an interruption; another one closes the connection.
    /// </summary>
    public void BeginClosing()
    {
        _isClosing = true;
        _transport.EndSending();
    }

    /// <summary>Gives the buffer back, unless an interrupted read may still be at it.</summary>
    public void Return()
    {
        if (!_ending.Stop.IsCancellationRequested) Buffer.Return();
    }

    public void Dispose() => Watch.Dispose();

    private async ValueTask<int> FillAsync(Wait wait, CancellationToken cancellationToken)
    {
        // A limit that no byte extends holds for reads that need no wait too: a trickle could go on for ever.
        if (wait.IsOver(_transport.Time)) Interrupt(wait.TimedOut());
        var room = Buffer.MakeRoom();
        long? began = null;
        if (_pace is not null)
        {
            if (IsInsideMessage || Buffer.IsInsidePdu) began = _transport.Time.GetTimestamp();
            else _pace.Reset();
        }

        var read = _source.ReadAsync(room, Buffer.Outlook, _isClosing ? CancellationToken.None : _ending.Stop);
        var count = read.IsCompletedSuccessfully ? await read.ConfigureAwait(false)
            : await AwaitAsync(read, wait, cancellationToken).ConfigureAwait(false);
        var ended = Watch.Touch();
        if (began is { } since && _pace!.Count(ended - since, count)) Interrupt(_pace.TooSlow());
        _tap?.Invoke(false, room.Span.Slice(0, count));
        Buffer.Advance(count);
        return count;
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read, Wait wait, CancellationToken cancellationToken)
    {
        Watch.Start(wait);
        try
        {
            using var registration = cancellationToken.Register(static state => ((ReceivingHalf)state!).Cancel(), this);
            return await read.ConfigureAwait(false);
        }
        finally
        {
            Watch.Stop();
        }
    }
}

/// <summary>An event from the network or a clock, with what came along.</summary>
internal readonly record struct Received(UpperLayerEvent Event, Pdu? Pdu, Exception? Problem)
{
    /// <summary>What the buffer has next.</summary>
    public static Received Of(PduToken token, ReceiveBuffer buffer) =>
        token == PduToken.Data ? new Received(UpperLayerEvent.DataReceived, null, null)
            : new Received(EventOf(buffer.Pdu), buffer.Pdu, null);

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
}
