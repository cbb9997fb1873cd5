using System.Net;
using System.Net.Sockets;

namespace DicomPS.Scp;

/// <summary>
/// The associations that a server has open, by address. One address may have nearly all of them, since a router stands for all that is
/// behind it; the last few are kept for others: who already has more than its share gets none of these. Any thread may use it.
/// </summary>
/// <param name="most">How many there may be.</param>
internal sealed class Places(int most)
{
    // One place of so many is kept; of few places, none.
    private const int KeptPart = 16;

    // Who opens an association for each image comes back before a busy server has seen the end of the last one.
    private const int MostWaiting = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<IPAddress, int> _taken = [];
    private TaskCompletionSource<bool> _left = NewSignal();
    private int _waiting;
    private int _count;

    /// <summary>How many are taken.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins to wait for places that are left; before the first try to take one.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Waiting Wait(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Takes a place.</summary>
    /// <param name="address">Who calls.</param>
    /// <param name="held">How many it has already.</param>
    /// <returns>False when there is none for it.</returns>
    public bool TryTake(IPAddress address, out int held)
    {
        var key = KeyOf(address);
        lock (_taken)
        {
            held = _taken.TryGetValue(key, out var own) ? own : 0;
            if (_count >= most)
                return false;
            var isLast = _count >= most - (most / KeptPart);
            var others = _taken.Count - (held > 0 ? 1 : 0);
            if (isLast && (long)held * (others + 2) >= most)
                return false;
            _taken[key] = held + 1;
            _count++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(IPAddress address)
    {
        var key = KeyOf(address);
        lock (_taken)
        {
            _count--;
            if (_taken[key] == 1)
                _taken.Remove(key);
            else
                _taken[key]--;
        }

        Interlocked.Exchange(ref _left, NewSignal()).TrySetResult(true);
    }

    /// <summary>Who is behind an address: of IPv6 its network of 64 bits, since anybody has as many addresses in it as he likes.</summary>
    public static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody who may have a place, or one under a rule, in a moment. One thread at a time.</summary>
    internal sealed class Waiting(Places places, CancellationToken cancellationToken) : IDisposable
    {
        private Task _left = Volatile.Read(ref places._left).Task;
        private CancellationTokenSource? _clock;
        private Task? _end;

        /// <summary>Waits until somebody has left.</summary>
        /// <returns>False when the moment is over, or too many wait.</returns>
        public async ValueTask<bool> NextAsync()
        {
            if (_end is null)
            {
                _clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                _end = Interlocked.Increment(ref places._waiting) > MostWaiting ? Task.CompletedTask : Task.Delay(Patience, _clock.Token);
            }

            if (_end.IsCompleted)
                return false;
            await Task.WhenAny(_left, _end).ConfigureAwait(false);
            _left = Volatile.Read(ref places._left).Task;
            return true;
        }

        public void Dispose()
        {
            if (_clock is null)
                return;
            Interlocked.Decrement(ref places._waiting);
            _clock.Cancel();
            _clock.Dispose();
        }
    }
}
