using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>
/// One of a job's workers: sends files over an association of its own, one after the other, or several before the first is answered
/// where the peer has agreed to that (PS3.7 D.3.3.3).
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing of the system.")]
internal sealed class StoreSender(StoreSenderState shared) : IWorker<StoreItem>
{
    private const long BuffersOnTheWay = 8 * 1024 * 1024;
    private readonly PeerLine<StoreScu> _line = new(shared.Options.Reach, shared.Policy);
    private readonly StoreReports _reports = new(shared.Options.Node);
    private readonly SemaphoreSlim _boarding = new(1, 1);
    private readonly Flights _flights = new();
    private IReadOnlyCollection<StoreContextKey> _proposed = [];
    private int _sentOnAssociation;
    private long _bytesOnAssociation;

    public bool IsConnected => _line.Scu is { };

    public int Window =>
        _line.Scu is { } scu ? Math.Min(shared.Options.AsyncOperations, scu.Association.OperationsWindow) : 1;

    /// <summary>Whether the peer serves its association: it has answered, or taken more than the buffers on the way can hold.</summary>
    public bool IsServed => HasAnswered || (IsConnected && Interlocked.Read(ref _bytesOnAssociation) > BuffersOnTheWay);

    private bool HasAnswered => IsConnected && Volatile.Read(ref _sentOnAssociation) > 0;

    // Files that need contexts which the open association did not propose wait for the next one.
    public Func<StoreItem, bool>? Prefers => item => !IsConnected || _proposed.Contains(item.Key);

    public Task LeaveAsync() => _line.ReleaseAsync();

    public async Task WorkAsync(StoreItem item, CancellationToken cancellationToken)
    {
        // One that was put back may be at the peer already.
        if (shared.IsClosed && item.Begun is null)
        {
            await ReportAsync(item, shared.NotBegun(item.File.Path)).ConfigureAwait(false);
            return;
        }

        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            item.BeginTry();
            var (outcome, result) = await TryAsync(item, start, cancellationToken).ConfigureAwait(false);
            var step = shared.Policy.After(outcome, item.Attempts, PeerStanding.Served);
            if (step.Verdict == RetryVerdict.Failed)
            {
                await ReportAsync(item, result!).ConfigureAwait(false);
                return;
            }

            if (outcome is TryOutcome.Stale or TryOutcome.NoRoom)
                item.Attempts--;
            if (outcome == TryOutcome.NoRoom)
            {
                // Another worker may have room at the peer for it.
                shared.Ready.PutBack([item]);
                return;
            }

            if (outcome == TryOutcome.Stale)
                item.WasOnStale = true;
            else
                await Task.Delay(step.Wait, cancellationToken).ConfigureAwait(false);
        }
    }

    // The result is for the last try; whether it is the last the policy says.
    private async Task<(TryOutcome Outcome, StoreResult? Result)> TryAsync(StoreItem item, long start, CancellationToken cancellationToken)
    {
        // An association that has served before may have gone stale unnoticed; that is no fault of this file.
        var wasUsed = HasAnswered;
        using var patience = new FirstAnswerWatch(wasUsed || shared.Pace is not { } pace ? null : pace.Served,
            () => Interlocked.Read(ref _bytesOnAssociation), cancellationToken);
        var hasBoarded = false;
        try
        {
            if (await BoardAsync(item, patience.Token).ConfigureAwait(false) is { } unreachable)
                return (TryOutcome.Final, _reports.Failure(item, start, unreachable));
            hasBoarded = true;
            if (_line.Scu is not { } scu)
                return TurnedAway();
            if (scu.RouteFor(item.File, shared.Options.Reencode) is not { } context)
                return (TryOutcome.Final, _reports.Failure(item, start, StoreReports.Refused(scu, item)));
            shared.Begin(item);
            item.IsReencoded = context.TransferSyntax != item.File.TransferSyntax.Uid;
            item.IsAnswered = false;
            var response = await scu.SendAsync(item.File, context, shared.Options.Priority, count =>
            {
                item.Bytes += count;
                Interlocked.Add(ref _bytesOnAssociation, count);
                shared.Progress(count);
            }, patience.Token).ConfigureAwait(false);
            item.IsAnswered = true;
            Interlocked.Increment(ref _sentOnAssociation);
            var isPassing = StoreReports.IsPassing(response.Status!.Value);
            if (isPassing)
                shared.Pace?.Refuse();
            return (isPassing ? TryOutcome.Broken : TryOutcome.Final, _reports.Answered(item, start, context, response));
        }
        catch (OperationCanceledException)
        {
            if (hasBoarded)
                await _line.DropAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return TurnedAway();
        }
        catch (DicomNetworkException broken)
        {
            await _line.DropAsync().ConfigureAwait(false);
            return (wasUsed && !item.WasOnStale ? TryOutcome.Stale : TryOutcome.Broken, _reports.Failure(item, start, broken));
        }
        catch (DicomException file)
        {
            // What went out of it cannot be whole: the association was aborted, or nothing was sent.
            item.IsAnswered = true;
            await _line.DropBrokenAsync().ConfigureAwait(false);
            return (TryOutcome.Final, _reports.Failure(item, start, file));
        }
        finally
        {
            if (hasBoarded)
                _flights.End();
        }
    }

    private ValueTask ReportAsync(StoreItem item, StoreResult result)
    {
        shared.End(item);
        return shared.Report(result);
    }

    private (TryOutcome Outcome, StoreResult? Result) TurnedAway()
    {
        shared.Pace?.Refuse();
        return (TryOutcome.NoRoom, null);
    }

    // Who needs another association than the open one waits until that one has answered what went over it. Returns why the node cannot
    // be reached, or null; the line is closed then when the peer had no room.
    private async Task<DicomException?> BoardAsync(StoreItem item, CancellationToken cancellationToken)
    {
        await _boarding.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsConnected || !_proposed.Contains(item.Key))
            {
                await _flights.AllEndedAsync().ConfigureAwait(false);
                if (await ConnectForAsync(item, cancellationToken).ConfigureAwait(false) is { } unreachable)
                    return unreachable;
            }

            _flights.Begin();
            return null;
        }
        finally
        {
            _boarding.Release();
        }
    }

    private async Task<DicomException?> ConnectForAsync(StoreItem item, CancellationToken cancellationToken)
    {
        // What waits for another association than the last one comes first.
        var waiting = _proposed.Count == 0 ? [] : shared.Ready.Waiting();
        var left = waiting.Select(other => other.Key).Where(key => !_proposed.Contains(key)).ToList();
        await _line.ReleaseAsync().ConfigureAwait(false);
        return await _line.OpenAsync(async token =>
        {
            // A moment for the reader of files to get ahead, so that one association serves what is coming.
            if (!shared.Ready.IsDrained)
                await Task.Delay(20, token).ConfigureAwait(false);
            var (proposals, served) = StoreContexts.Propose(shared.Wanted([item.Key, .. left]), shared.Options.Reencode);
            var scu = await StoreScu.ConnectAsync(shared.Association with { PresentationContexts = proposals }, token)
                .ConfigureAwait(false);
            _proposed = served;
            Volatile.Write(ref _sentOnAssociation, 0);
            Interlocked.Exchange(ref _bytesOnAssociation, 0);
            return scu;
        }, cancellationToken, shared.Pace is null ? null : NoRoomAsync).ConfigureAwait(false);

        // Others are served: they get the file, and the peer is asked for less.
        async Task<bool> NoRoomAsync(DicomException problem)
        {
            await Task.Delay(shared.Policy.Room.Wait, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }
}
