using System.Net;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// An association with a peer, from either side: P-DATA both ways, release and abort, run by <see cref="AssociationTable"/>.
/// </summary>
public sealed partial class Association : IAsyncDisposable
{
    private readonly Transport _transport;
    private readonly SendingHalf _sending;
    private readonly ReceivingHalf _receiving;
    private readonly Ending _ending = new();
    private readonly Timeouts _timeouts;
    private readonly Action<AssociationEvent>? _trace;
    private readonly WireTap? _tap;
    private readonly AcceptedContext?[] _contextsById = new AcceptedContext?[256];

    private Association(Transport transport, bool isRequestor, Timeouts timeouts, Action<AssociationEvent>? trace, WireTap? tap,
        ReadingThreads? threads)
    {
        _transport = transport;
        _opened = transport.Time.GetTimestamp();
        _sending = new SendingHalf(transport, _ending, timeouts.Write, tap?.Bytes);
        var pace = timeouts.LeastRate > 0 ? new Pace(timeouts.LeastRate, timeouts.RateWindow, transport.Time.TimestampFrequency) : null;
        _receiving = new ReceivingHalf(transport, _ending, tap?.Bytes, threads, pace);
        _timeouts = timeouts;
        _trace = trace;
        _tap = tap;
        IsRequestor = isRequestor;
    }

    /// <summary>The request, as sent or received.</summary>
    public AssociateRq Request { get; private set; } = null!;

    /// <summary>The answer, as received or sent.</summary>
    public AssociateAc Response { get; private set; } = null!;

    /// <summary>The contexts that both sides agreed on, in the order of the proposal.</summary>
    public IReadOnlyList<AcceptedContext> AcceptedContexts { get; private set; } = [];

    /// <summary>The contexts that were proposed and not accepted.</summary>
    public IReadOnlyList<RefusedContext> RefusedContexts { get; private set; } = [];

    /// <summary>The accepted context with this id, or null.</summary>
    /// <param name="id">A presentation context id.</param>
    public AcceptedContext? FindContext(byte id) => _contextsById[id];

    /// <summary>The longest P-DATA-TF that the peer takes, in bytes; 0 means no limit.</summary>
    public uint PeerMaximumPduLength { get; private set; }

    /// <summary>Which implementation the peer is; empty when it does not say.</summary>
    public string PeerImplementationClassUid { get; private set; } = "";

    /// <summary>The version of the peer's implementation; empty when it does not say.</summary>
    public string PeerImplementationVersionName { get; private set; } = "";

    /// <summary>
    /// How many requests of the association's requestor may wait for their answer at once (PS3.7 D.3.3.3): 1 where nothing else was
    /// agreed, <see cref="int.MaxValue"/> where there is no limit.
    /// </summary>
    public int OperationsWindow { get; private set; } = 1;

    /// <summary>The peer's address.</summary>
    public IPEndPoint RemoteEndPoint => _transport.RemoteEndPoint;

    /// <summary>This side's address.</summary>
    public IPEndPoint LocalEndPoint => _transport.LocalEndPoint;

    /// <summary>The certificate that the peer showed; null without TLS, and for a peer that showed none.</summary>
    internal X509Certificate? PeerCertificate => _transport.PeerCertificate;

    /// <summary>Whether this side asked for the association.</summary>
    public bool IsRequestor { get; }

    /// <summary>Bytes written to the connection, headers included, before encryption.</summary>
    public long BytesSent => _sending.Count;

    /// <summary>Bytes read from the connection, headers included, after decryption.</summary>
    public long BytesReceived => _receiving.Buffer.Count;

