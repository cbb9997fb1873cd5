using System.Management.Automation;
using DicomPS.Pipeline;
using DicomPS.Sending;

namespace DicomPS.Commands;

// What the caller is told while it runs.
public sealed partial class SendDicomFileCommand
{
    private ProgressBlock? _block;
    private long _notBegun;

    /// <summary>
    /// Runs for each answer of the peer, and every 3 s without one, with an OperationProgress; $false begins no further file.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnProgress { get; set; }

    private OperationProgress Now(StoreResult? answered) => new()
    {
        Operation = "C-STORE",
        IsResponse = answered is not null,
        Running = answered?.Path ?? _job!.WaitingFor?.Path,
        Status = answered?.Status,
        StatusCode = answered?.StatusCode,
        ErrorComment = answered?.ErrorComment,
        Completed = _job!.FilesDone - _job.FilesFailed,
        Failed = _job.FilesFailed,
        Remaining = Source.Total is { } total ? Math.Max(0, total - _job.FilesDone) : null,
        Bytes = _job.BytesSent,
        Node = _target,
    };
}
