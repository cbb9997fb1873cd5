using System.Globalization;
using DicomPS.Associations;
using DicomPS.Data;

namespace DicomPS;

/// <summary>
/// One answer to a query. What the peer did not return is null; several values are one text with backslashes between them.
/// </summary>
public abstract record QueryResult
{
    /// <summary>Where it can be retrieved from (0008,0054).</summary>
    public string? RetrieveAETitle { get; init; }

    /// <summary>ONLINE, NEARLINE, OFFLINE or UNAVAILABLE (0008,0056).</summary>
    public string? Availability { get; init; }

    /// <summary>
    /// Whether the answer fits the keys that were asked for: false when a UID, date, time or modality in it is another one, null when
    /// that cannot be said, because the peer did not return a key or spells it in another way.
    /// </summary>
    public bool? Matches { get; init; }

    /// <summary>The node that answered.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>
    /// Everything that the peer returned. No property, because a cell of Export-Csv has no room for it; scripts read it as Dataset all
    /// the same, which DicomPS.Types.ps1xml has hidden from columns.
    /// </summary>
    public DicomDataset? GetDataset() => Dataset;

    internal DicomDataset? Dataset { get; init; }

    // One line for people: what is known, or a UID when nothing is.
    private protected static string Join(string? otherwise, params string?[] parts)
    {
        var line = string.Join(" ", parts.Where(part => !string.IsNullOrWhiteSpace(part)));
        return SafeText.Clean(line.Length > 0 ? line : otherwise);
    }

    private protected static string Who(string? name, string? id) =>
        string.IsNullOrWhiteSpace(id) ? name ?? "" : $"{name} ({id})".TrimStart();

    private protected static string? When(DateTime? moment, string format) => moment?.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>A patient that a peer knows (PS3.4 C.6.1.1.2).</summary>
public sealed record Patient : QueryResult
{
    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Who assigned the ID (0010,0021).</summary>
    public string? IssuerOfPatientID { get; init; }

    /// <summary>Patient's Birth Date (0010,0030).</summary>
    public DateTime? PatientBirthDate { get; init; }

    /// <summary>Patient's Sex (0010,0040).</summary>
    public string? PatientSex { get; init; }

    /// <summary>Number of Patient Related Studies (0020,1200).</summary>
    public int? Studies { get; init; }

    /// <summary>Number of Patient Related Series (0020,1202).</summary>
    public int? Series { get; init; }

    /// <summary>Number of Patient Related Instances (0020,1204).</summary>
    public int? Instances { get; init; }

    /// <summary>The name and the ID.</summary>
    public override string ToString() => SafeText.Clean(Who(PatientName, PatientID));
}

/// <summary>A study that a peer has (PS3.4 C.6.2.1.2).</summary>
public record Study : QueryResult
{
    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Patient's Birth Date (0010,0030).</summary>
    public DateTime? PatientBirthDate { get; init; }

    /// <summary>Patient's Sex (0010,0040).</summary>
    public string? PatientSex { get; init; }

    /// <summary>
    /// Study Date and Time (0008,0020 and 0008,0030), as the clock on the wall showed them; midnight when there is no time.
    /// </summary>
    public DateTime? StudyDate { get; init; }

    /// <summary>Accession Number (0008,0050).</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Modalities in Study (0008,0061).</summary>
    public string? Modalities { get; init; }

    /// <summary>Study Description (0008,1030).</summary>
    public string? StudyDescription { get; init; }

    /// <summary>Referring Physician's Name (0008,0090).</summary>
    public string? ReferringPhysician { get; init; }

    /// <summary>Study ID (0020,0010).</summary>
    public string? StudyID { get; init; }

    /// <summary>Number of Study Related Series (0020,1206).</summary>
    public int? Series { get; init; }

    /// <summary>Number of Study Related Instances (0020,1208).</summary>
    public int? Instances { get; init; }

    /// <summary>Study Instance UID (0020,000D).</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Day, patient, modalities and description; the UID when none of them is known.</summary>
    public sealed override string ToString() =>
        Join(StudyInstanceUID, When(StudyDate, "yyyy-MM-dd"), Who(PatientName, PatientID), Modalities, StudyDescription);
}

/// <summary>A series that a peer has (PS3.4 C.6.1.1.4).</summary>
public sealed record Series : QueryResult
{
    /// <summary>Modality (0008,0060).</summary>
    public string? Modality { get; init; }

    /// <summary>Series Number (0020,0011).</summary>
    public int? SeriesNumber { get; init; }

