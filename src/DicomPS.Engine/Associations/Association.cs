using System.Net;
using System.Net.Sockets;
using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>An association with a peer, from either side: P-DATA both ways, release and abort, run by <see cref="AssociationTable"/>.</summary>
public sealed partial class Association : IAsyncDisposable
{
    /// <summary>Connects, proposes and waits for the answer.</summary>
    /// <param name="options">Whom to call and what to propose.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <exception cref="ArgumentException">The options do not make a request that the standard allows.</exception>
    /// <exception cref="AssociationRejectedException">The peer answered A-ASSOCIATE-RJ.</exception>
    /// <exception cref="DicomNetworkException">No connection, or no association; <see cref="DicomException.Stage"/> says how far it came.</exception>
    public static Task<Association> ConnectAsync(AssociationOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Reads the request from a connection that came in, and answers it. Owns the socket from here on.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="options">What is accepted.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <exception cref="AssociationRejectedException">The request was answered with A-ASSOCIATE-RJ.</exception>
    /// <exception cref="DicomNetworkException">No request came, or something else than one.</exception>
    public static Task<Association> AcceptAsync(Socket socket, AcceptorOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

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
    public AcceptedContext? FindContext(byte id) => throw new NotImplementedException();

    /// <summary>The longest P-DATA-TF that the peer takes, in bytes; 0 means no limit.</summary>
    public uint PeerMaximumPduLength { get; private set; }

    /// <summary>Which implementation the peer is; empty when it does not say.</summary>
    public string PeerImplementationClassUid { get; private set; } = "";

    /// <summary>The version of the peer's implementation; empty when it does not say.</summary>
    public string PeerImplementationVersionName { get; private set; } = "";

    /// <summary>The peer's address.</summary>
    public IPEndPoint RemoteEndPoint => throw new NotImplementedException();

    /// <summary>This side's address.</summary>
    public IPEndPoint LocalEndPoint => throw new NotImplementedException();

    /// <summary>Whether this side asked for the association.</summary>
    public bool IsRequestor { get; }

    /// <summary>The state of PS3.8 9.2.1.</summary>
    public AssociationState State => throw new NotImplementedException();

    /// <summary>Bytes written to the connection, headers included, before encryption.</summary>
    public long BytesSent => throw new NotImplementedException();

    /// <summary>Bytes read from the connection, headers included, after decryption.</summary>
    public long BytesReceived => throw new NotImplementedException();

    /// <summary>Puts bytes of a command or dataset into P-DATA-TF PDUs no longer than the peer takes. They gather in one large buffer: only a full buffer or <see cref="FlushAsync"/> writes to the connection. The bytes are copied before this returns. One caller at a time; another may receive meanwhile.</summary>
    /// <param name="contextId">An accepted presentation context.</param>
    /// <param name="isCommand">Whether the bytes belong to a command; otherwise to a dataset.</param>
    /// <param name="bytes">Any number of bytes, none included.</param>
    /// <param name="isLast">Whether they end the command or dataset.</param>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <exception cref="InvalidOperationException">The association is released or was never established.</exception>
    /// <exception cref="AssociationAbortedException">Either side aborted, or the connection broke.</exception>
    /// <exception cref="DicomTimeoutException">The peer does not read (write).</exception>
    public ValueTask SendDataAsync(byte contextId, bool isCommand, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Writes what <see cref="SendDataAsync"/> gathered.</summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <exception cref="AssociationAbortedException">Either side aborted, or the connection broke.</exception>
    /// <exception cref="DicomTimeoutException">The peer does not read (write).</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Waits for the next piece of P-DATA. One caller at a time; another may send meanwhile.</summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <returns>The piece, whose bytes are valid until the next call; null when the peer has released the association, the answer sent.</returns>
    /// <exception cref="AssociationAbortedException">Either side aborted, or the connection broke, or the peer sent what it must not.</exception>
    /// <exception cref="DicomTimeoutException">Nothing came in time (response on the requestor, idle on the acceptor).</exception>
    public ValueTask<DataFragment?> ReceiveDataAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Ends the association in order: flushes, sends A-RELEASE-RQ, drops P-DATA that is still on its way, and waits for the answer (PS3.8 7.2). Does nothing when it is released already.</summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <exception cref="AssociationAbortedException">The peer aborted or closed the connection instead.</exception>
    /// <exception cref="DicomTimeoutException">The answer did not come in time (release).</exception>
    public Task ReleaseAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Ends the association at once with A-ABORT (PS3.8 7.3). From any thread, any number of times; calls that wait end with <see cref="AssociationAbortedException"/>.</summary>
    /// <param name="source">0 service user, 2 service provider.</param>
    /// <param name="reason">A reason of PS3.8 table 9-26; 0 unless the source is the service provider.</param>
    public Task AbortAsync(byte source = 0, byte reason = 0) => throw new NotImplementedException();

    /// <summary>Aborts an association that is still established and closes the connection. From any thread, any number of times.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
