using System.Diagnostics;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Sending;

/// <summary>One of a job's workers: sends files over an association of its own.</summary>
internal sealed class StoreSender(StoreSenderState shared) : IWorker<StoreItem>
{
    private readonly PeerLine<StoreScu> _line = new(shared.Options.Reach, shared.Policy);
    private IReadOnlyCollection<StoreContextKey> _proposed = [];
    private int _sentOnAssociation;

    public bool IsConnected => _line.Scu is { };

    // Files that need contexts which the open association did not propose wait for the next one.
    public Func<StoreItem, bool>? Prefers => item => !IsConnected || _proposed.Contains(item.Key);

    public Task LeaveAsync() => _line.ReleaseAsync();

    public async Task WorkAsync(StoreItem item, CancellationToken cancellationToken)
    {
        if (shared.IsClosed)
        {
            await ReportAsync(item, shared.NotBegun(item.File.Path)).ConfigureAwait(false);
            return;
        }

        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            item.Attempts++;
            item.Bytes = 0;
            var (outcome, result) = await TryAsync(item, start, cancellationToken).ConfigureAwait(false);
            var step = shared.Policy.After(outcome, item.Attempts, PeerStanding.Served);
            if (step.Verdict == RetryVerdict.Failed)
            {
                await ReportAsync(item, result).ConfigureAwait(false);
                return;
            }

            if (outcome == TryOutcome.Stale)
            {
                item.WasOnStale = true;
                item.Attempts--;
            }
            else
                await Task.Delay(step.Wait, cancellationToken).ConfigureAwait(false);
        }
    }

    // The result is for the last try; whether it is the last the policy says.
    private async Task<(TryOutcome Outcome, StoreResult Result)> TryAsync(StoreItem item, long start, CancellationToken cancellationToken)
    {
        // An association that has served before may have gone stale unnoticed; that is no fault of this file.
        var wasUsed = _sentOnAssociation > 0;
        try
        {
            if (await ConnectForAsync(item, cancellationToken).ConfigureAwait(false) is { } unreachable)
                return (TryOutcome.Final, Failure(item, start, "NotSent", unreachable));
            var scu = _line.Scu!;
            if (scu.RouteFor(item.File, shared.Options.Reencode) is not { } context)
                return (TryOutcome.Final, Failure(item, start, "NotSent", Refused(scu, item)));
            shared.Begin(item);
            item.IsReencoded = context.TransferSyntax != item.File.TransferSyntax.Uid;
            var response = await scu.SendAsync(item.File, context, shared.Options.Priority, count =>
            {
                item.Bytes += count;
                shared.Progress(count);
            }, cancellationToken).ConfigureAwait(false);
            _sentOnAssociation++;
            return (IsPassing(response.Status!.Value) ? TryOutcome.Broken : TryOutcome.Final, Answered(item, start, context, response));
        }
        catch (OperationCanceledException)
        {
            await _line.DropAsync().ConfigureAwait(false);
            throw;
        }
        catch (DicomNetworkException broken)
        {
            await _line.DropAsync().ConfigureAwait(false);
            return (wasUsed && !item.WasOnStale ? TryOutcome.Stale : TryOutcome.Broken,
                Failure(item, start, item.MayHaveArrived ? "Unknown" : "NotSent", broken));
        }
        catch (DicomException file)
        {
            await _line.DropBrokenAsync().ConfigureAwait(false);
            return (TryOutcome.Final, Failure(item, start, "NotSent", file));
        }
    }

    // Makes sure that the open association has proposed what the file needs. Returns why the node cannot be reached, or null.
    private async Task<DicomException?> ConnectForAsync(StoreItem item, CancellationToken cancellationToken)
    {
        if (IsConnected && _proposed.Contains(item.Key))
            return null;
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
            var scu = await StoreScu.ConnectAsync(shared.Options.Association with { PresentationContexts = proposals }, token)
                .ConfigureAwait(false);
            _proposed = served;
            _sentOnAssociation = 0;
            return scu;
        }, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask ReportAsync(StoreItem item, StoreResult result)
    {
        shared.End(item);
        return shared.Report(result);
    }

    // Out of resources (A7xx) and resource limitation (0213) may pass; everything else is about the file.
    private static bool IsPassing(ushort status) =>
        status is (>= Statuses.Storage.OutOfResources and <= Statuses.Storage.OutOfResourcesLast) or Statuses.ResourceLimitation;

    private DicomNetworkException Refused(StoreScu scu, StoreItem item)
    {
        var file = item.File;
        var sopClass = DicomDictionary.NameOf(file.SopClassUid);
        var refused =
            scu.Association.RefusedContexts.FirstOrDefault(
                c => c.AbstractSyntax == file.SopClassUid && c.TransferSyntaxes.Contains(file.TransferSyntax.Uid))
            ?? scu.Association.RefusedContexts.FirstOrDefault(c => c.AbstractSyntax == file.SopClassUid);
        return new DicomNetworkException(
            $"The peer does not take {sopClass} in {file.TransferSyntax.Name}: {refused?.ResultName ?? "no context was accepted"}.")
        {
            Stage = DicomStage.PresentationContext,
            Advice = file.TransferSyntax.IsUncompressed
                ? "The peer does not store this SOP class for this AE title. Ask its administrator to allow it."
                : "The file is compressed and is never decompressed on the way, so that no pixel changes unseen. Enable this transfer "
                + "syntax at the peer, or convert a copy of the file first.",
        };
    }

    private StoreResult Answered(StoreItem item, long start, AcceptedContext context, CommandSet response)
    {
        var said = DimseStatus.Describe(StatusTable.Storage, response.Status);
        var result = Describe(item, start, said.ToString(), said.IsDone) with
        {
            StatusCode = response.Status,
            ErrorComment = response.ErrorComment,
            OffendingElement = response.OffendingElements is { Count: > 0 } tags
                ? string.Join(", ", tags.Select(tag => DicomDictionary.KeywordOf(new DicomTag(tag)))) : null,
            TransferSyntax = TransferSyntax.Find(context.TransferSyntax).Name,
            TransferSyntaxUID = context.TransferSyntax,
        };
        if (said.IsDone)
            return result;
        var isPassing = IsPassing(response.Status!.Value);
        var problem = DimseRefusal.Exception("The peer answered C-STORE with status", StatusTable.Storage, response.Status.Value,
            response.ErrorComment, isTransient: isPassing, advice: isPassing
                ? "The peer is short of space or memory. Free some there, then send the file again."
                : "The peer looked at the file and refused it; its log says more. Sending it again unchanged will not help.");
        return result with { Error = problem.Message, Advice = problem.Advice, Exception = problem };
    }

    private StoreResult Failure(StoreItem item, long start, string status, DicomException problem) =>
        Describe(item, start, status, false) with
        {
            Error = problem.Message,
            Advice = status == "Unknown"
                ? ("The association broke before the answer: the peer may or may not have the file. Sending it again is safe. "
                    + problem.Advice).TrimEnd()
                : problem.Advice,
            Exception = problem,
        };

    private StoreResult Describe(StoreItem item, long start, string status, bool success)
    {
        var now = DateTime.Now;
        var took = TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - start) / (double)Stopwatch.Frequency);
        return new StoreResult
        {
            Path = item.File.Path,
            Success = success,
            Status = status,
            SOPInstanceUID = item.File.SopInstanceUid,
            SOPClassUID = item.File.SopClassUid,
            SOPClass = DicomDictionary.NameOf(item.File.SopClassUid),
            TransferSyntax = item.File.TransferSyntax.Name,
            TransferSyntaxUID = item.File.TransferSyntax.Uid,
            Bytes = item.Bytes,
            Started = now - took,
            Finished = now,
            Duration = took,
            Attempts = item.Attempts,
            Node = shared.Options.Node,
        };
    }
}
