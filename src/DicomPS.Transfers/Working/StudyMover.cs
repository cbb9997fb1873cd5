using DicomPS.Retrieving;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Moves studies from the source to the destination: by C-MOVE, or by C-GET or C-MOVE into a spool and C-STORE from there, over one
/// association to the source that is kept. The destination is asked before each: what it has is not moved again.
/// </summary>
internal sealed class StudyMover(WorkerOptions options, WorkerPorts ports, TransferRow transfer) : IAsyncDisposable
{
    private readonly StudyAsker _source = new(options.Call, transfer.Source.Node);
    private readonly StudyAsker _destination = new(options.Call, transfer.Destination.Node);
    private readonly StudyRetriever _retriever = new(options, ports, transfer.Source,
        transfer.Method == "Forward" ? null : transfer.Destination.Node.AETitle);

    private SideTimes _times;
    private bool _isMute;

    private bool Forwards => transfer.Method == "Forward";

    /// <summary>Moves a study, or what is missing of it.</summary>
    public async Task<AttemptEnd> MoveAsync(ClaimedItem item, double jitter, CancellationToken cancellationToken)
    {
        _times = default;
        StudyContents? there = null;
        try
        {
            there = await TimedAsync(Blame.Destination, AskAsync(item, cancellationToken)).ConfigureAwait(false);
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
            await _retriever.DropAsync().ConfigureAwait(false);
            try
            {
                here = await TimedAsync(Blame.Source, _source.AskAsync(item.StudyUid, there.Instances is not null, cancellationToken))
                    .ConfigureAwait(false);
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
            Times = _times,
        };
    }

    private async Task<T> TimedAsync<T>(Blame side, Task<T> work)
    {
        var clock = Passed.Since(options.Time);
        try
        {
            return await work.ConfigureAwait(false);
        }
        finally
        {
            var time = clock.Elapsed;
            _times = _times.Plus(side switch
            {
                Blame.Source => new SideTimes(time, TimeSpan.Zero, TimeSpan.Zero),
                Blame.Destination => new SideTimes(TimeSpan.Zero, time, TimeSpan.Zero),
                _ => new SideTimes(TimeSpan.Zero, TimeSpan.Zero, time),
            });
        }
    }

    public ValueTask DisposeAsync() => _retriever.DisposeAsync();

    // Deep verification looks at each instance, and so does this.
    private Task<StudyContents>? Question(ClaimedItem item, CancellationToken cancellationToken) =>
        _isMute ? null : _destination.AskAsync(item.StudyUid, VerifyLevel.AsksInstances(transfer.Verify), cancellationToken);

    private async Task<StudyContents?> AskAsync(ClaimedItem item, CancellationToken cancellationToken) =>
        Question(item, cancellationToken) is { } asking ? await asking.ConfigureAwait(false) : null;

    // Found on both sides without anything being sent by this transfer: skipped. After a try of its own it is done. What is to be
    // looked at deeper, or is less than was listed, is verified first.
    private AttemptEnd Alike(ClaimedItem item, StudyContents here, StudyContents there)
    {
        var isOpen = VerifyLevel.IsDeep(transfer.Verify) || item.IsMoreThan(here.Count);
        return new AttemptEnd
        {
            State = isOpen ? "Transferred" : item.Attempt == 1 ? "Skipped" : "Done",
            Wait = isOpen ? TimeSpan.Zero : null,
            IsMoved = item.Attempt > 1,
            IsFound = true,
            Served = true,
            SourceInstances = here.Count,
            DestinationInstances = there.Count,
            Checks = item.Checks,
        };
    }

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
            foreach (var result in await TimedAsync(Forwards ? Blame.Source : Blame.Nobody,
                _retriever.RetrieveAsync(keys, cancellationToken)).ConfigureAwait(false))
            {
                completed += result.Completed ?? 0;
                failed += result.Failed ?? 0;
                warning += result.Warning ?? 0;
                counts |= result.Completed is not null;
                if (_retriever.KindOf(result, Blame.Source) is { } kind)
                {
                    if (kind.Kind == FailureKinds.Suspect && await IsGoneAsync(item, cancellationToken).ConfigureAwait(false))
                        return Ends.Failed(item, FailureKinds.NotAtSource, $"{transfer.Source.Node} has no such study.", transfer, jitter);
                    return Ends.Failed(item, kind, _retriever.Sentence(result, kind), transfer, jitter) with
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

    // A retrieve that brought nothing and calls that a success: try after try would end so when there is nothing.
    private async Task<bool> IsGoneAsync(ClaimedItem item, CancellationToken cancellationToken)
    {
        // One association to the source at a time.
        await _retriever.DropAsync().ConfigureAwait(false);
        try
        {
            return (await _source.AskAsync(item.StudyUid, false, cancellationToken).ConfigureAwait(false)).IsEmpty;
        }
        catch (DicomException)
        {
            // Not known; it is tried again.
            return false;
        }
    }

    // What came is sent when all of it came: a try that fetched a part is no try that sent one.
    private async Task<AttemptEnd> ForwardAsync(ClaimedItem item, List<RetrieveKeys> wanted, double jitter,
        CancellationToken cancellationToken)
    {
        await options.Room.WaitAsync(cancellationToken).ConfigureAwait(false);
        long taken = 0;
        try
        {
            var fetched = await MoveAsync(item, wanted, jitter, cancellationToken).ConfigureAwait(false);
            var files = _retriever.Spool?.Files() ?? [];
            options.Room.Take(taken = _retriever.Spool?.Bytes() ?? 0);
            if (!fetched.IsMoved)
                return fetched with { Load = new SideBytes(taken, 0) };
            if (files.Count == 0)
            {
                return Ends.Failed(item, new FailureKind("Suspect", Blame.Nobody, Again: true, LosesTry: true),
                    "The source reports success, and nothing came.", transfer, jitter);
            }

            var (bytes, sent, failed, failure) = await TimedAsync(Blame.Destination,
                new StudySender(options, transfer).SendAsync(files, cancellationToken)).ConfigureAwait(false);
            return (failure is null ? fetched : Ends.Failed(item, StudySender.KindOf(failure, sent > 0),
                $"{transfer.Destination.Node}: {failure.Error ?? failure.Status}", transfer, jitter)) with
            {
                Status = failure?.Status ?? fetched.Status,
                StatusCode = failure is null ? 0 : failure.StatusCode,
                Completed = sent,
                Failed = failed,
                Warning = null,
                Bytes = bytes,
                Load = new SideBytes(taken, bytes),
            };
        }
        finally
        {
            _retriever.Spool?.Empty();
            options.Room.Free(taken);
        }
    }
}
