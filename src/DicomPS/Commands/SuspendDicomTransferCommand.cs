using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Has all workers of transfers begin nothing more; what is under way goes on to its end.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Transfer))]
public sealed class SuspendDicomTransferCommand : TransferStateCmdlet
{
    private protected override string State => "Suspended";

    private protected override string Action => "Suspend";
}
