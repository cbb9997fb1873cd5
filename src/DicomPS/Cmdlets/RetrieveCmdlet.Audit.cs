using System.Management.Automation;
using DicomPS.Auditing;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

// The audit trail of what is retrieved.
public abstract partial class RetrieveCmdlet
{
    private AuditTrail? _audit;
    private bool _isAudited;

    /// <summary>
    /// Where who stored, asked for, got and was refused what is written down, patients named: a file (.xml for DICOM audit messages,
    /// otherwise lines of JSON), syslog://host, syslog+tcp://host or syslog+tls://host.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Audit { get; set; }

    private void WriteAudit(RetrieveResult result)
    {
        if (result.Attempts == 0 || OpenedAudit() is not { } trail)
            return;
        trail.Add(new AuditRecord
        {
            Kind = AuditKind.Transferred,
            Outcome = result.GetVerdict() == RetrieveVerdict.Complete ? 0 : result.GetVerdict() == RetrieveVerdict.Failed ? 8 : 4,
            LocalAETitle = result.Node?.CallingAETitle ?? "",
            RemoteAETitle = result.Node?.AETitle,
            RemoteAddress = result.Node?.HostName,
            IsRemoteRequestor = false,
            IsInbound = result.Path is not null || result.Received is not null,
            Operation = $"C-{result.Method.ToUpperInvariant()}",
            Status = result.StatusCode,
            PatientId = result.PatientID,
            Instances = result.Received
                ?? (result is { Completed: null, Warning: null } ? null : (result.Completed ?? 0) + (result.Warning ?? 0)),
            StudyUids = result.StudyInstanceUID is { Length: > 0 } study ? [study] : [],
            Reason = result.Destination is { } to && result.Path is null ? $"to {to}" : null,
        });
    }

    private AuditTrail? OpenedAudit()
    {
        if (_isAudited)
            return _audit;
        _isAudited = true;
        _audit = OpenAudit(Audit);
        if (_audit is { } trail)
            trail.Failed += NoteWarning;
        return _audit;
    }

    private void CloseAudit()
    {
        // A few seconds at most.
        _audit?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _audit = null;
    }
}
