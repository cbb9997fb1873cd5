using System.Diagnostics;

namespace DicomPS.Associations;

/// <summary>When more bytes can be expected from a peer.</summary>
internal enum Outlook
{
    /// <summary>After a message, which may have been the last one for long.</summary>
    Later,
    /// <summary>In the middle of a message: they are on their way.</summary>
    Soon,
    /// <summary>The last read was filled: they are here already.</summary>
    Now,
}

/// <summary>
/// Where the bytes of an association come from. It alone decides how and on which thread a read waits: asynchronously, or, given
/// threads and while a peer keeps sending, in the kernel on one of them.
/// </summary>
/// <param name="transport">The connection.</param>
/// <param name="threads">Threads for a peer that keeps sending; null reads asynchronously always.</param>
internal sealed class ByteSource(Transport transport, ReadingThreads? threads)
{
    // Each yields the processor to whoever else wants it, the peer of a test on the same machine among them.
    private const int MostYields = 200;

    /// <summary>How many reads one after the other must not have waited long, after a silence, until a thread is worth it again.</summary>
    private const int ReadsOfFlow = 16;

    // As long as the peer is quick no read waits, and the thread of the pool that serves it would be its own.
    // In parts of a second.
    private const int Turn = 2000;

    private readonly long _patience = threads is { } ? (long)(threads.Patience.TotalSeconds * Stopwatch.Frequency) : 0;
    private readonly long _busy = threads is { } ? (long)(threads.Busy.TotalSeconds * Stopwatch.Frequency) : 0;
    private readonly long _crowdTime = threads is { } ? (long)(threads.CrowdTime.TotalSeconds * Stopwatch.Frequency) : 0;
    private long _asksAgain;
    private long _turnBegan;
    private int _nextSkip = 1;
    private int _waitsToSkip;
    private long _lastRead = Stopwatch.GetTimestamp();

    // A peer that has just called is about to speak; and a socket that never waits asynchronously costs no watch of the runtime's.
    private int _quickReads = ReadsOfFlow;

    // One after the other: a peer that trickles would hold a thread for as long as it likes.
    private int _idleReads;

    /// <summary>Reads what has come, or waits for something.</summary>
    /// <returns>How many bytes came; 0 when the peer has closed.</returns>
    public ValueTask<int> ReadAsync(Memory<byte> room, Outlook outlook, CancellationToken cancellationToken)
    {
        if (threads is { } && IsFlowing() && (threads.IsHere || MayAsk()))
            return GivesWay() ? LeaveAndReadAsync(room, cancellationToken)
                : threads.IsHere ? ReadHere(room, cancellationToken)
                : outlook == Outlook.Now || transport.HasBytes ? transport.ReadAsync(room, cancellationToken)
                : EnterAndReadAsync(room, cancellationToken);

        if (IsTurnOver()) return YieldAndReadAsync(room, outlook, cancellationToken);

        // In the middle of a message the next bytes are worth a moment before the long way through the thread pool.
        if (outlook == Outlook.Soon && !transport.IsSecure && threads is not { IsCrowded: true }) AwaitBriefly();
        if (outlook != Outlook.Now) transport.BeforeWait();
        var read = transport.ReadAsync(room, cancellationToken);
        if (!read.IsCompleted) _turnBegan = 0;
        return read;
    }

    private bool IsTurnOver()
    {
        // By the clock of the connection: where that stands still, nothing depends on how fast the machine is.
        var now = transport.Time.GetTimestamp();
        if (_turnBegan != 0) return now - _turnBegan >= transport.Time.TimestampFrequency / Turn;
        _turnBegan = now;
        return false;
    }

    private async ValueTask<int> YieldAndReadAsync(Memory<byte> room, Outlook outlook, CancellationToken cancellationToken)
    {
        await Task.Yield();
        _turnBegan = 0;
        return await ReadAsync(room, outlook, cancellationToken).ConfigureAwait(false);
    }

    // By the time from one read to the next, which has the work between them too: where that is slow, a thread changes nothing.
    private bool IsFlowing()
    {
        var now = Stopwatch.GetTimestamp();
        _quickReads = now - _lastRead < _patience ? Math.Min(_quickReads + 1, ReadsOfFlow) : 0;
        _idleReads = now - _lastRead < _busy ? 0 : _idleReads + 1;
        _lastRead = now;
        return _quickReads == ReadsOfFlow;
    }

    private bool MayAsk() => !threads!.IsCrowded && Stopwatch.GetTimestamp() >= _asksAgain;

    private bool GivesWay()
    {
        if (!threads!.IsHere || (!threads.IsCrowded && (!threads.IsWanted || _idleReads < ReadsOfFlow))) return false;
        _quickReads = 0;
        _idleReads = 0;
        return true;
    }

    private async ValueTask<int> LeaveAndReadAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        await Task.Yield();
        transport.BeforeWait();
        return await transport.ReadAsync(room, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> EnterAndReadAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        await threads!.Enter();
        if (threads.IsHere) return await ReadHere(room, cancellationToken).ConfigureAwait(false);
        _asksAgain = Stopwatch.GetTimestamp() + _crowdTime;
        transport.BeforeWait();
        return await transport.ReadAsync(room, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<int> ReadHere(Memory<byte> room, CancellationToken cancellationToken)
    {
        transport.BeforeWait();
        if (!transport.IsSecure && !cancellationToken.IsCancellationRequested && transport.WaitForBytes(threads!.Patience))
            return new ValueTask<int>(transport.Read(room));

        // TLS has waited below, in its stream.
        var read = transport.ReadAsync(room, cancellationToken);
        if (!read.IsCompleted) _quickReads = 0;
        return read;
    }

    // A read that finds bytes costs no change of thread.
    private void AwaitBriefly()
    {
        if (_waitsToSkip > 0)
        {
            _waitsToSkip--;
            return;
        }

        try
        {
            var yields = 0;
            while (yields < MostYields && !transport.HasBytes)
            {
                Thread.Yield();
                yields++;
            }

            // A peer too far away or too slow for this is let be, longer each time, so that no processor turns for nothing.
            _nextSkip = yields < MostYields ? 1 : Math.Min(2 * _nextSkip, 256);
            _waitsToSkip = yields < MostYields ? 0 : _nextSkip;
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            // The connection is gone, and the read will say so.
        }
    }
}
