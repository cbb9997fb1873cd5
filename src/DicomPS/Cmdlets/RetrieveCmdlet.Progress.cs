using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Pipeline;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

// What the caller is told while it runs.
public abstract partial class RetrieveCmdlet
{
    private ProgressBlock? _block;
    private long _notBegun;

    /// <summary>
    /// Runs for each response of the peer, and every 3 s without one, with an OperationProgress; $false cancels with C-CANCEL.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnProgress { get; set; }

    private void BeginProgress()
    {
        if (OnProgress is { } block)
            _block = new ProgressBlock(this, block);
    }

    // The counts of the request that runs are the peer's own; what arrived is counted here, over the whole command.
    private OperationProgress Now(OperationProgress? said)
    {
        var now = _job!.Progress;
        var isSame = said is not null && (said.IsResponse || said.Running == now.Running);
        var operation = OptionsOf(_target!).Method == RetrieveMethod.Move ? "C-MOVE" : "C-GET";
        return (isSame ? said! : new OperationProgress { Operation = operation }) with
        {
            Running = said?.Running ?? now.Running,
            Received = OptionsOf(_target!).Storage is null ? null : now.Received,
            Bytes = OptionsOf(_target!).Storage is null ? null : now.Bytes,
            Requests = now.Requests,
            Done = now.Done,
            Node = _target,
        };
    }

    private void RunBlock() => _block?.Run(Now, () => _job!.StopAsync());

    private bool IsCancelled => _block is { IsCancelled: true };

    private void WriteNotBegun(RetrieveKeys keys, DicomNode node)
    {
        foreach (var part in RetrieveTarget.Split(keys))
        {
            foreach (var uid in part.SOPInstanceUID.Count > 0 ? part.SOPInstanceUID : [""])
            {
                _notBegun++;
                WriteObject(OptionsOf(node).NotBegun(uid.Length > 0 ? part with { SOPInstanceUID = [uid] } : part));
            }
        }
    }

    private void TellCancelled()
    {
        if (IsCancelled)
        {
            WriteWarning("-OnProgress cancelled the retrieve: the results with Verdict Cancelled say what was done"
                + (_notBegun > 0 ? $"; {_notBegun} requests were not begun." : "."));
        }
    }
}
