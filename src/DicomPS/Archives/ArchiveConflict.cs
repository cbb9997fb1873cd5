using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;

namespace DicomPS.Archives;

/// <summary>Something that came with a UID of something else: of another patient, study or series. The archive keeps both, apart.</summary>
public sealed record ArchiveConflict
{
    /// <summary>When it came, in local time.</summary>
    public DateTime Time { get; init; }

    /// <summary>
    /// Whose UID it is: INSTANCE when the SOP Instance UID is that of another, SERIES, or STUDY when only that of the study is.
    /// </summary>
    public required string Level { get; init; }

    /// <summary>The AE title that sent it; null for what was found in the folder or imported.</summary>
    public string? CallingAETitle { get; init; }

    /// <summary>Its Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Its Issuer of Patient ID (0010,0021).</summary>
    public string? IssuerOfPatientID { get; init; }

    /// <summary>Its Study Instance UID (0020,000D).</summary>
    public required string StudyInstanceUID { get; init; }

    /// <summary>Its Series Instance UID (0020,000E).</summary>
    public required string SeriesInstanceUID { get; init; }

    /// <summary>Its SOP Instance UID (0008,0018).</summary>
    public required string SOPInstanceUID { get; init; }

    /// <summary>Its file.</summary>
    public string? Path { get; init; }

    /// <summary>The AE title that sent what was there.</summary>
    public string? OtherCallingAETitle { get; init; }

    /// <summary>The Patient ID of what was there.</summary>
    public string? OtherPatientID { get; init; }

    /// <summary>The Issuer of Patient ID of what was there.</summary>
    public string? OtherIssuerOfPatientID { get; init; }

    /// <summary>The study of what was there.</summary>
    public required string OtherStudyInstanceUID { get; init; }

    /// <summary>The series of what was there; null when only the study is the same.</summary>
    public string? OtherSeriesInstanceUID { get; init; }

    /// <summary>The folder of the archive.</summary>
    public required string Archive { get; init; }

    internal static ArchiveConflict Of(IndexConflict conflict, string archive, Func<string, string> fullPath) => new()
    {
        Time = conflict.At.ToLocalTime(),
        Level = conflict.Level,
        CallingAETitle = conflict.Source,
        PatientID = conflict.PatientId,
        IssuerOfPatientID = conflict.Issuer,
        StudyInstanceUID = conflict.StudyInstanceUid,
        SeriesInstanceUID = conflict.SeriesInstanceUid,
        SOPInstanceUID = conflict.SopInstanceUid,
        Path = conflict.Path is { } path ? fullPath(path) : null,
        OtherCallingAETitle = conflict.OtherSource,
        OtherPatientID = conflict.OtherPatientId,
        OtherIssuerOfPatientID = conflict.OtherIssuer,
        OtherStudyInstanceUID = conflict.OtherStudyInstanceUid,
        OtherSeriesInstanceUID = conflict.OtherSeriesInstanceUid,
        Archive = archive,
    };

    /// <summary>Who sent what, and what it met.</summary>
    public override string ToString() => $"{new IndexConflict
    {
        At = Time,
        Level = Level,
        Source = CallingAETitle,
        PatientId = PatientID,
        StudyInstanceUid = StudyInstanceUID,
        SeriesInstanceUid = SeriesInstanceUID,
        SopInstanceUid = SOPInstanceUID,
        OtherPatientId = OtherPatientID,
        OtherStudyInstanceUid = OtherStudyInstanceUID,
        OtherSeriesInstanceUid = OtherSeriesInstanceUID,
    }}";
}
