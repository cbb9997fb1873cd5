using System.Management.Automation;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Lists the studies of transfers, one by one as they are read, with what became of each.</summary>
[Cmdlet(VerbsCommon.Get, "DicomTransferItem")]
[OutputType(typeof(TransferItem))]
public sealed class GetDicomTransferItemCommand : TransferCmdlet
{
    /// <summary>Only studies in these states.</summary>
    [Parameter]
    [ValidateSet("Waiting", "Running", "Transferred", "Done", "Differs", "Failed", "Skipped", "Cancelled")]
    public string[]? State { get; set; }

    /// <summary>Only these studies.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? StudyInstanceUID { get; set; }

    private protected override void Process()
    {
        var file = File;
        IReadOnlyList<string?> states = State is null ? new string?[] { null } : State;
        foreach (var name in Names())
        {
            foreach (var study in StudyInstanceUID ?? [null!])
                Drain(token => file.ItemsAsync(name, states, study, token), WriteObject);
        }
    }
}
