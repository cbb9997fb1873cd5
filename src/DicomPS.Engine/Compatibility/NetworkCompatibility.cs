// What System.Net.Sockets has on modern .NET and netstandard2.0 does not.
using System.Net;
using System.Net.Sockets;
#if !NET8_0_OR_GREATER
using System.Runtime.InteropServices;
#endif

namespace DicomPS.Compatibility;

internal static class NetworkCompatibility
{
    /// <summary>Waits in the kernel until there is something to read, the end included.</summary>
    public static bool Poll(this Socket socket, TimeSpan limit) =>
        socket.Poll((int)(limit.TotalMilliseconds * 1000), SelectMode.SelectRead);

#if NET8_0_OR_GREATER
    private const int TcpLevel = 6;
    private const int TcpQuickAck = 12;
    private static readonly byte[] One = [1, 0, 0, 0];

    /// <summary>Linux: acknowledges what has come and what comes next at once (TCP_QUICKACK, which does not last).</summary>
    public static void AcknowledgeQuickly(this Socket socket) => socket.SetRawSocketOption(TcpLevel, TcpQuickAck, One);

    public static Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);

    public static ValueTask<int> ReadCanceledAsync(this System.IO.Stream stream, Memory<byte> buffer,
        CancellationToken cancellationToken) =>
        stream.ReadAsync(buffer, cancellationToken);

    public static int Receive(this Socket socket, Memory<byte> buffer) => socket.Receive(buffer.Span);
#else
    /// <summary>netstandard2.0 runs on Windows PowerShell, which has no TCP_QUICKACK.</summary>
    public static void AcknowledgeQuickly(this Socket socket)
    {
    }

    public static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        var lookup = Dns.GetHostAddressesAsync(host);
        await lookup.OrCanceledAsync(cancellationToken).ConfigureAwait(false);
        return await lookup.ConfigureAwait(false);
    }

    public static async Task ConnectAsync(this Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        var connect = SocketTaskExtensions.ConnectAsync(socket, endPoint);
        await connect.OrCanceledAsync(cancellationToken).ConfigureAwait(false);
        await connect.ConfigureAwait(false);
    }

    /// <summary>A receive that is canceled goes on behind the scenes and may take bytes: nothing may be read after it.</summary>
    public static async ValueTask<int> ReceiveAsync(this Socket socket, Memory<byte> buffer, SocketFlags flags,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var receive = SocketTaskExtensions.ReceiveAsync(socket, ArrayOf(buffer), flags);
        await receive.OrCanceledAsync(cancellationToken).ConfigureAwait(false);
        return await receive.ConfigureAwait(false);
    }

    public static int Receive(this Socket socket, Memory<byte> buffer)
    {
        var array = ArrayOf(buffer);
        return socket.Receive(array.Array, array.Offset, array.Count, SocketFlags.None);
    }

    public static async ValueTask<int> SendAsync(this Socket socket, ReadOnlyMemory<byte> buffer, SocketFlags flags,
        CancellationToken cancellationToken)
    {
        var send = SocketTaskExtensions.SendAsync(socket, ArrayOf(buffer), flags);
        await send.OrCanceledAsync(cancellationToken).ConfigureAwait(false);
        return await send.ConfigureAwait(false);
    }

    /// <summary>A read that ends when it is canceled, although the streams of .NET Framework do not look at the token.</summary>
    public static async ValueTask<int> ReadCanceledAsync(this System.IO.Stream stream, Memory<byte> buffer,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var array = ArrayOf(buffer);
        try
        {
            var read = stream.ReadAsync(array.Array, array.Offset, array.Count, CancellationToken.None);
            await read.OrCanceledAsync(cancellationToken).ConfigureAwait(false);
            return await read.ConfigureAwait(false);
        }
        catch (Exception nested) when (nested is InvalidOperationException or NotSupportedException)
        {
            // Mono and .NET Framework refuse it in these ways.
            throw new System.IO.IOException("A read that was canceled still holds the connection.", nested);
        }
    }

    private static async Task OrCanceledAsync(this Task task, CancellationToken cancellationToken)
    {
        if (task.IsCompleted || !cancellationToken.CanBeCanceled) return;
        var canceled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state).TrySetResult(true), canceled))
            if (await Task.WhenAny(task, canceled.Task).ConfigureAwait(false) == task) return;

        Observe(task);
        throw new OperationCanceledException(cancellationToken);
    }

    private static void Observe(Task task) =>
        task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static ArraySegment<byte> ArrayOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var array) ? array
            : throw new ArgumentException("The memory is no array.", nameof(memory));
#endif
}
