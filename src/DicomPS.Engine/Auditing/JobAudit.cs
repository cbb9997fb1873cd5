namespace DicomPS.Auditing;

/// <summary>Audit records of what this side sends: one for each peer, study and outcome, when it is over. One thread at a time.</summary>
/// <param name="trail">Where they go.</param>
internal sealed class JobAudit(AuditTrail trail)
{
    private readonly Dictionary<(string Peer, string? Study, string? Patient, bool Failed), AuditRecord> _open = [];

    /// <summary>An instance was sent, or was not.</summary>
    /// <param name="about">Both sides, the operation, the study and the patient.</param>
    /// <param name="sopClass">The SOP class.</param>
    public void Count(AuditRecord about, string? sopClass)
    {
        var key = ($"{about.RemoteAETitle}@{about.RemoteAddress}", about.StudyUids.FirstOrDefault(), about.PatientId, about.Outcome != 0);
        if (!_open.TryGetValue(key, out var record))
            _open[key] = record = about with { SopClasses = new Dictionary<string, int>() };
        var classes = (Dictionary<string, int>)record.SopClasses;
        classes[sopClass ?? ""] = classes.TryGetValue(sopClass ?? "", out var before) ? before + 1 : 1;
    }

    /// <summary>Tells what is there.</summary>
    public void Flush()
    {
        foreach (var record in _open.Values)
            trail.Add(record);
        _open.Clear();
    }
}
