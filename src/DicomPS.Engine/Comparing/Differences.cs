using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>Holds a study of one side against the same study of the other.</summary>
/// <param name="options">What is compared.</param>
/// <param name="reference">The side that is the measure.</param>
/// <param name="difference">The other side.</param>
internal sealed class Differences(ComparisonOptions options, ComparedSide reference, ComparedSide difference)
{
    private readonly HashSet<DicomTag> _required = [.. QueryKeys.Required(new QueryRequest { Level = QueryLevel.Study })];

    /// <summary>A difference of a study that one or both have.</summary>
    public ArchiveDifference Of(ArchiveDifferenceKind kind, Study? one, Study? other, string? reason)
    {
        var known = one ?? other;
        return new ArchiveDifference
        {
            Kind = kind,
            Level = nameof(ComparisonLevel.Study),
            StudyDate = known?.StudyDate,
            PatientName = known?.PatientName,
            PatientID = known?.PatientID,
            AccessionNumber = known?.AccessionNumber,
            Modalities = known?.Modalities,
            StudyDescription = known?.StudyDescription,
            ReferenceSeries = one?.Series,
            DifferenceSeries = other?.Series,
            ReferenceInstances = one?.Instances,
            DifferenceInstances = other?.Instances,
            ReferenceAvailability = one?.Availability,
            DifferenceAvailability = other?.Availability,
            Reason = reason,
            StudyInstanceUID = known?.StudyInstanceUID,
            Node = one is null ? NodeOf(difference) : NodeOf(reference),
        };
    }

    /// <summary>Days of which nothing can be said.</summary>
    /// <param name="window">The days.</param>
    /// <param name="isDateless">Whether it is what has no date.</param>
    /// <param name="reason">Why.</param>
    public static ArchiveDifference Days(QueryWindow window, bool isDateless, string reason) => new()
    {
        Kind = ArchiveDifferenceKind.Unknown,
        Level = "Days",
        StudyDate = window.From,
        EndDate = window.To?.AddDays(-1),
        Reason = isDateless ? $"Studies without a date: {reason}" : reason,
    };

    /// <summary>What differs in the keys of a study, and whether it can be fetched.</summary>
    /// <param name="one">The reference's study.</param>
    /// <param name="other">The other's.</param>
    public IEnumerable<ArchiveDifference> OfKeys(ComparedStudy one, ComparedStudy other)
    {
        if (IsAway(other.Result.Availability))
        {
            yield return Of(ArchiveDifferenceKind.Offline, one.Result, other.Result,
                $"{difference.Name} says that it is {other.Result.Availability}.");
        }

        List<string>? names = null;
        for (var i = 0; i < options.Keys.Count; i++)
        {
            var tag = options.Keys[i];
            var (mine, its) = (one.Values[i], other.Values[i]);
            if (KeyValues.AreSame(tag, mine, its) || (mine is null && IsUnsaid(reference, i)) || (its is null && IsUnsaid(difference, i)))
                continue;
            (names ??= []).Add(DicomDictionary.KeywordOf(tag));
        }

        if (names is not null)
        {
            yield return Of(ArchiveDifferenceKind.Different, one.Result, other.Result,
                $"{(names.Count == 1 ? "A key differs" : $"{names.Count} keys differ")}: {string.Join(", ", names)}.") with
            {
                Keys = string.Join(", ", names),
            };
        }
    }

    /// <summary>What differs in the numbers that both say.</summary>
    /// <param name="one">The reference's study.</param>
    /// <param name="other">The other's.</param>
    public ArchiveDifference? OfCounts(Study one, Study other)
    {
        if (one.Instances is not { } wanted || other.Instances is not { } given)
        {
            var who = one.Instances is null && other.Instances is null ? "Neither says"
                : $"{(one.Instances is null ? reference : difference).Name} does not say";
            return Of(ArchiveDifferenceKind.Unknown, one, other, $"{who} how many instances it has (NumberOfStudyRelatedInstances).");
        }

        // There is no study without instances: who says so does not count, and two that say so have not said the same.
        if (wanted == 0 && given == 0)
            return Of(ArchiveDifferenceKind.Unknown, one, other, "Both say that they have no instance of it.");
        if (given < wanted)
        {
            return Of(ArchiveDifferenceKind.Partial, one, other,
                $"{difference.Name} has {given} of {QueryState.Count(wanted, "instance", "instances")}.");
        }

        if (given > wanted)
            return Counted(Tags.NumberOfStudyRelatedInstances, $"{difference.Name} has {given} instances, and {reference.Name} {wanted}.");
        return one.Series is { } series && other.Series is { } its && series != its
            ? Counted(Tags.NumberOfStudyRelatedSeries, $"{difference.Name} has {its} series, and {reference.Name} {series}.") : null;

        ArchiveDifference Counted(DicomTag tag, string reason) =>
            Of(ArchiveDifferenceKind.Different, one, other, reason) with { Keys = DicomDictionary.KeywordOf(tag) };
    }

    /// <summary>Whether instances cannot be fetched (PS3.3 C.12.1.1.1, PS3.4 C.4.1.1.3.2); what is NEARLINE can, some time.</summary>
    /// <param name="availability">Instance Availability.</param>
    public static bool IsAway(string? availability) => availability is not null
        && availability.Split('\\').Any(word => word.Trim().ToUpperInvariant() is "OFFLINE" or "UNAVAILABLE");

    /// <summary>The keys that one side has and the other answers in no study, by side: they were not compared.</summary>
    /// <param name="side">The side that may not know them.</param>
    /// <param name="other">The other one.</param>
    public IReadOnlyList<string> NotCompared(ComparedSide side, ComparedSide other) =>
        !side.HasAnswered ? [] : [.. Enumerable.Range(0, options.Keys.Count).Where(i => other.Seen[i] && IsUnsaid(side, i))
            .Select(i => DicomDictionary.KeywordOf(options.Keys[i]))];

    // An optional key without a value may be one that the peer does not know (PS3.4 C.2.2.1.3); one that it must know is empty.
    private bool IsUnsaid(ComparedSide side, int key) => !side.Seen[key] && !_required.Contains(options.Keys[key]);

    private static DicomNode? NodeOf(ComparedSide side) => side.Node;
}
