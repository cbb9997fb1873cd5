using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Comparing;

/// <summary>What a comparison yielded.</summary>
internal sealed record CompareOutcome(List<ArchiveDifference> Rows, List<ComparisonNotice> Notices, List<ComparisonFailed> Failures,
    List<ArchiveComparisonDay> Days, ComparisonSummary Summary)
{
    /// <summary>Whether it says that both have the same.</summary>
    public bool IsEqual => Rows.Count == 0 && Summary.IsComplete;

    /// <summary>The rows, sorted, such as "Missing 1.2.3.4".</summary>
    public string Text => string.Join("; ", Rows.Select(row => $"{row.Difference} {row.StudyInstanceUID ?? row.Level}").Order());
}

/// <summary>Archives of this process that are compared.</summary>
internal static class CompareBench
{
    /// <summary>Early enough that there are few windows.</summary>
    public static DateTime Today => new(2000, 3, 1);

    /// <summary>A study of one instance, a day after the one before it where it has a date.</summary>
    public static DicomDataset Numbered(int number, DateTime? at, string modality = "CT", string? patient = null)
    {
        var study = Engine.Tests.Querying.QueryBench.Study(number, at, modality, patient);
        study.Set(Tags.NumberOfStudyRelatedInstances, "1");
        study.Set(Tags.NumberOfStudyRelatedSeries, "1");
        return study;
    }

    public static List<DicomDataset> Studies(int count, DateTime? at = null) =>
        [.. Enumerable.Range(1, count).Select(number => Numbered(number, (at ?? new DateTime(2000, 1, 1, 8, 0, 0)).AddDays(number % 50)))];

    public static async Task<CompareOutcome> CompareAsync(ServiceHandler one, ServiceHandler other,
        Func<ComparisonOptions, ComparisonOptions>? change = null)
    {
        await using var reference = Script(one);
        await using var difference = Script(other);
        var options = new ComparisonOptions
        {
            Reference = Options(reference.Port) with { Associations = 2 },
            Difference = Options(difference.Port) with { Associations = 2 },
            WindowRetryDelay = TimeSpan.Zero,
            Today = Today,
        };
        var values = new List<ComparisonValue>();
        await foreach (var value in new ArchiveComparison((change ?? (same => same))(options)).RunAsync(Token))
            values.Add(value);
        return new CompareOutcome([.. values.OfType<ComparisonFound>().Select(found => found.Result)],
            [.. values.OfType<ComparisonNotice>()], [.. values.OfType<ComparisonFailed>()],
            [.. values.OfType<ComparisonDayEnded>().Select(ended => ended.Day)], values.OfType<ComparisonSummary>().Single());
    }
}
