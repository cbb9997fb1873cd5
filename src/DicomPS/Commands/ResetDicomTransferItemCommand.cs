using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Has studies moved again that failed, differ or were given up; they wait with all their tries before them.</summary>
[Cmdlet(VerbsCommon.Reset, "DicomTransferItem", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class ResetDicomTransferItemCommand : TransferCmdlet
{
    /// <summary>The names of the transfers; wildcards choose several.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[]? Name { get; set; }

    /// <summary>Studies in these states.</summary>
    [Parameter]
    [ValidateSet("Failed", "Differs", "Cancelled", "Done", "Skipped")]
    public string[] State { get; set; } = ["Failed", "Differs"];

    /// <summary>Only these studies; otherwise all in the states.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? StudyInstanceUID { get; set; }

    private protected override void Process()
    {
        var file = File;
        foreach (var name in Names())
        {
            foreach (var study in StudyInstanceUID ?? [null!])
            {
                if (!ShouldProcess($"{study ?? string.Join(" and ", State)} of {name}", "Have moved again"))
                    continue;
                var count = Wait(token => file.ResetAsync(name, State, study, token));
                WriteVerbose($"{name}: {count} studies wait again.");
                if (count == 0 && study is not null)
                    WriteWarning($"{name} has no study {study} that is {string.Join(" or ", State)}.");
            }
        }
    }
}
