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
    // Each yields the processor to whoever else wants it, the peer of a test on the same machine among them.
    private const int MostYields = 200;
    private int _nextSkip = 1;
    private int _waitsToSkip;
    private long _left = dropAfter ?? long.MaxValue;

    public IPEndPoint RemoteEndPoint { get; } = EndPointOf(socket.RemoteEndPoint);

    public IPEndPoint LocalEndPoint { get; } = EndPointOf(socket.LocalEndPoint);

    /// <summary>Whether TLS is spoken.</summary>
    public bool IsSecure => tls is { };

    public ValueTask<int> ReadAsync(Memory<byte> buffer, bool mayWait, CancellationToken cancellationToken)
    {
        if (mayWait) SocketTuning.BeforeWait(socket);
        if (dropAfter is not null) return ReadUntilDropAsync(buffer, cancellationToken);
        return tls is null ? socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken)
            : tls.ReadCanceledAsync(buffer, cancellationToken);
    }

    /// <summary>
    /// Lets the peer's next bytes come for some microseconds, as long as there are none. A read that finds them costs no change of
    /// thread.
    /// </summary>
    public void AwaitBriefly()
    {
        if (tls is { })
            return;
        try
        {
            if (_waitsToSkip > 0)
            {
                _waitsToSkip--;
                return;
            }

            var yields = 0;
            while (yields < MostYields && socket.Available == 0)
            {
                Thread.Yield();
                yields++;
            }

            // A peer too far away or too slow for this is let be, longer each time, so that no processor turns for nothing.
            _nextSkip = yields < MostYields ? 1 : Math.Min(2 * _nextSkip, 256);
            _waitsToSkip = yields < MostYields ? 0 : _nextSkip;
        }
        catch (Exception problem) when (IsFailure(problem))
        {
            // The connection is gone, and the read will say so.
        }
    }

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
