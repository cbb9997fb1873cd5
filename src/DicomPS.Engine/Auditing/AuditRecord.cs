namespace DicomPS.Auditing;

/// <summary>What an audit record tells of (PS3.15 A.5.3).</summary>
internal enum AuditKind
{
    /// <summary>A server or a job began: Application Activity.</summary>
    Started,
    /// <summary>It ended.</summary>
    Stopped,
    /// <summary>Instances went from one side to the other: DICOM Instances Transferred.</summary>
    Transferred,
    /// <summary>A query: Query.</summary>
    Queried,
    /// <summary>A caller was refused: Security Alert, Node Authentication.</summary>
    Refused,
    /// <summary>Records were lost, because they could not be written: Audit Log Used is not; Security Alert.</summary>
    Lost,
}

/// <summary>One record. It names patients: it goes to the audit trail alone, never to a log.</summary>
internal sealed record AuditRecord
{
    /// <summary>What it tells of.</summary>
    public required AuditKind Kind { get; init; }

    /// <summary>When, in UTC.</summary>
    public DateTime Time { get; init; } = DateTime.UtcNow;

    /// <summary>0 for success, 4 for a minor failure, 8 for a serious one (PS3.15 A.5.1).</summary>
    public int Outcome { get; init; }

    /// <summary>The AE title of this side.</summary>
    public string LocalAETitle { get; init; } = "";

    /// <summary>The AE title of the other side; null when it did not say.</summary>
    public string? RemoteAETitle { get; init; }

    /// <summary>The address of the other side; null when none is concerned.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Whether the other side asked for it.</summary>
    public bool IsRemoteRequestor { get; init; } = true;

    /// <summary>Whether the instances came to this side.</summary>
    public bool IsInbound { get; init; }

    /// <summary>The request, such as C-STORE.</summary>
    public string? Operation { get; init; }

    /// <summary>The status (0000,0900) that it was answered with; null when there is none, or several.</summary>
    public ushort? Status { get; init; }

    /// <summary>The patient; null when it is not known.</summary>
    public string? PatientId { get; init; }

    /// <summary>The studies.</summary>
    public IReadOnlyList<string> StudyUids { get; init; } = [];

    /// <summary>The SOP classes, with how many instances there were of each; 0 when that is not known.</summary>
    public IReadOnlyDictionary<string, int> SopClasses { get; init; } = new Dictionary<string, int>();

    /// <summary>How many instances there were in all; null where <see cref="SopClasses"/> says it, or it is not known.</summary>
    public int? Instances { get; init; }

    /// <summary>The identifier of a query, as it was sent, in Explicit VR Little Endian; null without one.</summary>
    public byte[]? Query { get; init; }

    /// <summary>Why, in a sentence, where it was refused, failed or lost.</summary>
    public string? Reason { get; init; }
}
