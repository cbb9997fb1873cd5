// What the tests use of the sockets of newer runtimes and .NET Framework 4.7.2 does not have, under its own names.
using System.Net;
using System.Net.Sockets;

namespace DicomPS.Engine.Tests;

internal sealed class TcpListener(IPAddress address, int port) : System.Net.Sockets.TcpListener(address, port), IDisposable
{
    public async Task<Socket> AcceptSocketAsync(CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(Stop);
        return await AcceptSocketAsync();
    }

    public async Task<TcpClient> AcceptTcpClientAsync(CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(Stop);
        return await AcceptTcpClientAsync();
    }

    public void Dispose() => Stop();
}

internal static class NetworkShims
{
    public static async Task ReadExactlyAsync(this Stream stream, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var read = await stream.ReadCanceledAsync(buffer, cancellationToken);
            buffer = read > 0 ? buffer.Slice(read) : throw new EndOfStreamException();
        }
    }

    public static ValueTask<int> ReceiveAsync(this Socket socket, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public static ValueTask<int> SendAsync(this Socket socket, ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default) =>
        socket.SendAsync(buffer, SocketFlags.None, cancellationToken);

    public static Task ConnectAsync(this TcpClient client, IPAddress address, int port, CancellationToken cancellationToken) =>
        client.ConnectAsync(address, port).WaitAsync(cancellationToken);
}
