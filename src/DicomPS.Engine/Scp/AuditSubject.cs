namespace DicomPS.Scp;

/// <summary>Whom a request turned out to be about, for the audit trail alone. Written by its handler, read when it was answered.</summary>
internal sealed class AuditSubject
{
    /// <summary>Patient ID (0010,0020); null when it is not known.</summary>
    public string? PatientId { get; set; }

    /// <summary>Study Instance UID (0020,000D); null when it is not known.</summary>
    public string? StudyUid { get; set; }

    /// <summary>How many instances of each SOP class a C-MOVE or C-GET sent, those that were answered with a warning too.</summary>
    public Dictionary<string, int> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>How many of its sub-operations failed.</summary>
    public int Failed { get; private set; }

    /// <summary>An instance was sent.</summary>
    public void CountSent(string sopClass)
    {
        lock (Sent)
            Sent[sopClass] = Sent.TryGetValue(sopClass, out var before) ? before + 1 : 1;
    }

    /// <summary>A sub-operation failed.</summary>
    public void CountFailed() => Failed++;
}
