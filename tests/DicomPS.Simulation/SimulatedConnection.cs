using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;

namespace DicomPS.Simulation;

/// <summary>What a network does to a connection: after so many bytes it breaks, or is silent for a time.</summary>
/// <param name="MostAtOnce">The most bytes that come with one read.</param>
/// <param name="BreakAfter">The bytes of both directions until it is reset; null for never.</param>
/// <param name="SilentAfter">The bytes of both directions until nothing goes through for a time; null for never.</param>
/// <param name="Silence">How long that is.</param>
internal sealed record Weather(int MostAtOnce, long? BreakAfter, long? SilentAfter, TimeSpan Silence)
{
    public static Weather By(Random random)
    {
        var most = random.Next(3) == 0 ? random.Next(1, 200) : random.Next(1000, 200_000);
        var isBad = random.Next(3) == 0;
        return new Weather(most, isBad && random.Next(2) == 0 ? random.Next(100_000) : null,
            isBad ? random.Next(100_000) : null, TimeSpan.FromSeconds(random.Next(1, 200)));
    }
}

/// <summary>Two ends of a connection in memory.</summary>
internal sealed class SimulatedConnection
{
    private readonly SimulatedTime _time;
    private readonly Weather _weather;
    private long _bytes;
    private bool _isBroken;
    private bool _wasSilent;

    public SimulatedConnection(SimulatedTime time, Weather weather, int number)
    {
        (_time, _weather) = (time, weather);
        (Caller, Called) = (new End(this, number, 104), new End(this, 104, number));
        (Caller.Peer, Called.Peer) = (Called, Caller);
    }

    public End Caller { get; }

    public End Called { get; }

    private void Break()
    {
        _isBroken = true;
        Caller.Wake();
        Called.Wake();
    }

    internal sealed class End(SimulatedConnection connection, int here, int there) : Transport
    {
        private readonly Queue<ReadOnlyMemory<byte>> _come = new();
        private TaskCompletionSource? _waits;
        private int _taken;
        private bool _isEnded;
        private bool _isDisposed;

        public End Peer { get; set; } = null!;

        public override TimeProvider Time => connection._time;

        public override IPEndPoint RemoteEndPoint { get; } = new(IPAddress.Loopback, there);

        public override IPEndPoint LocalEndPoint { get; } = new(IPAddress.Loopback, here);

        public override bool IsSecure => false;

        // So nobody turns on the processor until something comes.
        public override bool HasBytes => true;

        public override void BeforeWait()
        {
            // Nothing to tune.
        }

        public override bool WaitForBytes(TimeSpan limit) => throw new NotSupportedException();

        public override int Read(Memory<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (connection._isBroken)
                    throw new SocketException((int)SocketError.ConnectionReset);
                if (_come.TryPeek(out var first))
                    return Take(first, buffer);
                if (Peer._isEnded || Peer._isDisposed)
                    return 0;
                _waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                using var registration = cancellationToken.UnsafeRegister(static end => ((End)end!).Wake(), this);
                await _waits.Task.ConfigureAwait(false);
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            // Written into several pieces, so that a break can be anywhere; the one who writes goes on when the last is on its way.
            for (var at = 0; at < bytes.Length;)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (connection._isBroken || Peer._isDisposed)
                    throw new SocketException((int)SocketError.ConnectionReset);
                var count = (int)Math.Min(bytes.Length - at, Math.Max(1, Left()));
                connection._bytes += count;
                Peer._come.Enqueue(bytes.Slice(at, count).ToArray());
                Peer.Wake();
                at += count;
                if (connection._bytes >= connection._weather.BreakAfter)
                    connection.Break();
                if (connection._bytes >= connection._weather.SilentAfter && !connection._wasSilent)
                {
                    connection._wasSilent = true;
                    await connection._time.DelayAsync(connection._weather.Silence).ConfigureAwait(false);
                }
            }
        }

        public override void EndSending()
        {
            _isEnded = true;
            Peer.Wake();
        }

        public override void Dispose()
        {
            _isDisposed = true;
            Wake();
            Peer.Wake();
        }

        public void Wake() => _waits?.TrySetResult();

        private long Left()
        {
            var weather = connection._weather;
            var next = Math.Min(weather.BreakAfter ?? long.MaxValue,
                connection._wasSilent ? long.MaxValue : weather.SilentAfter ?? long.MaxValue);
            return Math.Min(next - connection._bytes, 64 * 1024);
        }

        private int Take(ReadOnlyMemory<byte> first, Memory<byte> buffer)
        {
            var count = Math.Min(Math.Min(first.Length - _taken, buffer.Length), connection._weather.MostAtOnce);
            first.Slice(_taken, count).CopyTo(buffer);
            _taken += count;
            if (_taken == first.Length)
                (_, _taken) = (_come.Dequeue(), 0);
            return count;
        }
    }
}
