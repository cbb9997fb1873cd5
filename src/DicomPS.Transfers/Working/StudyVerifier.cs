using DicomPS.Commitment;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>Holds what both sides have of a study against each other, as deep as the transfer says.</summary>
internal sealed class StudyVerifier(WorkerOptions options, WorkerPorts ports, TransferRow transfer)
{
    // What is not alike is looked at again: indexing may take longer than was thought.
    private const int MostChecks = 3;
    private const int MostDifferences = 1000;
    private const string NotVerified = "NotVerified";

    /// <summary>Verifies a study.</summary>
    public async Task<AttemptEnd> VerifyAsync(ClaimedItem item, CancellationToken cancellationToken)
    {
        var asks = VerifyLevel.AsksInstances(transfer.Verify);
        StudyContents here, there;
        try
        {
            there = await new StudyAsker(options.Call, transfer.Destination.Node).AskAsync(item.StudyUid, asks, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            return Unknown(item, FailureKinds.Of(problem, Blame.Destination), $"{transfer.Destination.Node}: {problem.Message}");
        }

        try
        {
            here = await new StudyAsker(options.Call, transfer.Source.Node).AskAsync(item.StudyUid, asks, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            return Unknown(item, FailureKinds.Of(problem, Blame.Source), $"{transfer.Source.Node}: {problem.Message}") with
            {
                DestinationInstances = there.Count,
            };
        }

        var end = new AttemptEnd
        {
            // What was never sent by this transfer was there before.
            State = item.WasMoved ? "Done" : "Skipped",
            Served = true,
            SourceInstances = here.Count,
            DestinationInstances = there.Count,
        };
        if (!here.IsAlike(there))
        {
            return NotAlike(item, end, "Differs", $"The source has {Number(here)}, the destination {Number(there)}.",
                Differences(item, here, there));
        }

        // Alike is not all: what the source had when it was listed may be gone there, or be left out of its answer.
        if (item.IsMoreThan(here.Count))
        {
            return NotAlike(item, end, ClaimedItem.FewerThanListed,
                $"The source has {Number(here)}, and the list says {item.ExpectedInstances}. The destination has as many as the source.",
                [new DifferenceRow
                {
                    StudyUid = item.StudyUid,
                    Kind = ClaimedItem.FewerThanListed,
                    Attributes = "NumberOfStudyRelatedInstances",
                    SourceValue = $"{here.Count} of {item.ExpectedInstances}",
                    DestinationValue = $"{there.Count}",
                }]);
        }

        return VerifyLevel.IsCommitment(transfer.Verify)
                ? await CommitAsync(item, end, here, there, cancellationToken).ConfigureAwait(false)
            : VerifyLevel.GetsInstances(transfer.Verify) ? await CompareAsync(item, end, here, cancellationToken).ConfigureAwait(false)
            : end;
    }

    private async Task<AttemptEnd> CommitAsync(ClaimedItem item, AttemptEnd end, StudyContents here, StudyContents there,
        CancellationToken cancellationToken)
    {
        string? ClassOf(string uid) => there.Classes is { } theirs && theirs.TryGetValue(uid, out var known) ? known
            : here.Classes is { } mine && mine.TryGetValue(uid, out known) ? known : null;
        var items = there.Instances!.Select(one => new CommitmentItem(ClassOf(one.Key) ?? "", one.Key)).ToList();
        if (items.Any(one => !one.IsValid))
        {
            return Counted(end, Unknown(item, new FailureKind("ClassUnknown", Blame.Nobody, Again: false, LosesTry: true),
                "Neither node tells the SOP classes of the instances, which a request for storage commitment names."));
        }

        IReadOnlyList<CommitmentResult> results;
        try
        {
            results = await new StudyCommitter(options, ports, transfer.Destination).AskAsync(items, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            return Counted(end, Unknown(item, StudyCommitter.KindOf(problem), $"{transfer.Destination.Node}: {problem.Message}"));
        }

        var open = results.Where(one => !one.Committed).ToList();
        if (open.Count == 0)
            return end;
        var rows = open.Take(MostDifferences).Select(one => new DifferenceRow
        {
            StudyUid = item.StudyUid,
            SeriesUid = there.Instances![one.SOPInstanceUID] is { Length: > 0 } series ? series : null,
            InstanceUid = one.SOPInstanceUID,
            Kind = "NotCommitted",
            DestinationValue = one.FailureReason,
        });
        return NotAlike(item, end, "NotCommitted", $"{transfer.Destination.Node} does not answer for {open.Count} of {results.Count} "
            + $"instances, the first for this reason: {open[0].FailureReason}", [.. rows]);
    }

    private async Task<AttemptEnd> CompareAsync(ClaimedItem item, AttemptEnd end, StudyContents here, CancellationToken cancellationToken)
    {
        await using var comparer = new StudyComparer(options, ports, transfer);
        ComparedInstances compared;
        try
        {
            compared = await comparer.CompareAsync(item.StudyUid, here.Instances!, cancellationToken).ConfigureAwait(false);
        }
        catch (FetchException problem)
        {
            return Counted(end, Unknown(item, problem.Kind,
                $"{(problem.Asked == Blame.Source ? transfer.Source : transfer.Destination).Node}: {problem.Message}")) with
            {
                Load = comparer.Fetched,
            };
        }

        end = end with { Load = comparer.Fetched };
        if (compared.Rows.Count == 0)
            return end;
        // No later look finds other values.
        return end with
        {
            State = "Differs",
            Checks = item.Checks + 1,
            Kind = compared.Differs ? "Differs" : NotVerified,
            Error = compared.Sentence(),
            Differences = [.. compared.Rows.Take(MostDifferences)],
        };
    }

    // Many systems index late, and commit later still.
    private AttemptEnd NotAlike(ClaimedItem item, AttemptEnd end, string kind, string error, IReadOnlyList<DifferenceRow> differences)
    {
        // Before its time it may be found alike, never different.
        var isLast = !item.IsEarly && item.Checks + 1 >= MostChecks;
        return end with
        {
            State = isLast ? "Differs" : "Transferred",
            Wait = isLast ? null : transfer.VerifyDelay,
            Checks = item.Checks + (item.IsEarly ? 0 : 1),
            Kind = kind,
            Error = error,
            Differences = differences,
        };
    }

    private static string Number(StudyContents contents) => contents.Count switch
    {
        null => "an unknown number of instances",
        1 => "1 instance",
        { } count => count.ToString(System.Globalization.CultureInfo.InvariantCulture) + " instances",
    };

    private static IReadOnlyList<DifferenceRow> Differences(ClaimedItem item, StudyContents here, StudyContents there)
    {
        if (here.Instances is null || there.Instances is null)
        {
            return [new DifferenceRow
            {
                StudyUid = item.StudyUid,
                Kind = there.Count == 0 ? "Missing" : there.Count < here.Count ? "Partial" : "Different",
                Attributes = "NumberOfStudyRelatedInstances",
                SourceValue = $"{here.Count}",
                DestinationValue = $"{there.Count}",
            }];
        }

        var missing = here.Instances.Where(one => !there.Instances.ContainsKey(one.Key)).Select(one => Row(one, "Missing"));
        var extra = there.Instances.Where(one => !here.Instances.ContainsKey(one.Key)).Select(one => Row(one, "Extra"));
        return [.. missing.Concat(extra).Take(MostDifferences)];

        DifferenceRow Row(KeyValuePair<string, string> one, string kind) => new()
        {
            StudyUid = item.StudyUid,
            SeriesUid = one.Value.Length > 0 ? one.Value : null,
            InstanceUid = one.Key,
            Kind = kind,
        };
    }

    // What both told of their numbers stays known when what is below them does not come.
    private static AttemptEnd Counted(AttemptEnd known, AttemptEnd end) =>
        end with { SourceInstances = known.SourceInstances, DestinationInstances = known.DestinationInstances };

    // Not known is not alike, and not different either: it stays Transferred as long as that may pass.
    private AttemptEnd Unknown(ClaimedItem item, FailureKind kind, string error)
    {
        // As long as a study is tried that is not moved: three looks into the dark are no proof of anything.
        var loses = kind.LosesTry && !(item.IsProbe && kind.Blame != Blame.Nobody);
        var wait = loses ? RetrySchedule.After(item.Tries + 1, 0.5) : TimeSpan.FromSeconds(15);
        var isOver = !kind.Again || wait is null;
        return new AttemptEnd
        {
            State = isOver ? "Differs" : "Transferred",
            Wait = isOver ? null : wait,
            LosesTry = loses,
            Checks = item.Checks,
            // A kind that does not pass says more than that nothing is known.
            Kind = isOver && kind.Again ? NotVerified : kind.Kind,
            Error = isOver ? $"It could not be verified. {error}" : error,
            Blamed = kind.Blame switch
            {
                Blame.Source => transfer.Source.Id,
                Blame.Destination => transfer.Destination.Id,
                _ => null,
            },
        };
    }
}
