using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Moves studies from the source to the destination: by C-MOVE, or by C-GET into a spool and C-STORE from there, over one association to
/// the source that is kept. The destination is asked before each: what it has is not moved again.
/// </summary>
internal sealed class StudyMover(WorkerOptions options, TransferRow transfer) : IAsyncDisposable
{
    private readonly StudyAsker _source = new(options.Call, transfer.Source.Node);
    private readonly StudyAsker _destination = new(options.Call, transfer.Destination.Node);
    private RetrieveJob? _job;
    private IAsyncEnumerator<RetrieveResult>? _results;
    private Spool? _spool;
    private readonly SpoolDisk _disk = new(options.SpoolDisk);
    private bool _isMute;

    private bool Forwards => transfer.Method == "Forward";

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
        if (there is { IsEmpty: false } || (there is not null && item.IsProbe))
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
            if (!there.IsEmpty)
                wanted = await MissingAsync(item, here, cancellationToken).ConfigureAwait(false) ?? wanted;
            // Both nodes answer: what fails from here on is the study's, also while one of them is held. One that brings a node down each
            // time it is sent would be tried for ever otherwise.
            item = item with { IsProbe = false };
        }

        var end = Forwards ? await ForwardAsync(item, wanted, jitter, cancellationToken).ConfigureAwait(false)
            : await MoveAsync(item, wanted, jitter, cancellationToken).ConfigureAwait(false);
        return end with
        {
            SourceInstances = here?.Count,
            DestinationInstances = there?.Count,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await DropJobAsync().ConfigureAwait(false);
        _spool?.Dispose();
        _spool = null;
    }

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

    // What came is sent when all of it came: a try that fetched a part is no try that sent one.
    private async Task<AttemptEnd> ForwardAsync(ClaimedItem item, List<RetrieveKeys> wanted, double jitter,
        CancellationToken cancellationToken)
    {
        await options.Room.WaitAsync(cancellationToken).ConfigureAwait(false);
        _spool ??= Spool.Make(options.SpoolFolder);
        long taken = 0;
        try
        {
            var fetched = await MoveAsync(item, wanted, jitter, cancellationToken).ConfigureAwait(false);
            var files = _spool.Files();
            options.Room.Take(taken = files.Sum(file => new FileInfo(file).Length));
            if (!fetched.IsMoved)
                return _disk.TakeProblem() is { } full ? SpoolFailed(item, full, jitter) : fetched;
            if (files.Count == 0)
            {
                return Ends.Failed(item, new FailureKind("Suspect", Blame.Nobody, Again: true, LosesTry: true),
                    "The source reports success, and nothing came.", transfer, jitter);
            }

            var (bytes, sent, failed, failure) = await new StudySender(options, transfer).SendAsync(files, cancellationToken)
                .ConfigureAwait(false);
            return (failure is null ? fetched : Ends.Failed(item, StudySender.KindOf(failure, sent > 0),
                $"{transfer.Destination.Node}: {failure.Error ?? failure.Status}", transfer, jitter)) with
            {
                Status = failure?.Status ?? fetched.Status,
                StatusCode = failure is null ? 0 : failure.StatusCode,
                Completed = sent,
                Failed = failed,
                Warning = null,
                Bytes = bytes,
            };
        }
        finally
        {
            _spool.Empty();
            options.Room.Free(taken);
        }
    }

    private AttemptEnd SpoolFailed(ClaimedItem item, Exception problem, double jitter) => Ends.Failed(item, FailureKinds.Of(problem),
        $"The spool {_spool?.Folder} cannot be written to: {problem.Message}", transfer, jitter);

    private async Task<List<RetrieveResult>> RetrieveAsync(RetrieveKeys keys, CancellationToken cancellationToken)
    {
        if (_job is null)
        {
            _job = new RetrieveJob(new RetrieveJobOptions
            {
                Association = options.Call(transfer.Source.Node),
                Node = transfer.Source.Node,
                Method = Forwards ? RetrieveMethod.Get : RetrieveMethod.Move,
                Destination = Forwards ? null : transfer.Destination.Node.AETitle,
                Storage = Forwards ? Store() : null,
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

    private StorageServerOptions Store() => new()
    {
        Folder = _spool!.Folder,
        Private = true,
        Files = _disk,
        AcceptUnknownSopClasses = true,
        Server = new DicomServerOptions { AETitle = transfer.Source.Node.CallingAETitle },
    };

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
