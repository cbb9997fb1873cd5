namespace DicomPS.Scp;

/// <summary>Whom a request turned out to be about, for the audit trail alone. Written by its handler, read when it was answered.</summary>
internal sealed class AuditSubject
{
    /// <summary>Patient ID (0010,0020); null when it is not known.</summary>
    public string? PatientId { get; set; }

    /// <summary>Study Instance UID (0020,000D); null when it is not known.</summary>
    public string? StudyUid { get; set; }
}
