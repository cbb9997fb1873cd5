using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>
/// Stands between a client and a server of this machine, and fails as networks do: connections break, answers are lost, nothing comes
/// through any more.
/// </summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<Pair, bool> _open = new();
    private readonly int _target;
    private TaskCompletionSource _flows = Done();

    public TcpRelay(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections are open.</summary>
    public int Open => _open.Count;

    /// <summary>The most that were open at a time.</summary>
    public int Most { get; private set; }

    /// <summary>Sees what a client sends, and says whether the answer to it is lost with the connection.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? Loses { get; set; }

    /// <summary>How many bytes of a client a connection carries before it breaks; by the number of the connection, from 1.</summary>
    public Func<int, long>? Limit { get; set; }

    /// <summary>Breaks all connections.</summary>
    public void Cut()
    {
        foreach (var pair in _open.Keys)
            pair.Dispose();
    }

    /// <summary>Has nothing come through any more, in either direction, and nothing break.</summary>
    public void Hold() => _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets come what was held.</summary>
    public void Flow() => _flows.TrySetResult();

    public void Dispose()
    {
        _over.Cancel();
        _listener.Stop();
        Cut();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (var number = 1; ; number++)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(), number);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using var pair = new Pair(client);
        try
        {
            await pair.Server.ConnectAsync(IPAddress.Loopback, _target);
            _open[pair] = true;
            // Whom the client has left may still be there: a busy machine is late with it.
            lock (_open)
                Most = Math.Max(Most, _open.Keys.Count(one => !one.IsLeft));
            await Task.WhenAny(UpAsync(pair, Limit?.Invoke(number) ?? long.MaxValue), DownAsync(pair));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // It broke.
        }
        finally
        {
            _open.TryRemove(pair, out _);
        }
    }

    private Task UpAsync(Pair pair, long limit)
    {
        var left = limit;
        return PumpAsync(pair.Client, pair.Server, bytes =>
        {
            if (Loses?.Invoke(bytes) == true)
                pair.IsMute = true;
            return (left -= bytes.Length) >= 0;
        });
    }

    private Task DownAsync(Pair pair) => PumpAsync(pair.Server, pair.Client, _ => !pair.IsMute);

    // Reads also while it holds: it sees who goes away.
    private async Task PumpAsync(TcpClient from, TcpClient to, Func<ReadOnlyMemory<byte>, bool> passes)
    {
        var held = Channel.CreateUnbounded<byte[]>();
        var writing = WriteAsync(held.Reader, from, to, passes);
        var bytes = new byte[65536];
        while (!writing.IsCompleted && await from.GetStream().ReadAsync(bytes, _over.Token) is > 0 and var count)
            held.Writer.TryWrite(bytes[..count]);
        held.Writer.Complete();
        if (_flows.Task.IsCompleted)
            await writing;
    }

    private async Task WriteAsync(ChannelReader<byte[]> held, TcpClient from, TcpClient to, Func<ReadOnlyMemory<byte>, bool> passes)
    {
        await foreach (var bytes in held.ReadAllAsync(_over.Token))
        {
            await _flows.Task.WaitAsync(_over.Token);
            if (!passes(bytes))
            {
                from.Dispose();
                return;
            }

            await to.GetStream().WriteAsync(bytes, _over.Token);
        }
    }

    private sealed class Pair(TcpClient client) : IDisposable
    {
        public TcpClient Client { get; } = client;

        public TcpClient Server { get; } = new();

        public volatile bool IsMute;

        /// <summary>Whether the client has closed its side, and everything that it sent was read.</summary>
        public bool IsLeft
        {
            get
            {
                try
                {
                    return Client.Client is not { } socket || (socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);
                }
                catch (Exception gone) when (gone is ObjectDisposedException or SocketException)
                {
                    return true;
                }
            }
        }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
