using System.Collections;
using System.Management.Automation;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>
/// The ids of the latest results of this process, for completion: the newest few of each kind of result, from all
/// runspaces, forgotten when the module is removed.
/// </summary>
internal static class SeenValues
{
    private const int Most = 200;
    private static readonly Dictionary<Type, Queue<Seen>> Rings = [];

    /// <summary>Remembers what a result names; anything that is no result is passed over.</summary>
    public static void Remember(object? result)
    {
        Seen? seen = result switch
        {
            Patient r => new(r.PatientID) { About = Join(r.PatientName, Day(r.PatientBirthDate)) },
            Study r => new(r.PatientID, r.AccessionNumber,
                r.StudyInstanceUID)
            { About = Join(r.PatientName, Day(r.StudyDate), r.Modalities, r.StudyDescription) },
            Series r => new(r.PatientID, null, r.StudyInstanceUID,
                r.SeriesInstanceUID)
            { About = Join(Day(r.SeriesDate), r.Modality, r.SeriesDescription) },
            Instance r => new(r.PatientID, null, r.StudyInstanceUID, r.SeriesInstanceUID,
                r.SOPInstanceUID)
            { About = Join(r.SOPClass, $"{r.InstanceNumber}") },
            WorklistItem r => new(r.PatientID, r.AccessionNumber,
                r.StudyInstanceUID)
            { About = Join(r.PatientName, Day(r.ScheduledDate), r.Modality, r.RequestedProcedureDescription) },
            ServiceObject r => new(r.PatientID, null, null, null, r.SOPInstanceUID) { About = Join(r.Model, r.Name) },
            FileHeader r => new(r.PatientID, null, r.StudyInstanceUID, r.SeriesInstanceUID,
                r.SOPInstanceUID)
            { About = Join(r.PatientName, Day(r.StudyDate), r.Modality) },
            ReceivedInstance r => new(r.PatientID, null, r.StudyInstanceUID, r.SeriesInstanceUID,
                r.SOPInstanceUID)
            { About = Join(r.PatientName, Day(r.ReceivedAt), r.SOPClass) },
            _ => null,
        };
        if (seen is null)
            return;
        lock (Rings)
        {
            if (!Rings.TryGetValue(result!.GetType(), out var ring))
                Rings[result.GetType()] = ring = new Queue<Seen>();
            if (ring.Count == Most)
                ring.Dequeue();
            ring.Enqueue(seen);
        }
    }

    /// <summary>Everything that is remembered, the newest of each kind first.</summary>
    public static IReadOnlyList<Seen> All
    {
        get
        {
            lock (Rings)
                return [.. Rings.Values.SelectMany(ring => ring.Reverse())];
        }
    }

    /// <summary>Forgets everything.</summary>
    public static void Clear()
    {
        lock (Rings)
            Rings.Clear();
    }

    private static string? Day(DateTime? date) => date?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string Join(params string?[] parts) => string.Join(", ", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
}

/// <summary>The ids of one result.</summary>
internal sealed record Seen(string? PatientID, string? AccessionNumber = null, string? StudyInstanceUID = null,
    string? SeriesInstanceUID = null, string? SOPInstanceUID = null)
{
    /// <summary>The patient, the day and the like, in a line.</summary>
    public string About { get; init; } = "";

    /// <summary>The id that a parameter of this name takes.</summary>
    public string? Value(string parameter) => parameter switch
    {
        nameof(PatientID) => PatientID,
        nameof(AccessionNumber) => AccessionNumber,
        nameof(StudyInstanceUID) => StudyInstanceUID,
        nameof(SeriesInstanceUID) => SeriesInstanceUID,
        nameof(SOPInstanceUID) => SOPInstanceUID,
        _ => null,
    };
}

/// <summary>
/// Completes ids that this session has seen in results, the newest first; those of another patient or study than the one that is
/// written beside are left out.
/// </summary>
public sealed class SeenCompleter : Completer
{
    private static readonly string[] Parents = [nameof(Seen.PatientID), nameof(Seen.StudyInstanceUID), nameof(Seen.SeriesInstanceUID)];

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => [];

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates(string parameter, IDictionary given) => SeenValues.All
        .GroupBy(seen => seen.Value(parameter) ?? "", StringComparer.Ordinal)
        .Where(
            group => group.All(
                seen => Parents.All(parent => parent == parameter || seen.Value(parent) is not { } value || IsGiven(given[parent], value))))
        .Select(group => (group.Key, group.First().About));

    // What is not written yet, or stands in a variable, excludes nothing.
    private static bool IsGiven(object? given, string value) =>
        !LanguagePrimitives.TryConvertTo(given, out string[] wanted) || wanted is not { Length: > 0 }
            || wanted.Contains(value, StringComparer.Ordinal);
}
