using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Stops transfers on all workers: what is under way is cancelled and waits again, and the workers end.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Transfer))]
public sealed class StopDicomTransferCommand : TransferStateCmdlet
{
    /// <summary>Gives up the studies that wait: they become Cancelled.</summary>
    [Parameter]
    public SwitchParameter Discard { get; set; }

    private protected override string State => "Stopped";

    private protected override string Action => Discard ? "Stop, and give up what waits" : "Stop";

    private protected override bool Cancels => Discard;
}
