using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>What is compared with what.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The archive that is the measure, and over how many associations it is asked.</summary>
    public required QueryJobOptions Reference { get; init; }

    /// <summary>The archive that is held against it.</summary>
    public required QueryJobOptions Difference { get; init; }

    /// <summary>
    /// Which studies: keys, a range of time, the model, and how the range is cut. Attributes to return are compared too. Default: all,
    /// and cut as <see cref="QuerySplit.Auto"/> does.
    /// </summary>
    public QueryRequest Request { get; init; } = new() { Split = QuerySplit.Auto };

    /// <summary>Down to where. Default: studies.</summary>
    public ComparisonLevel Level { get; init; }

    /// <summary>The keys of a study that are compared. Default: <see cref="DefaultKeys"/>.</summary>
    public IReadOnlyList<DicomTag> Keys { get; init; } = DefaultKeys;

    /// <summary>Whether what is the same is given too. Default false.</summary>
    public bool IncludeEqual { get; init; }

    /// <summary>How often a window of time that failed is asked again, after all others, 0 or more. Default 2.</summary>
    public int WindowRetries { get; init; } = 2;

    /// <summary>The wait before that; each further one waits twice as long. Default 1 s.</summary>
    public TimeSpan WindowRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where it is kept how far the comparison is; null, the default, for nowhere.</summary>
    internal ComparisonJournal? Journal { get; init; }

    /// <summary>How long windows are gathered at the most before they are compared and kept, however few studies they have.</summary>
    internal TimeSpan LongestGroup { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The day on which it is compared, behind which one window holds what is to come.</summary>
    internal DateTime Today { get; init; } = DateTime.Today;

    /// <summary>Who the patient is, and which examination it is.</summary>
    public static IReadOnlyList<DicomTag> DefaultKeys { get; } =
    [
        Tags.PatientID, Tags.PatientName, Tags.PatientBirthDate, Tags.PatientSex, Tags.AccessionNumber, Tags.StudyDate, Tags.StudyTime,
        Tags.StudyID, Tags.StudyDescription,
    ];

    /// <summary>
    /// All that decides what is compared, by name, each in a line: what was done for one comparison counts only for one with the same.
    /// </summary>
    internal string Describe() => string.Join("\n",
        $"reference: {Reference.Node?.Address}",
        $"difference: {Difference.Node?.Address}",
        $"level: {Level}",
        $"days: {new QueryWindow(Request.After, Request.Before)}",
        $"keys: {QueryIdentifier.Describe(Request.Keys).Replace('\n', ' ')}",
        $"properties: {string.Join(", ", Keys.Select(DicomDictionary.KeywordOf))}",
        $"split: {Request.Split}",
        $"model: {Request.Model}",
        $"equal ones: {(IncludeEqual ? "given" : "not given")}");
}
