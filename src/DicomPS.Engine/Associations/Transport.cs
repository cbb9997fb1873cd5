using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>
/// A connected socket, with or without TLS. One reader and one writer at a time; <see cref="Dispose"/> from any thread ends both.
/// </summary>
internal sealed class Transport(Socket socket, SslStream? tls, long? dropAfter = null) : IDisposable
{
    private long _left = dropAfter ?? long.MaxValue;

    public IPEndPoint RemoteEndPoint { get; } = EndPointOf(socket.RemoteEndPoint);

    public IPEndPoint LocalEndPoint { get; } = EndPointOf(socket.LocalEndPoint);

    /// <summary>Whether TLS is spoken.</summary>
    public bool IsSecure => tls is { };

    /// <summary>Whether bytes have come that nobody has read; never with TLS, which reads ahead.</summary>
    public bool HasBytes => tls is null && socket.Available > 0;

    /// <summary>Call before each read that may wait for the peer.</summary>
    public void BeforeWait() => SocketTuning.BeforeWait(socket);

    /// <summary>Waits in the kernel until a read would not wait. Without TLS only.</summary>
    public bool WaitForBytes(TimeSpan limit) => socket.Poll(limit);

    /// <summary>Reads what has come, without TLS.</summary>
    public int Read(Memory<byte> buffer) => socket.Receive(buffer);

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        dropAfter is not null ? ReadUntilDropAsync(buffer, cancellationToken)
            : tls is null ? socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken)
            : tls.ReadCanceledAsync(buffer, cancellationToken);

    /// <summary>Writes all the bytes. Cannot be canceled, because half a PDU cannot be followed by anything: dispose instead.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) =>
        dropAfter is not null ? WriteUntilDropAsync(bytes)
            : tls is null ? SendAllAsync(bytes) : tls.WriteAsync(bytes, CancellationToken.None);

    /// <summary>Tells the peer that nothing more comes.</summary>
    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception problem) when (IsFailure(problem))
        {
            // The connection is gone already.
        }
    }

    public void Dispose()
    {
        tls?.Dispose();
        socket.Dispose();
    }

    /// <summary>
    /// Whether an exception of a read or write means that the connection is gone, or was closed by <see cref="Dispose"/>.
    /// </summary>
    public static bool IsFailure(Exception problem) =>
        problem is SocketException or System.IO.IOException or ObjectDisposedException or OperationCanceledException;

    private async ValueTask<int> ReadUntilDropAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Interlocked.Read(ref _left) <= 0) throw Drop();
        var most = (int)Math.Min(buffer.Length, Math.Max(1, Interlocked.Read(ref _left)));
        buffer = buffer.Slice(0, most);
        var count = tls is null
            ? await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false)
            : await tls.ReadCanceledAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Interlocked.Add(ref _left, -count) <= 0 ? throw Drop() : count;
    }

    private async ValueTask WriteUntilDropAsync(ReadOnlyMemory<byte> bytes)
    {
        var left = Interlocked.Read(ref _left);
        var part = bytes.Slice(0, (int)Math.Min(bytes.Length, Math.Max(0, left)));
        if (tls is null) await SendAllAsync(part).ConfigureAwait(false);
        else await tls.WriteAsync(part, CancellationToken.None).ConfigureAwait(false);
        if (Interlocked.Add(ref _left, -bytes.Length) <= 0) throw Drop();
    }

    // Without lingering the peer sees a reset, as when a cable or a firewall ends it.
    private SocketException Drop()
    {
        if (socket.Connected) socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
        return new SocketException((int)SocketError.ConnectionReset);
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            bytes = bytes.Slice(sent);
        }
    }

    internal static IPEndPoint EndPointOf(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint address) return new IPEndPoint(IPAddress.None, 0);
        return address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;
    }
}
