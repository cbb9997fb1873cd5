using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Retrieving;
using DicomPS.Scp;

namespace DicomPS.Commands;

/// <summary>Has a peer move hanging protocols, palettes, templates and their like to another node or to this machine.</summary>
[Cmdlet(VerbsCommon.Move, "DicomObject", DefaultParameterSetName = ByNode, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RetrieveResult))]
public sealed class MoveDicomObjectCommand : ObjectRetrieveCmdlet
{
    /// <summary>The AE title to move to, as the peer knows it; or a registered node, whose title it is then.</summary>
    [Parameter]
    [Alias("MoveDestination")]
    [DestinationTransform]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string? Destination { get; set; }

    /// <summary>The folder on this machine to move to; a storage SCP runs as long as the cmdlet.</summary>
    [Parameter]
    [Alias("LiteralPath", "OutputDirectory")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The port on this machine that the peer sends to; goes before the one that is registered with the node.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int LocalPort { get; set; }

    /// <summary>
    /// Who may call that port, as on the servers; the rule Node is the peer that is asked, by its addresses. Anyone without it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [AllowTransform]
    [ArgumentCompleter(typeof(AllowCompleter))]
    public AccessRule[]? Allow { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        CheckMove(Destination, Path, null);
    }

    private protected override string ActionFor(DicomNode node) =>
        $"Move from {node.Address} to {Destination ?? FileSource.Folder(this, Path!)}";

    private protected override RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node) =>
        MoveTo(options, node, Destination, Path, Given(nameof(LocalPort)) ? LocalPort : null, null, null, false, Allow);
}
