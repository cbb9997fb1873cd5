using DicomPS.Retrieving;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Moves studies by C-MOVE from the source to the destination, over one association to the source that is kept. The destination is asked
/// before each: what it has is not moved again.
/// </summary>
internal sealed class StudyMover(WorkerOptions options, TransferRow transfer) : IAsyncDisposable
{
    private readonly StudyAsker _source = new(options.Call, transfer.Source.Node);
    private readonly StudyAsker _destination = new(options.Call, transfer.Destination.Node);
    private RetrieveJob? _job;
    private IAsyncEnumerator<RetrieveResult>? _results;
    private bool _isMute;

    /// <summary>Moves a study, or what is missing of it.</summary>
    public async Task<AttemptEnd> MoveAsync(ClaimedItem item, double jitter, CancellationToken cancellationToken)
    {
        StudyContents? there = null;
        try
        {
            there = await AskAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (DicomException problem) when (problem is not StoreException)
        {
            var kind = FailureKinds.Of(problem, Blame.Destination);
            if (kind.Blame == Blame.Destination)
                return Ends.Failed(item, kind, $"{transfer.Destination.Node}: {problem.Message}", transfer, jitter);
            // It answers no queries, at least not this one; sent twice is stored once.
            options.Note?.Invoke($"{transfer.Destination.Node} does not say what it has of {item.StudyUid}: {problem.Message}");
            _isMute = kind.Kind == "ContextRefused";
        }

        List<RetrieveKeys> wanted = [new RetrieveKeys { StudyInstanceUID = [item.StudyUid] }];
        StudyContents? here = null;
        if (there is { IsEmpty: false })
        {
            // One association to the source at a time.
            await DropJobAsync().ConfigureAwait(false);
            try
            {
                here = await _source.AskAsync(item.StudyUid, there.Instances is not null, cancellationToken).ConfigureAwait(false);
            }
            catch (DicomException problem)
            {
                return Ends.Failed(item, FailureKinds.Of(problem, Blame.Source), $"{transfer.Source.Node}: {problem.Message}", transfer,
                    jitter);
            }

            if (here.IsAlike(there))
                return Alike(item, here, there);
            wanted = await MissingAsync(item, here, cancellationToken).ConfigureAwait(false) ?? wanted;
        }

        return await MoveAsync(item, wanted, jitter, cancellationToken).ConfigureAwait(false) with
        {
            SourceInstances = here?.Count,
            DestinationInstances = there?.Count,
        };
    }

    public async ValueTask DisposeAsync() => await DropJobAsync().ConfigureAwait(false);

    // Deep verification looks at each instance, and so does this.
    private Task<StudyContents>? Question(ClaimedItem item, CancellationToken cancellationToken) =>
        _isMute ? null : _destination.AskAsync(item.StudyUid, transfer.Verify != "Counts", cancellationToken);

    private async Task<StudyContents?> AskAsync(ClaimedItem item, CancellationToken cancellationToken) =>
        Question(item, cancellationToken) is { } asking ? await asking.ConfigureAwait(false) : null;

    // Found on both sides without anything being sent by this transfer: skipped. After a try of its own it is done.
    private static AttemptEnd Alike(ClaimedItem item, StudyContents here, StudyContents there) => new()
    {
        State = item.Attempt == 1 ? "Skipped" : "Done",
        Served = true,
        SourceInstances = here.Count,
        DestinationInstances = there.Count,
        Checks = item.Checks,
    };

    private async Task<List<RetrieveKeys>?> MissingAsync(ClaimedItem item, StudyContents here, CancellationToken cancellationToken)
    {
        var mine = here.Instances is null
            ? await _source.AskAsync(item.StudyUid, true, cancellationToken).ConfigureAwait(false) : here;
        var theirs = await _destination.AskAsync(item.StudyUid, true, cancellationToken).ConfigureAwait(false);
        var missing = mine.Instances!.Where(one => !theirs.Instances!.ContainsKey(one.Key)).ToLookup(one => one.Value, one => one.Key);
        // Without a series an instance cannot be asked for alone; and what has nothing missing by UID is sent as a whole.
        if (missing.Count == 0 || missing.Any(series => series.Key.Length == 0))
            return null;
        return [.. missing.SelectMany(series => RetrieveTarget.Split(new RetrieveKeys
        {
            StudyInstanceUID = [item.StudyUid],
            SeriesInstanceUID = [series.Key],
            SOPInstanceUID = [.. series],
        }))];
    }

    private async Task<AttemptEnd> MoveAsync(ClaimedItem item, List<RetrieveKeys> wanted, double jitter,
        CancellationToken cancellationToken)
    {
        long completed = 0, failed = 0, warning = 0;
        var counts = false;
        foreach (var keys in wanted)
        {
            // A list of instances has a result for each.
            foreach (var result in await RetrieveAsync(keys, cancellationToken).ConfigureAwait(false))
            {
                completed += result.Completed ?? 0;
                failed += result.Failed ?? 0;
                warning += result.Warning ?? 0;
                counts |= result.Completed is not null;
                if (FailureKinds.Of(result) is { } kind)
                {
                    return Ends.Failed(item, kind, result.Advice ?? result.GetException()?.Message ?? result.Status, transfer, jitter) with
                    {
                        Status = result.Status,
                        StatusCode = result.StatusCode,
                        Completed = counts ? completed : null,
                        Failed = result.Failed is null ? null : failed,
                        Warning = result.Warning is null ? null : warning,
                    };
                }
            }
        }

        return new AttemptEnd
        {
            State = "Transferred",
            Wait = transfer.VerifyDelay,
            IsMoved = true,
            Served = true,
            Status = "Success",
            StatusCode = 0,
            Completed = counts ? completed : null,
            Failed = counts ? failed : null,
            Warning = counts ? warning : null,
        };
    }

    private async Task<List<RetrieveResult>> RetrieveAsync(RetrieveKeys keys, CancellationToken cancellationToken)
    {
        if (_job is null)
        {
            _job = new RetrieveJob(new RetrieveJobOptions
            {
                Association = options.Call(transfer.Source.Node),
                Node = transfer.Source.Node,
                Destination = transfer.Destination.Node.AETitle,
                RetryCount = 0,
                Silence = options.Silence,
                IdleRelease = TimeSpan.FromSeconds(10),
            });
            _results = _job.ResultsAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        }

        var job = _job;
        using var stop = cancellationToken.Register(() => job.StopAsync());
        await job.AddAsync(keys, cancellationToken).ConfigureAwait(false);
        var results = new List<RetrieveResult>();
        for (var owed = Math.Max(1, keys.SOPInstanceUID.Count); owed > 0 && await _results!.MoveNextAsync().ConfigureAwait(false); owed--)
            results.Add(_results.Current);
        cancellationToken.ThrowIfCancellationRequested();
        return results;
    }

    private async Task DropJobAsync()
    {
        if (_job is not { } job)
            return;
        _job = null;
        job.CompleteAdding();
        await job.DisposeAsync().ConfigureAwait(false);
        if (_results is { } results)
            await results.DisposeAsync().ConfigureAwait(false);
        _results = null;
    }
}
