using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Support;

/// <summary>A peer that sends exactly the bytes that a test wants, right or wrong, and keeps what it gets.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    public const string Verification = "1.2.840.10008.1.1";
    public const string ImplicitLittleEndian = "1.2.840.10008.1.2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TcpListener? _listener;
    private readonly Task _script = Task.CompletedTask;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<bool, byte[]>? _tap;
    private Socket? _socket;

    private ScriptedPeer(Socket socket, Action<bool, byte[]>? tap = null) => (_socket, _tap) = (socket, tap);

    private ScriptedPeer(TcpListener listener, Func<ScriptedPeer, Task> script)
    {
        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _script = Task.Run(async () =>
        {
            _socket = await listener.AcceptSocketAsync();
            listener.Stop();
            try
            {
                await script(this);
            }
            finally
            {
                _socket.Dispose();
            }
        });
    }

    /// <summary>The port that a listening peer listens on.</summary>
    public int Port { get; }

    /// <summary>The script of a listening peer; failed when the script is.</summary>
    public Task Script => _script;

    public Socket Socket => _socket ?? throw new InvalidOperationException("Nobody has connected yet.");

    /// <summary>
    /// Listens on a free loopback port, takes one connection and runs the script on it. The connection closes when the script ends.
    /// </summary>
    public static ScriptedPeer Listen(Func<ScriptedPeer, Task> script)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new ScriptedPeer(listener, script);
    }

    public static async Task<ScriptedPeer> ConnectAsync(int port, Action<bool, byte[]>? tap = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new ScriptedPeer(socket, tap);
    }

    /// <summary>Speaks over a connection that there is.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="tap">Given every byte, with whether this peer sends it.</param>
    public static ScriptedPeer Over(Socket socket, Action<bool, byte[]>? tap = null) => new(socket, tap);

    public async Task SendAsync(params byte[] bytes)
    {
        _tap?.Invoke(true, bytes);
        for (var sent = 0; sent < bytes.Length;) sent += await Socket.SendAsync(bytes.AsMemory(sent));
    }

    public Task SendAsync(Pdu pdu) => SendAsync(PduWriter.ToArray(pdu));

    /// <summary>A PDU header with any length, followed by any bytes.</summary>
    public Task SendAsync(byte type, uint length, params byte[] body)
    {
        var bytes = new byte[6 + body.Length];
        bytes[0] = type;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), length);
        body.CopyTo(bytes, 6);
        return SendAsync(bytes);
    }

    /// <summary>The next PDU, or null when the other side has closed.</summary>
    public async Task<Pdu?> ReadPduAsync()
    {
        var header = await ReadExactlyAsync(6);
        if (header is null) return null;
        var body = await ReadExactlyAsync((int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(2)));
        return body is null ? null : PduReader.TryRead([.. header, .. body], 0, out _);
    }

    public async Task<T> ReadAsync<T>()
        where T : Pdu => Assert.IsType<T>(await ReadPduAsync());

    /// <summary>Reads and drops until the other side closes.</summary>
    public async Task<int> ReadToEndAsync()
    {
        var total = 0;
        var buffer = new byte[65536];
        while (true)
        {
            var count = await ReadSomeAsync(buffer);
            if (count == 0) return total;
            total += count;
        }
    }

    /// <summary>Takes the association request and accepts the first transfer syntax of every context.</summary>
    public async Task<AssociateRq> AcceptAsync(uint maximumPdu = 16384)
    {
        var request = await ReadAsync<AssociateRq>();
        await SendAsync(Answer(request, maximumPdu));
        return request;
    }

    public static AssociateAc Answer(AssociateRq request, uint maximumPdu = 16384) => new()
    {
        CalledAETitle = request.CalledAETitle,
        CallingAETitle = request.CallingAETitle,
        PresentationContexts = [.. request.PresentationContexts.Select(
            context => new PresentationContextAc(context.Id, 0, context.TransferSyntaxes[0]))],
        UserItems = [new MaximumLength(maximumPdu), new ImplementationClassUid("1.2.3"), new ImplementationVersionName("SCRIPTED")],
    };

    /// <summary>Asks for an association with one context, number 1, and takes the answer.</summary>
    public async Task<Pdu?> AssociateAsync(uint maximumPdu = 16384)
    {
        await SendAsync(Request(maximumPdu));
        return await ReadPduAsync();
    }

    public static AssociateRq Request(uint maximumPdu = 16384) => new()
    {
        CalledAETitle = "CALLED",
        CallingAETitle = "SCRIPTED",
        PresentationContexts = [new PresentationContextRq(1, Verification, [ImplicitLittleEndian])],
        UserItems = [new MaximumLength(maximumPdu), new ImplementationClassUid("1.2.3"), new ImplementationVersionName("SCRIPTED")],
    };

    /// <summary>Does nothing, not even read, until the peer is disposed.</summary>
    public Task StayAsync() => _disposed.Task;

    public void Close() => _socket?.Dispose();

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        _listener?.Stop();
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]?> ReadExactlyAsync(int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var read = await ReadSomeAsync(bytes.AsMemory(have));
            if (read == 0) return null;
            have += read;
        }

        return bytes;
    }

    private async Task<int> ReadSomeAsync(Memory<byte> buffer)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var count = await Socket.ReceiveAsync(buffer, limit.Token);
            _tap?.Invoke(false, buffer.Slice(0, count).ToArray());
            return count;
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return 0;
        }
    }
}
