using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>
/// Has a peer move studies, series or instances to another node or to this machine, and writes one result for each study, series or
/// instance that was asked for.
/// </summary>
[Cmdlet(VerbsCommon.Move, "DicomStudy", DefaultParameterSetName = ByNode, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RetrieveResult))]
public sealed class MoveDicomStudyCommand : StudyRetrieveCmdlet
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

    /// <summary>The address of this machine to listen on; all of them without it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? Address { get; set; }

    /// <summary>
    /// Who may call that port, as on the servers; the rule Node is the peer that is asked, by its addresses. Anyone without it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [AllowTransform]
    [ArgumentCompleter(typeof(AllowCompleter))]
    public AccessRule[]? Allow { get; set; }

    /// <summary>Host names and addresses from which the peer sends beside its own; goes before what is registered with the node.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string[]? From { get; set; }

    /// <summary>Speaks TLS on that port, with the certificate of this side.</summary>
    [Parameter]
    public SwitchParameter LocalTls { get; set; }

    /// <summary>Lets requests for parts of one study run side by side with -Destination.</summary>
    [Parameter]
    public SwitchParameter SplitStudies { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        CheckMove(Destination, Path, From);
    }

    private protected override string ActionFor(DicomNode node) =>
        $"Move from {node.Address} to {Destination ?? FileSource.Folder(this, Path!)}";

    private protected override RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node) =>
        MoveTo(options, node, Destination, Path, Given(nameof(LocalPort)) ? LocalPort : null, Address, From, LocalTls, Allow) with
        {
            SplitsStudies = Destination is not null && SplitStudies
        };
}