    /// <summary>
    /// Puts bytes of a command or dataset into P-DATA-TF PDUs no longer than the peer takes. They gather in one large buffer: only a
    /// full buffer or <see cref="FlushAsync"/> writes to the connection. The bytes are copied before this returns. One caller at a
    /// time; another may receive meanwhile.
    /// </summary>
    /// <param name="contextId">An accepted presentation context.</param>
    /// <param name="isCommand">Whether the bytes belong to a command; otherwise to a dataset.</param>
    /// <param name="bytes">Any number of bytes, none included.</param>
    /// <param name="isLast">Whether they end the command or dataset.</param>
    /// <param name="cancellationToken">Aborts the association when it has to wait for the peer.</param>
    /// <exception cref="ArgumentException">The presentation context was not accepted.</exception>
    /// <exception cref="AssociationAbortedException">Either side aborted or released, or the connection broke.</exception>
    /// <exception cref="DicomTimeoutException">The peer does not read (write).</exception>
    public async ValueTask SendDataAsync(byte contextId, bool isCommand, ReadOnlyMemory<byte> bytes, bool isLast,
        CancellationToken cancellationToken = default)
    {
        if (_contextsById[contextId] is null)
            throw new ArgumentException($"Presentation context {contextId} was not accepted.", nameof(contextId));
        using var turn = await _sending.Turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (!TryFire(UpperLayerEvent.DataRequest, out _)) throw _ending.ForLateCall();
        while (true)
        {
            var taken = _sending.Buffer.Append(contextId, isCommand, bytes.Span, isLast, out var isDone);
            if (isDone) return;
            bytes = bytes.Slice(taken);
            await WriteOutAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Writes what <see cref="SendDataAsync"/> gathered. A fragment that was left open is closed, and goes on in the next PDU.
    /// </summary>
    /// <param name="cancellationToken">Aborts the association when it has to wait for the peer.</param>
    /// <exception cref="AssociationAbortedException">Either side aborted, or the connection broke.</exception>
    /// <exception cref="DicomTimeoutException">The peer does not read (write).</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        using var turn = await _sending.Turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (_ending.Failure is { } failure) throw failure;
        await WriteOutAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the next piece of P-DATA. One caller at a time; another may send meanwhile.</summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <returns>The piece, whose bytes are valid until the next call; null when the association is released, the answer sent.</returns>
    /// <exception cref="AssociationAbortedException">Either side aborted, or the connection broke, or the peer sent what it must
    /// not.</exception>
    /// <exception cref="DicomTimeoutException">Nothing came in time (response on the requestor, idle on the acceptor).</exception>
    internal async ValueTask<DataFragment?> ReceiveDataAsync(CancellationToken cancellationToken = default)
    {
        using var turn = await _receiving.Turns.TakeAsync(cancellationToken).ConfigureAwait(false);
        var wait = IsRequestor
            ? new Wait("response", _timeouts.Receive, "a response of the peer", null)
            {
                Advice = "The peer works on the request or hangs; its log tells. Raise the response timeout for a peer that is known to be "
                    + "slow."
            }
            : new Wait("idle", _timeouts.Receive, "the next message of the peer", null);
        while (true)
        {
            if (_ending.IsReleased) return null;
            if (_ending.Failure is { } failure) throw failure;
            var (indication, _) = await StepAsync(wait, cancellationToken).ConfigureAwait(false);
            if (indication == Indication.Data)
            {
                var fragment = _receiving.Buffer.Fragment;
                if (!fragment.Bytes.IsEmpty || fragment.IsLast) return fragment;
            }
            else if (await AdvanceReleaseAsync(indication).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    /// <summary>Told by who joins the pieces whether a message has begun that is not whole yet: there a peer must not dawdle.</summary>
    internal bool IsInsideMessage { set => _receiving.IsInsideMessage = value; }

    /// <summary>
    /// Says that the peer waits for this side: until <see cref="EndService"/> its silence is not counted against it. For acceptors
    /// whose answer takes longer than the idle timeout.
    /// </summary>
    public void BeginService() => _receiving.Watch.Hold();

    /// <summary>Ends what <see cref="BeginService"/> began; the idle timeout starts anew.</summary>
    public void EndService() => _receiving.Watch.Unhold();

    private void Establish(AssociateRq request, AssociateAc response)
    {
        Request = request;
        Response = response;
        var contexts = Negotiation.Conclude(request, response);
        AcceptedContexts = contexts.Accepted;
        RefusedContexts = contexts.Refused;
        foreach (var context in contexts.Accepted) _contextsById[context.Id] = context;

        var ours = IsRequestor ? request.UserItems : response.UserItems;
        var theirs = IsRequestor ? response.UserItems : request.UserItems;
        _receiving.Buffer.MaximumPduLength = ours.OfType<MaximumLength>().First().Value;

        // Without the item there is no limit (PS3.8 D.1); such a peer is rather an old one than one without limits.
        PeerMaximumPduLength = theirs.OfType<MaximumLength>().FirstOrDefault()?.Value ?? LimitOfSilentPeers;
        OperationsWindow = Negotiation.OperationsWindow(request, response);
        PeerImplementationClassUid = theirs.OfType<ImplementationClassUid>().FirstOrDefault()?.Uid ?? "";
        PeerImplementationVersionName = theirs.OfType<ImplementationVersionName>().FirstOrDefault()?.Name ?? "";
        if (SendBuffer.IsUsable(PeerMaximumPduLength)) _sending.Buffer.PeerMaximum = PeerMaximumPduLength;
        EngineMeter.Open(IsRequestor);
    }

    private void Tell(AssociationEventKind kind, long since, string text, Pdu? pdu = null)
    {
        var isFailure = kind is AssociationEventKind.Rejected or AssociationEventKind.Aborted;
        if (isFailure) EngineMeter.Fail(kind == AssociationEventKind.Rejected ? "rejected" : "aborted");
        if (_trace is null && !EngineEvents.Log.IsEnabled()) return;
        var elapsed = TimeSpan.FromSeconds((_transport.Time.GetTimestamp() - since) / (double)_transport.Time.TimestampFrequency);
        if (isFailure)
            EngineEvents.Log.AssociationFailed(kind.ToString(), elapsed.TotalMilliseconds, text);
        else
            EngineEvents.Log.Association(kind.ToString(), elapsed.TotalMilliseconds, text);
        _trace?.Invoke(new AssociationEvent(kind, DicomStage.Association, elapsed, text) { Pdu = pdu });
    }

    private const uint LimitOfSilentPeers = 16 * 1024;

    /// <summary>
    /// The limits of every wait; <paramref name="Receive"/> is the response timeout of a requestor and the idle timeout of an acceptor.
    /// </summary>
    private sealed record Timeouts(TimeSpan Association, TimeSpan Receive, TimeSpan Write, TimeSpan Release)
    {
        public long LeastRate { get; init; }

        public TimeSpan RateWindow { get; init; }

        public static Timeouts Of(AcceptorOptions options) =>
            new(options.AssociationTimeout, options.IdleTimeout, options.WriteTimeout, options.ReleaseTimeout)
            {
                LeastRate = options.LeastRate,
                RateWindow = options.RateWindow,
            };
    }
}
