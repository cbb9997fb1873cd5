using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Takes transfers out of a store, with their studies, tries and differences; nothing at the nodes is touched.</summary>
[Cmdlet(VerbsCommon.Remove, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveDicomTransferCommand : TransferCmdlet
{
    /// <summary>The names of the transfers; wildcards choose several.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[]? Name { get; set; }

    private protected override void Process()
    {
        var file = File;
        foreach (var name in Names())
        {
            var has = Wait(token => file.StatusAsync(name, token));
            var left = has.Waiting + has.Running + has.Transferred;
            (long Count, string What)[] open = [(left, "not at their end"), (has.Failed, "failed"), (has.Differs, "differing")];
            var what = $"{has.Studies} {(has.Studies == 1 ? "study" : "studies")}"
                + string.Concat(open.Where(one => one.Count > 0).Select(one => $", {one.Count} {one.What}"));
            if (!ShouldProcess($"{name} in {Store} ({what})", "Remove the transfer with all that is known of its studies"))
                continue;
            if (!Wait(token => file.RemoveAsync(name, token)))
            {
                WriteFailure(new ModuleException(ErrorIds.TransferBusy, ErrorCategory.ResourceBusy,
                    $"{name} is worked on, and was not removed.", "Stop it first: Stop-DicomTransfer.", name), name);
            }
        }
    }
}
