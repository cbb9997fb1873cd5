using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// What an association sends: a buffer, whose turn it is, and a clock for each write that waits. To cut a write off ends the connection,
/// because nothing can follow half a PDU. Only who has the turn may use the buffer and write.
/// </summary>
internal sealed class SendingHalf : IDisposable
{
    private readonly Transport _transport;
    private readonly Ending _ending;
    private readonly TimeSpan _limit;
    private readonly WireBytes? _tap;
    private readonly Watchdog _watch;
    private long _count;

    /// <param name="transport">Where the bytes go.</param>
    /// <param name="ending">Told when a write is cut off.</param>
    /// <param name="limit">How long the peer may leave a write untaken.</param>
    /// <param name="tap">Given every byte before it is written.</param>
    public SendingHalf(Transport transport, Ending ending, TimeSpan limit, WireBytes? tap)
    {
        _transport = transport;
        Turns = new Turns(transport.Time);
        _ending = ending;
        _limit = limit;
        _tap = tap;
        _watch = new Watchdog(transport.Time, CutOff);
    }

    public Turns Turns { get; }

    public SendBuffer Buffer { get; } = new();

    /// <summary>Bytes written to the connection.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Writes what the buffer has gathered, which is empty then, in any case.</summary>
    /// <returns>Why it did not arrive, or null.</returns>
    public async ValueTask<Exception?> WriteAsync(CancellationToken cancellationToken)
    {
        var bytes = Buffer.Ready();
        if (bytes.IsEmpty) return null;
        try
        {
            _tap?.Invoke(true, bytes.Span);
            var write = _transport.WriteAsync(bytes);
            if (write.IsCompletedSuccessfully) await write.ConfigureAwait(false);
            else await AwaitAsync(write, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _count, _count + bytes.Length);
            return null;
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            return problem;
        }
        finally
        {
            Buffer.Clear();
        }
    }

    /// <summary>Sends A-ABORT in place of what the buffer has gathered (PS3.8 9.3.8), or closes the connection.</summary>
    public async ValueTask AbortAsync(Abort abort, TimeSpan grace)
    {
        using var turn = await Turns.TryTakeAsync(grace).ConfigureAwait(false);
        if (!turn.IsTaken)
        {
            // Someone is stuck in a write, and A-ABORT cannot come in the middle of it.
            _transport.Dispose();
            return;
        }

        try
        {
            Buffer.Clear();
            _watch.Start(Wait.FromNow(_transport.Time, "write", grace, "the peer to take the abort"));
            var bytes = PduWriter.ToArray(abort);
            _tap?.Invoke(true, bytes);
            await _transport.WriteAsync(bytes).ConfigureAwait(false);
            _transport.EndSending();
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            _transport.Dispose();
        }
        finally
        {
            _watch.Stop();
        }
    }

    /// <summary>Gives the buffer back, unless someone is still at it.</summary>
    public async ValueTask ReturnAsync()
    {
        using var turn = await Turns.TryTakeAsync(TimeSpan.Zero).ConfigureAwait(false);
        if (turn.IsTaken) Buffer.Return();
    }

    public void Dispose() => _watch.Dispose();

    private async ValueTask AwaitAsync(ValueTask write, CancellationToken cancellationToken)
    {
        _watch.Start(Wait.FromNow(_transport.Time, "write", _limit, "the peer to take what was sent"));
        try
        {
            using var registration = cancellationToken.Register(
                static state => ((SendingHalf)state!).CutOff(new OperationCanceledException()), this);
            await write.ConfigureAwait(false);
        }
        finally
        {
            _watch.Stop();
        }
    }

    private void CutOff(Exception why)
    {
        _ending.Interrupt(why);
        _transport.Dispose();
    }
}
