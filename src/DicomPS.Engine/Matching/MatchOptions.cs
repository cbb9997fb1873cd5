namespace DicomPS.Matching;

/// <summary>What both sides of a query have agreed on beside the rules that always hold (PS3.4 C.5.1.1).</summary>
public sealed record MatchOptions
{
    /// <summary>The rules that hold when nothing was agreed on.</summary>
    public static MatchOptions Default { get; } = new();

    /// <summary>Whether names match by sound and in any order of their parts, beside literally (PS3.4 C.2.2.2.1.2).</summary>
    public bool FuzzyNames { get; init; }

    /// <summary>Whether a range of dates and the range of times beside it are one range of moments (PS3.4 C.2.2.2.5.4).</summary>
    public bool CombinedDateTimes { get; init; }

    /// <summary>Whether two quotation marks match what is absent or empty (PS3.4 C.2.2.2.7).</summary>
    public bool EmptyValues { get; init; }
}
