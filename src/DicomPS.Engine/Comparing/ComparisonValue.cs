using DicomPS.Associations;

namespace DicomPS.Comparing;

/// <summary>What an <see cref="ArchiveComparison"/> yields.</summary>
public abstract record ComparisonValue;

/// <summary>A difference, or on demand what is the same.</summary>
/// <param name="Result">What it is.</param>
public sealed record ComparisonFound(ArchiveDifference Result) : ComparisonValue;

/// <summary>What the studies of a day came to. Studies whose day differs may have it told twice.</summary>
/// <param name="Day">The day.</param>
public sealed record ComparisonDayEnded(ArchiveComparisonDay Day) : ComparisonValue;

/// <summary>Something to know about the answers of one side. Each is told once.</summary>
/// <param name="Node">Which side; null where it is not named.</param>
/// <param name="Message">What it is.</param>
/// <param name="Advice">What to do about it, or null.</param>
public sealed record ComparisonNotice(DicomNode? Node, string Message, string? Advice) : ComparisonValue;

/// <summary>Something that failed on one side; the rest went on, and what is unknown by it is told as unknown.</summary>
/// <param name="Node">Which side; null where it is not named.</param>
/// <param name="Problem">Why.</param>
public sealed record ComparisonFailed(DicomNode? Node, DicomException Problem) : ComparisonValue
{
    /// <summary>Whether the side was not reached at all.</summary>
    public bool IsUnreachable { get; init; }
}

/// <summary>The last value: how it went. A study may count for several kinds.</summary>
/// <param name="IsComplete">Whether all was asked and answered in full: only then is what is not told the same in both.</param>
public sealed record ComparisonSummary(bool IsComplete) : ComparisonValue
{
    /// <summary>The sums of all days.</summary>
    public ArchiveComparisonDay Total { get; init; } = new();

    /// <summary>How many C-FIND requests it took on both sides, those for series and instances among them.</summary>
    public long Queries { get; init; }

    /// <summary>The same in words.</summary>
    public string Text { get; init; } = "";
}
