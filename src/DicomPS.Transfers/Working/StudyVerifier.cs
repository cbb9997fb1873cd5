using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>Holds what both sides have of a study against each other, as deep as the transfer says.</summary>
internal sealed class StudyVerifier(WorkerOptions options, TransferRow transfer)
{
    // What is not alike is looked at again: indexing may take longer than was thought.
    private const int MostChecks = 3;
    private const int MostDifferences = 1000;

    /// <summary>Verifies a study.</summary>
    public async Task<AttemptEnd> VerifyAsync(ClaimedItem item, CancellationToken cancellationToken)
    {
        var asks = transfer.Verify != "Counts";
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
            return Unknown(item, FailureKinds.Of(problem, Blame.Source), $"{transfer.Source.Node}: {problem.Message}");
        }

        var end = new AttemptEnd { State = "Done", Served = true, SourceInstances = here.Count, DestinationInstances = there.Count };
        if (here.IsAlike(there))
            return end;
        var differences = Differences(item, here, there);
        // Before its time it may be found alike, never different.
        var isLast = !item.IsEarly && item.Checks + 1 >= MostChecks;
        return end with
        {
            State = isLast ? "Differs" : "Transferred",
            Wait = isLast ? null : transfer.VerifyDelay,
            Checks = item.Checks + (item.IsEarly ? 0 : 1),
            Kind = "Differs",
            Error = $"The source has {Number(here)} instances, the destination {Number(there)}.",
            Differences = differences,
        };
    }

    private static string Number(StudyContents contents) =>
        contents.Count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown number of";

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
            Kind = isOver ? "NotVerified" : kind.Kind,
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
