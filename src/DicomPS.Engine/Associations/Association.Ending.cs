using System.Diagnostics;
using DicomPS.Pdus;

namespace DicomPS.Associations;

// Release, abort, and the ways to cut a wait short.
public sealed partial class Association
{
    /// <summary>How long an A-ABORT may take to leave, and how long its effect is waited for.</summary>
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosing;
    private int _isDisposed;

    /// <summary>
    /// Ends the association in order: flushes, sends A-RELEASE-RQ, drops P-DATA that is still on its way, and waits for the answer
    /// (PS3.8 7.2). Does nothing when it is released already.
    /// </summary>
    /// <param name="cancellationToken">Aborts the association.</param>
    /// <exception cref="AssociationAbortedException">The peer aborted or closed the connection instead.</exception>
    /// <exception cref="DicomTimeoutException">The answer did not come in time (release).</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken = default)
    {
        var wait = Wait.FromNow("release", _timeouts.Release, "the answer to the release request");
        await RequestReleaseAsync(cancellationToken).ConfigureAwait(false);

        // One who receives meanwhile sees the release through, or hands over at the next piece of data.
        using (cancellationToken.Register(static state => ((Association)state!).Cancel(), this))
        {
            if (!await _readLock.WaitAsync(_timeouts.Release, CancellationToken.None).ConfigureAwait(false))
            {
                Interrupt(wait.TimedOut());
                await _readLock.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }

        try
        {
            while (!_isReleased)
            {
                if (_end is not null) throw Ended();
                var received = await NextAsync(wait, cancellationToken).ConfigureAwait(false);
                if (await AdvanceReleaseAsync(await ReactAsync(received).ConfigureAwait(false)).ConfigureAwait(false)) return;
                if (wait.Value != Timeout.InfiniteTimeSpan
                    && Stopwatch.GetTimestamp() - wait.Since > wait.Value.TotalSeconds * Stopwatch.Frequency)
                    Interrupt(wait.TimedOut());
            }
        }
        finally
        {
            _readLock.Release();
        }
    }

    /// <summary>
    /// Ends the association at once with A-ABORT (PS3.8 7.3). From any thread, any number of times; calls that wait end with
    /// <see cref="AssociationAbortedException"/>.
    /// </summary>
    /// <param name="source">0 service user, 2 service provider.</param>
    /// <param name="reason">A reason of PS3.8 table 9-26; 0 unless the source is the service provider.</param>
    public async Task AbortAsync(byte source = 0, byte reason = 0)
    {
        if (!TryFire(UpperLayerEvent.AbortRequest, out _)) return;
        var end = EndWith(Explanations.AbortedHere(source, reason));
        await SendAbortAsync(source, reason).ConfigureAwait(false);
        Interrupt(end);
    }

    /// <summary>
    /// Aborts an association that is still established and closes the connection. From any thread, any number of times. After a release
    /// it waits for the peer to close, no longer than the release timeout.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _closed.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await AbortAsync().ConfigureAwait(false);
            await AwaitCloseAsync().ConfigureAwait(false);
        }
        finally
        {
            Close();
            _readWatch.Dispose();
            _writeWatch.Dispose();
            _tap?.Closed?.Invoke(null);
            _closed.TrySetResult(true);
        }
    }

    private async ValueTask RequestReleaseAsync(CancellationToken cancellationToken)
    {
        await _writeLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isReleased) return;
            if (!TryFire(UpperLayerEvent.ReleaseRequest, out _))
            {
                if (_end is not null || State is AssociationState.Idle) throw Ended();
                return;
            }

            _sender.Append(new ReleaseRq());
            await WriteOutAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    /// <summary>Goes on with a release after an indication (PS3.8 9.2.1, states 7 to 12).</summary>
    /// <returns>Whether the association is released.</returns>
    private async ValueTask<bool> AdvanceReleaseAsync(Indication indication)
    {
        if (indication is not (Indication.ReleaseIndicated or Indication.ReleaseConfirmed)) return false;
        if (State == AssociationState.Idle)
        {
            NoteRelease();
            return true;
        }

        // On the acceptor a collision goes on with the peer's answer (Sta10), not with ours.
        if (!TryFire(UpperLayerEvent.ReleaseResponse, out var action)) return false;
        await SendAsync(new ReleaseRp(), CancellationToken.None).ConfigureAwait(false);
        if (action != UpperLayerAction.AR4) return false;
        NoteRelease();
        return true;
    }

    private void NoteRelease()
    {
        _isReleased = true;
        _ended.TrySetResult(true);
        Tell(AssociationEventKind.Released, _opened, $"released after {BytesSent} bytes sent and {BytesReceived} received");
    }

    private async ValueTask SendAbortAsync(byte source, byte reason)
    {
        if (!await _writeLock.WaitAsync(AbortGrace).ConfigureAwait(false))
        {
            // Someone is stuck in a write, and A-ABORT cannot come in the middle of it.
            Close();
            return;
        }

        try
        {
            _sender.Clear();
            _writeWatch.Start(Wait.FromNow("write", AbortGrace, "the peer to take the abort"));
            var bytes = PduWriter.ToArray(new Abort(source, reason));
            _tap?.Bytes?.Invoke(true, bytes);
            await _transport.WriteAsync(bytes).ConfigureAwait(false);
            _transport.EndSending();
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            Close();
        }
        finally
        {
            _writeWatch.Stop();
            _writeLock.Release();
        }
    }

    // Sta13: closing before the peer has read what was sent last could take it away from it.
    private async ValueTask AwaitCloseAsync()
    {
        var limit = _isReleased || _timeouts.Release < AbortGrace ? _timeouts.Release : AbortGrace;
        if (limit == Timeout.InfiniteTimeSpan) limit = AbortGrace;
        if (!await _readLock.WaitAsync(limit).ConfigureAwait(false)) return;
        if (State == AssociationState.AwaitingClose)
        {
            var artim = Wait.FromNow("release", limit, "the peer to close the connection");
            Volatile.Write(ref _interruption, null);
            _isClosing = true;
            _transport.EndSending();
            try
            {
                while (State == AssociationState.AwaitingClose)
                    await ReactAsync(await NextAsync(artim, CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (DicomException)
            {
                // Closed in whatever way; there is no one left to tell.
            }
        }

        Close();
        if (!_stop.IsCancellationRequested) _receiver.Return();
        if (await _writeLock.WaitAsync(0).ConfigureAwait(false))
        {
            _sender.Return();
            _writeLock.Release();
        }

        _readLock.Release();
    }

    private void Cancel() => Interrupt(new OperationCanceledException());

    /// <summary>Ends the read that waits; its reader then aborts in order.</summary>
    private void Interrupt(Exception why)
    {
        if (_isClosing)
        {
            Volatile.Write(ref _interruption, why);
            Close();
            return;
        }

        Interlocked.CompareExchange(ref _interruption, why, null);
        _stop.Cancel();
    }

    /// <summary>Ends the write that waits, and with it the connection: nothing can follow half a PDU.</summary>
    private void CutOff(Exception why)
    {
        Interlocked.CompareExchange(ref _interruption, why, null);
        Close();
        _stop.Cancel();
    }

    private void Close() => _transport.Dispose();
}