    /// <summary>Series Date and Time (0008,0021 and 0008,0031), as the clock on the wall showed them.</summary>
    public DateTime? SeriesDate { get; init; }

    /// <summary>Series Description (0008,103E).</summary>
    public string? SeriesDescription { get; init; }

    /// <summary>Body Part Examined (0018,0015).</summary>
    public string? BodyPartExamined { get; init; }

    /// <summary>Protocol Name (0018,1030).</summary>
    public string? ProtocolName { get; init; }

    /// <summary>Number of Series Related Instances (0020,1209).</summary>
    public int? Instances { get; init; }

    /// <summary>Patient ID (0010,0020): returned, or asked for.</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Instance UID (0020,000D): returned, or asked for.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E).</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>Number, modality and description; the UID when none of them is known.</summary>
    public override string ToString() => Join(SeriesInstanceUID, $"{SeriesNumber}", Modality, SeriesDescription);
}

/// <summary>A composite instance that a peer has (PS3.4 C.6.1.1.5).</summary>
public sealed record Instance : QueryResult
{
    /// <summary>Instance Number (0020,0013).</summary>
    public int? InstanceNumber { get; init; }

    /// <summary>The name of the SOP class, or its UID where it has none.</summary>
    public string? SOPClass { get; init; }

    /// <summary>Content Date and Time (0008,0023 and 0008,0033), as the clock on the wall showed them.</summary>
    public DateTime? ContentDate { get; init; }

    /// <summary>Rows (0028,0010).</summary>
    public int? Rows { get; init; }

    /// <summary>Columns (0028,0011).</summary>
    public int? Columns { get; init; }

    /// <summary>Number of Frames (0028,0008).</summary>
    public int? NumberOfFrames { get; init; }

    /// <summary>Patient ID (0010,0020): returned, or asked for.</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Instance UID (0020,000D): returned, or asked for.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E): returned, or asked for.</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Class UID (0008,0016).</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018).</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>Number, SOP class and UID.</summary>
    public override string ToString() => Join(null, $"{InstanceNumber}", SOPClass, SOPInstanceUID);
}

/// <summary>A scheduled procedure step with the request and the patient around it (PS3.4 K.6.1.2.2).</summary>
public sealed record WorklistItem : QueryResult
{
    /// <summary>Scheduled Procedure Step Start Date and Time (0040,0002 and 0040,0003), as the clock on the wall shows them.</summary>
    public DateTime? ScheduledDate { get; init; }

    /// <summary>Modality (0008,0060).</summary>
    public string? Modality { get; init; }

    /// <summary>Scheduled Station AE Title (0040,0001).</summary>
    public string? StationAETitle { get; init; }

    /// <summary>Scheduled Station Name (0040,0010).</summary>
    public string? StationName { get; init; }

    /// <summary>Scheduled Performing Physician's Name (0040,0006).</summary>
    public string? PerformingPhysician { get; init; }

    /// <summary>Scheduled Procedure Step Description (0040,0007).</summary>
    public string? ProcedureStepDescription { get; init; }

    /// <summary>Scheduled Procedure Step ID (0040,0009).</summary>
    public string? ProcedureStepID { get; init; }

    /// <summary>Scheduled Procedure Step Location (0040,0011).</summary>
    public string? ProcedureStepLocation { get; init; }

    /// <summary>Scheduled Procedure Step Status (0040,0020).</summary>
    public string? ProcedureStepStatus { get; init; }

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Patient's Birth Date (0010,0030).</summary>
    public DateTime? PatientBirthDate { get; init; }

    /// <summary>Patient's Sex (0010,0040).</summary>
    public string? PatientSex { get; init; }

    /// <summary>Accession Number (0008,0050).</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Requested Procedure ID (0040,1001).</summary>
    public string? RequestedProcedureID { get; init; }

    /// <summary>Requested Procedure Description (0032,1060).</summary>
    public string? RequestedProcedureDescription { get; init; }

    /// <summary>Requested Procedure Priority (0040,1003).</summary>
    public string? RequestedProcedurePriority { get; init; }

    /// <summary>Referring Physician's Name (0008,0090).</summary>
    public string? ReferringPhysician { get; init; }

    /// <summary>Study Instance UID (0020,000D) that the images are to have.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>When, who and what.</summary>
    public override string ToString() => Join(
        StudyInstanceUID, When(ScheduledDate, "yyyy-MM-dd HH:mm"), Who(PatientName, PatientID), Modality,
        ProcedureStepDescription ?? RequestedProcedureDescription);
}
