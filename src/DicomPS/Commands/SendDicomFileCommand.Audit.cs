using System.Management.Automation;
using DicomPS.Auditing;
using DicomPS.Sending;

namespace DicomPS.Commands;

// The audit trail of what is sent.
public sealed partial class SendDicomFileCommand
{
    private AuditTrail? _audit;
    private JobAudit? _sent;
    private bool _isAudited;

    /// <summary>
    /// Where who stored, asked for, got and was refused what is written down, patients named: a file (.xml for DICOM audit messages,
    /// otherwise lines of JSON), syslog://host, syslog+tcp://host or syslog+tls://host.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Audit { get; set; }

    private void WriteAudit(StoreResult result)
    {
        if (result.Attempts == 0 || _sent is null)
            return;
        _sent.Count(new AuditRecord
        {
            Kind = AuditKind.Transferred,
            Outcome = result.Success ? 0 : 4,
            LocalAETitle = result.Node?.CallingAETitle ?? "",
            RemoteAETitle = result.Node?.AETitle,
            RemoteAddress = result.Node?.HostName,
            IsRemoteRequestor = false,
            Operation = "C-STORE",
            PatientId = result.PatientId,
            StudyUids = result.StudyUid is { } study ? [study] : [],
        }, result.SOPClassUID);
    }

    private void BeginAudit()
    {
        if (_isAudited)
            return;
        _isAudited = true;
        _audit = OpenAudit(Audit);
        if (_audit is not { } trail)
            return;
        trail.Failed += NoteWarning;
        _sent = new JobAudit(trail);
    }

    private void CloseAudit()
    {
        _sent?.Flush();
        // A few seconds at most.
        _audit?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _audit = null;
    }
}
