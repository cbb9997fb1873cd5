using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Has the workers of transfers go on that were suspended or stopped.</summary>
[Cmdlet(VerbsLifecycle.Resume, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Transfer))]
public sealed class ResumeDicomTransferCommand : TransferStateCmdlet
{
    private protected override string State => "Active";

    private protected override string Action => "Resume";
}
