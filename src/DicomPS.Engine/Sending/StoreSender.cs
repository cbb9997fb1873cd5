using System.Diagnostics;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Part10;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Sending;

/// <summary>One of a job's workers: takes files and sends them over an association of its own.</summary>
internal sealed class StoreSender(StoreSenderState shared)
{
    // Files that need contexts which the open association did not propose wait here for the next one.
    private readonly Queue<Item> _deferred = new();
    private const int MostDeferred = 256;

    private StoreScu? _scu;
    private IReadOnlyCollection<StoreContextKey> _proposed = [];
    private int _sentOnAssociation;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await NextAsync(cancellationToken).ConfigureAwait(false) is { } item)
            {
                if (_scu is { } && !_proposed.Contains(item.Key) && _deferred.Count < MostDeferred && shared.Ready.TryPeek(out _))
                {
                    _deferred.Enqueue(item);
                    continue;
                }

                await SendWithRetriesAsync(item, cancellationToken).ConfigureAwait(false);
            }

            await ReleaseAsync().ConfigureAwait(false);
        }
        finally
        {
            await DropAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<Item?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (shared.Ready.TryRead(out var file))
                return new Item(file);
            if (_deferred.Count > 0)
                return _deferred.Dequeue();
            var more = shared.Ready.WaitToReadAsync(cancellationToken).AsTask();
            if (_scu is { } && !more.IsCompleted)
            {
                using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var first = await Task.WhenAny(more, Task.Delay(shared.Options.IdleRelease, idle.Token)).ConfigureAwait(false);
                idle.Cancel();
                if (first != more)
                    await ReleaseAsync().ConfigureAwait(false);
            }

            if (!await more.ConfigureAwait(false))
                return null;
        }
    }

    private async Task SendWithRetriesAsync(Item item, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An association that has served before may have gone stale unnoticed; that is no fault of this file.
            var wasUsed = _sentOnAssociation > 0;
            var start = Stopwatch.GetTimestamp();
            DicomException problem;
            item.Attempts++;
            item.Bytes = 0;
            try
            {
                if (await ConnectForAsync(item, cancellationToken).ConfigureAwait(false) is { } unreachable)
                {
                    await ReportAsync(item, Failure(item, start, "NotSent", unreachable), cancellationToken).ConfigureAwait(false);
                    return;
                }

                if (_scu!.RouteFor(item.File, shared.Options.Reencode) is not { } context)
                {
                    await ReportAsync(item, Failure(item, start, "NotSent", Refused(item)), cancellationToken).ConfigureAwait(false);
                    return;
                }

                Begin(item);
                item.IsReencoded = context.TransferSyntax != item.File.TransferSyntax.Uid;
                var response = await _scu.SendAsync(item.File, context, shared.Options.Priority, count =>
                {
                    item.Bytes += count;
                    shared.Progress(count);
                }, cancellationToken).ConfigureAwait(false);
                _sentOnAssociation++;
                if (!IsPassing(response.Status!.Value) || item.Attempts > shared.Options.RetryCount)
                {
                    await ReportAsync(item, Answered(item, start, context, response), cancellationToken).ConfigureAwait(false);
                    return;
                }

                problem = Answered(item, start, context, response).Exception!;
            }
            catch (DicomNetworkException broken)
            {
                await DropAsync().ConfigureAwait(false);
                if (wasUsed && !item.WasOnStale)
                {
                    item.WasOnStale = true;
                    item.Attempts--;
                    continue;
                }

                problem = broken;
            }
            catch (DicomException file)
            {
                if (_scu is { Association.State: not AssociationState.Established })
                    await DropAsync().ConfigureAwait(false);
                await ReportAsync(item, Failure(item, start, "NotSent", file), cancellationToken).ConfigureAwait(false);
                return;
            }

            if (problem is DicomNetworkException && item.Attempts > shared.Options.RetryCount)
            {
                await ReportAsync(item, Failure(item, start, item.MayHaveArrived ? "Unknown" : "NotSent", problem), cancellationToken)
                    .ConfigureAwait(false);
                return;
            }

            await Task.Delay(NodeReach.Delay(shared.Options.RetryDelay, item.Attempts), cancellationToken).ConfigureAwait(false);
        }
    }

    // Makes sure that the open association has proposed what the file needs. Returns why the node cannot be reached, or null.
    private async Task<DicomException?> ConnectForAsync(Item item, CancellationToken cancellationToken)
    {
        if (_scu is { } && _proposed.Contains(item.Key))
            return null;
        await ReleaseAsync().ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            if (shared.Reach.Problem is { } known)
                return known;
            // A moment for the reader of files to get ahead, so that one association serves what is coming.
            if (attempt == 1 && !shared.Ready.Completion.IsCompleted)
                await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            var keys = shared.Wanted([item.Key, .. _deferred.Select(d => d.Key)]);
            var (proposals, served) = StoreContexts.Propose(keys, shared.Options.Reencode);
            try
            {
                _scu = await shared.Reach.ConnectAsync(
                    () => StoreScu.ConnectAsync(shared.Options.Association with { PresentationContexts = proposals }, cancellationToken))
                    .ConfigureAwait(false);
                _proposed = served;
                _sentOnAssociation = 0;
                return null;
            }
            catch (DicomNetworkException problem) when (shared.Reach.HasNoRoom(problem))
            {
                // No room beside the other workers: this file waits for them, or they would go on without it.
                attempt = 0;
            }
            catch (DicomNetworkException problem)
            {
                if (!problem.IsTransient || !shared.Reach.MayRetry(problem, attempt, shared.Options.RetryCount))
                {
                    if (await shared.Reach.IsLostAsync(problem, cancellationToken).ConfigureAwait(false))
                        return problem;
                    attempt = 0;
                }
            }

            var wait = attempt == 0 ? NodeReach.RoomDelay(shared.Options.RetryDelay) : NodeReach.Delay(shared.Options.RetryDelay, attempt);
            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Begin(Item item)
    {
        item.Begun ??= shared.Begin(item.File.Path);
    }

    private ValueTask ReportAsync(Item item, StoreResult result, CancellationToken cancellationToken)
    {
        if (item.Begun is { } begun)
            shared.End(begun);
        item.Begun = null;
        return shared.Report(result, cancellationToken);
    }

    // Out of resources (A7xx) and resource limitation (0213) may pass; everything else is about the file.
    private static bool IsPassing(ushort status) => status is (>= 0xA700 and <= 0xA7FF) or 0x0213;

    private async Task ReleaseAsync()
    {
        if (_scu is null)
            return;
        try
        {
            await _scu.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomNetworkException)
        {
            // Every file on it has its answer already; how the peer takes leave changes nothing.
        }

        await DropAsync().ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        if (_scu is { } scu)
        {
            shared.Reach.Closed();
            await scu.DisposeAsync().ConfigureAwait(false);
        }

        _scu = null;
        _proposed = [];
    }

    private DicomNetworkException Refused(Item item)
    {
        var file = item.File;
        var sopClass = DicomDictionary.NameOf(file.SopClassUid);
        var refused =
            _scu!.Association.RefusedContexts.FirstOrDefault(
                c => c.AbstractSyntax == file.SopClassUid && c.TransferSyntaxes.Contains(file.TransferSyntax.Uid))
            ?? _scu.Association.RefusedContexts.FirstOrDefault(c => c.AbstractSyntax == file.SopClassUid);
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

    private StoreResult Answered(Item item, long start, AcceptedContext context, CommandSet response)
    {
        var said = DimseStatus.Describe("storage", response.Status);
        var success = said.Category is DimseStatusCategory.Success or DimseStatusCategory.Warning;
        var result = Describe(item, start, said.ToString(), success) with
        {
            StatusCode = response.Status,
            ErrorComment = response.ErrorComment,
            OffendingElement = response.OffendingElements is { Count: > 0 } tags
                ? string.Join(", ", tags.Select(tag => DicomDictionary.KeywordOf(new DicomTag(tag)))) : null,
            TransferSyntax = TransferSyntax.Find(context.TransferSyntax).Name,
            TransferSyntaxUID = context.TransferSyntax,
        };
        if (success)
            return result;
        var message = $"The peer answered C-STORE with status {response.Status:X4} ({said.Meaning})."
            + (response.ErrorComment is { } comment ? $" It says: {comment}" : "");
        var problem = new DicomStatusException(message, response.Status!.Value)
        {
            Stage = DicomStage.Dimse,
            ErrorComment = response.ErrorComment,
            IsTransient = IsPassing(response.Status.Value),
            Advice = IsPassing(response.Status.Value)
                ? "The peer is short of space or memory. Free some there, then send the file again."
                : "The peer looked at the file and refused it; its log says more. Sending it again unchanged will not help.",
        };
        return result with { Error = message, Advice = problem.Advice, Exception = problem };
    }

    private StoreResult Failure(Item item, long start, string status, DicomException problem) =>
        Describe(item, start, status, false) with
        {
            Error = problem.Message,
            Advice = status == "Unknown"
                ? $"The association broke before the answer: the peer may or may not have the file. Sending it again is safe. {problem.Advice}".TrimEnd()
                : problem.Advice,
            Exception = problem,
        };

    private StoreResult Describe(Item item, long start, string status, bool success)
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

    private sealed class Item(ProbedFile file)
    {
        public ProbedFile File { get; } = file;

        public StoreContextKey Key { get; } = new(file.SopClassUid, file.TransferSyntax.Uid);

        public int Attempts { get; set; }

        public long Bytes { get; set; }

        public bool WasOnStale { get; set; }

        public LinkedListNode<(string Path, DateTime Since)>? Begun { get; set; }

        public bool IsReencoded { get; set; }

        // A peer that saw less than the whole dataset cannot have stored it.
        public bool MayHaveArrived => IsReencoded ? Bytes > 0 : Bytes >= File.DatasetLength;
    }
}
