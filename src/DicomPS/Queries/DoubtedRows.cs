using System.Management.Automation;
using DicomPS.Data;

namespace DicomPS.Queries;

/// <summary>
/// Answers of a Find that do not fit its keys, piped into the next Find: they are left out, so that nothing below them is moved as if it
/// had been wanted. With -Force they are asked about, and what is below them does not match either.
/// </summary>
internal sealed class DoubtedRows
{
    private static readonly DicomTag[] Deepest =
        [Dictionary.Tags.SOPInstanceUID, Dictionary.Tags.SeriesInstanceUID, Dictionary.Tags.StudyInstanceUID, Dictionary.Tags.PatientID];

    private readonly HashSet<string> _forced = new(StringComparer.Ordinal);

    /// <summary>How many were left out.</summary>
    public long Skipped { get; private set; }

    /// <summary>The error for the first that is left out; null for those behind it, which are only counted.</summary>
    public ModuleException? Skip(DicomDataset row)
    {
        var what = string.Join("\\", Keys(row));
        return ++Skipped == 1 ? NotMatching($"{what} is", what) : null;
    }

    /// <summary>The error that counts those behind the first; null when there are none.</summary>
    public ModuleException? Rest() => Skipped > 1 ? NotMatching(Skipped == 2 ? "1 more is" : $"{Skipped - 1} more are", null) : null;

    /// <summary>Remembers a row that is asked about all the same.</summary>
    public void Force(DicomDataset row) => _forced.UnionWith(Keys(row));

    /// <summary>The answer, which does not match when it belongs to a row that does not.</summary>
    public QueryResult Inherit(QueryResult answer)
    {
        if (_forced.Count == 0)
            return answer;
        var isBelow = answer switch
        {
            Study study => IsForced(study.StudyInstanceUID, study.PatientID),
            Series series => IsForced(series.SeriesInstanceUID, series.StudyInstanceUID, series.PatientID),
            Instance instance => IsForced(instance.SOPInstanceUID, instance.SeriesInstanceUID, instance.StudyInstanceUID,
                instance.PatientID),
            _ => false,
        };
        return isBelow ? answer with { Matches = false } : answer;
    }

    private bool IsForced(params string?[] keys) => keys.Any(key => key is not null && _forced.Contains(key));

    private static string[] Keys(DicomDataset row) => Deepest.Select(row.GetStrings).FirstOrDefault(values => values.Length > 0) ?? [];

    private static ModuleException NotMatching(string what, string? target) => new(ErrorIds.AnswerNotMatching, ErrorCategory.InvalidData,
        $"{what} not asked about: Find asked for something else, as the answer of the peer shows, or did not find it.",
        "Look at the property Matches of what Find gave. The peer passes over a key of the query; ask with others, or ask about it all "
        + "the same with -Force.", target);
}
