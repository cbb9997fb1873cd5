using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>A connected socket, with or without TLS.</summary>
internal sealed class SocketTransport(Socket socket, SslStream? tls, long? dropAfter = null) : Transport
{
    private long _left = dropAfter ?? long.MaxValue;

    public override IPEndPoint RemoteEndPoint { get; } = EndPointOf(socket.RemoteEndPoint);

    public override IPEndPoint LocalEndPoint { get; } = EndPointOf(socket.LocalEndPoint);

    public override bool IsSecure => tls is { };

    public override X509Certificate? PeerCertificate => tls?.RemoteCertificate;

    public override bool HasBytes => tls is null && socket.Available > 0;

    public override void BeforeWait() => SocketTuning.BeforeWait(socket);

    public override bool WaitForBytes(TimeSpan limit) => socket.Poll(limit);

    public override int Read(Memory<byte> buffer) => socket.Receive(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        dropAfter is not null ? ReadUntilDropAsync(buffer, cancellationToken)
            : tls is null ? socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken)
            : tls.ReadCanceledAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) =>
        dropAfter is not null ? WriteUntilDropAsync(bytes)
            : tls is null ? SendAllAsync(bytes) : tls.WriteAsync(bytes, CancellationToken.None);

    public override void EndSending()
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

    public override void Dispose()
    {
        tls?.Dispose();
        socket.Dispose();
    }

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
}
