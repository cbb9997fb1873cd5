using System.Globalization;
using DicomPS.Associations;

namespace DicomPS;

/// <summary>In what two archives differ.</summary>
public enum ArchiveDifferenceKind
{
    /// <summary>Nothing: both have the same. Given on demand.</summary>
    Equal,
    /// <summary>The reference has it, the other does not.</summary>
    Missing,
    /// <summary>The other has it, the reference does not.</summary>
    Extra,
    /// <summary>The other has fewer instances of it.</summary>
    Partial,
    /// <summary>The other has it where it cannot be fetched from: OFFLINE or UNAVAILABLE.</summary>
    Offline,
    /// <summary>Both have it, and keys of it differ.</summary>
    Different,
    /// <summary>It cannot be said, which is not the same as equal: an answer did not come, was cut short, or says no number.</summary>
    Unknown,
}

/// <summary>One difference between two archives: a study, a series, an instance, or days of which nothing can be said.</summary>
public sealed record ArchiveDifference
{
    /// <summary>What it is: Missing, Extra, Partial, Offline, Different, Unknown or Equal.</summary>
    public string Difference => Kind.ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public ArchiveDifferenceKind GetKind() => Kind;

    internal ArchiveDifferenceKind Kind { get; init; }

    /// <summary>What it is about: Study, Series, Instance; Days where a window of time is unknown as a whole.</summary>
    public required string Level { get; init; }

    /// <summary>Study Date and Time, of the reference where it has the study; the first day where days are unknown.</summary>
    public DateTime? StudyDate { get; init; }

    /// <summary>The last day where days are unknown; null otherwise, and where they have no end.</summary>
    public DateTime? EndDate { get; init; }

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Accession Number (0008,0050).</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Modalities in Study (0008,0061), or the modality of a series.</summary>
    public string? Modalities { get; init; }

    /// <summary>Study Description (0008,1030), or that of a series.</summary>
    public string? StudyDescription { get; init; }

    /// <summary>How many series the reference has; null when it does not say.</summary>
    public int? ReferenceSeries { get; init; }

    /// <summary>How many series the other has; null when it does not say.</summary>
    public int? DifferenceSeries { get; init; }

    /// <summary>How many instances the reference has; null when it does not say.</summary>
    public int? ReferenceInstances { get; init; }

    /// <summary>How many instances the other has; null when it does not say.</summary>
    public int? DifferenceInstances { get; init; }

    /// <summary>Instance Availability (0008,0056) at the reference; null when it does not say.</summary>
    public string? ReferenceAvailability { get; init; }

    /// <summary>Instance Availability (0008,0056) at the other; null when it does not say.</summary>
    public string? DifferenceAvailability { get; init; }

    /// <summary>The keywords that differ, with commas between; null when none does.</summary>
    public string? Keys { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public string? Reason { get; init => field = value is null ? null : SafeText.Clean(value); }

    /// <summary>Study Instance UID (0020,000D); null where days are unknown.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E); null for a study.</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018); null for a study and a series.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>The node that has it: the reference, of what is extra the other. Null where days are unknown.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>What it is, when, and which.</summary>
    public override string ToString() => SafeText.Clean(string.Join(" ", new[]
    {
        Difference, Level, StudyDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        SOPInstanceUID ?? SeriesInstanceUID ?? StudyInstanceUID ?? Reason,
    }.Where(part => !string.IsNullOrEmpty(part))));
}
