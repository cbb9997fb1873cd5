using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace DicomPS.Engine.Tests.Support;

/// <summary>
/// A relay in front of a server on this machine that is as far away and as narrow as it is told: what goes either way comes later by the
/// delay, a connection by a turn there and back, and all connections together have no more than the rate. It loses nothing, and it does
/// not start slowly as TCP does on a real line.
/// </summary>
internal sealed class SlowLine : IAsyncDisposable
{
    private const int PieceLength = 16 * 1024;

    // What a connection may have on the line, each way: 100 Mbit/s for more than 600 ms.
    private const int MostPieces = 512;
    private const int MostConnections = 512;

    // A router keeps no more than this of what does not fit through; then its senders wait.
    private static readonly TimeSpan Backlog = TimeSpan.FromMilliseconds(50);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly TimeSpan _delay;
    private readonly Way _there, _back;
    private readonly int _target;
    private readonly Task _accepting;
    private int _open, _most, _total;

    private SlowLine(int target, TimeSpan delay, double megabits)
    {
        (_target, _delay) = (target, delay);
        (_there, _back) = (new Way(megabits), new Way(megabits));
        _listener.Start(MostConnections);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The port to call instead of the server's.</summary>
    public int Port { get; }

    /// <summary>How many connections were open at once, at the most.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    /// <summary>How many there were in all.</summary>
    public int Connections => Volatile.Read(ref _total);

    /// <summary>Opens a line.</summary>
    /// <param name="port">The server's port on this machine.</param>
    /// <param name="delay">How long bytes take, each way.</param>
    /// <param name="megabits">How many megabits a second go through, each way; 0 sets no limit.</param>
    public static SlowLine To(int port, TimeSpan delay, double megabits = 0) => new(port, delay, megabits);

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _listener.Stop();
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync().ConfigureAwait(false);
                if (_sockets.Count >= 2 * MostConnections)
                    socket.Dispose();
                else
                    _ = Task.Run(() => RelayAsync(socket));
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            _sockets[near] = _sockets[far] = 0;
            Interlocked.Increment(ref _total);
            var open = Interlocked.Increment(ref _open);
            for (var most = MostAtOnce; open > most; most = MostAtOnce)
                Interlocked.CompareExchange(ref _most, open, most);
            try
            {
                near.NoDelay = far.NoDelay = true;
                await Task.Delay(_delay + _delay, _stop.Token).ConfigureAwait(false);
                await far.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target)).ConfigureAwait(false);
                await Task.WhenAll(CarryAsync(near, far, _there), CarryAsync(far, near, _back)).ConfigureAwait(false);
            }
            catch (Exception end) when (end is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // Whoever is still there hears of it by the end of his connection.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
                _sockets.TryRemove(near, out _);
                _sockets.TryRemove(far, out _);
            }
        }
    }

    private async Task CarryAsync(Socket from, Socket to, Way way)
    {
        var onTheWay = Channel.CreateBounded<(byte[] Bytes, int Count, TimeSpan Due)>(MostPieces);
        var writing = DeliverAsync(onTheWay.Reader, to);
        try
        {
            using var source = new NetworkStream(from, ownsSocket: false);
            while (true)
            {
                var bytes = new byte[PieceLength];
                var count = await source.ReadAsync(bytes, 0, bytes.Length, _stop.Token).ConfigureAwait(false);
                var through = way.Take(count);
                await onTheWay.Writer.WriteAsync((bytes, count, through + _delay), _stop.Token).ConfigureAwait(false);
                if (count == 0)
                    break;
                if (through - way.Now > Backlog)
                    await Task.Delay(through - way.Now - Backlog, _stop.Token).ConfigureAwait(false);
            }
        }
        catch
        {
            // Broken here, it breaks there, and the other way too.
            from.Dispose();
            to.Dispose();
            throw;
        }
        finally
        {
            onTheWay.Writer.TryComplete();
            await writing.ConfigureAwait(false);
        }
    }

    private async Task DeliverAsync(ChannelReader<(byte[] Bytes, int Count, TimeSpan Due)> pieces, Socket to)
    {
        try
        {
            using var target = new NetworkStream(to, ownsSocket: false);
            while (await pieces.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                while (pieces.TryRead(out var piece))
                {
                    if (piece.Due - _there.Now is var left && left > TimeSpan.Zero)
                        await Task.Delay(left, _stop.Token).ConfigureAwait(false);
                    if (piece.Count == 0)
                        to.Shutdown(SocketShutdown.Send);
                    else
                        await target.WriteAsync(piece.Bytes, 0, piece.Count, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception end) when (end is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            to.Dispose();
        }
    }

    /// <summary>One direction of the line, with one rate for all that goes there.</summary>
    private sealed class Way(double megabits)
    {
        private static readonly Stopwatch Clock = Stopwatch.StartNew();
        private readonly object _gate = new();
        private TimeSpan _free;

        public TimeSpan Now => Clock.Elapsed;

        /// <summary>When the last of some bytes has gone into the line.</summary>
        public TimeSpan Take(int count)
        {
            lock (_gate)
            {
                var now = Now;
                if (megabits <= 0)
                    return now;
                _free = (_free > now ? _free : now) + TimeSpan.FromSeconds(count * 8 / (megabits * 1e6));
                return _free;
            }
        }
    }
}
