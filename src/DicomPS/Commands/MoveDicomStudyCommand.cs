using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Retrieving;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>
/// Has a peer move studies, series or instances to another node or to this machine, and writes one result for each study, series or
/// instance that was asked for.
/// </summary>
[Cmdlet(VerbsCommon.Move, "DicomStudy", DefaultParameterSetName = ByNode, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RetrieveResult))]
public sealed class MoveDicomStudyCommand : RetrieveCmdlet
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
        if ((Destination is null) == (Path is null))
        {
            Terminate(new ModuleException(ErrorIds.DestinationMissing, ErrorCategory.InvalidArgument,
                Path is null ? "Where should it be moved to? Neither -Destination nor -Path is given."
                    : "-Destination and -Path were both given; instances are moved to one place.",
                "Name an AE title that the peer knows with -Destination, or a folder of this machine with -Path."
                    + (Path is null && Node is { } asked && MyInvocation.ExpectingInput
                        ? $" {asked} is the peer that is asked; if it is where to move to, write -Destination {asked}." : ""), null), null);
        }

        if (Destination is { } title)
            NodeArgument.CheckAETitle(title);
        if (From is { } from)
            NodeArgument.CheckSenders(string.Join(",", from), from);
    }

    private protected override string ActionFor(DicomNode node) =>
        $"Move from {node.Address} to {Destination ?? FileSource.Folder(this, Path!)}";

    private protected override RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node)
    {
        if (Destination is { } title)
            return options with { Destination = title, SplitsStudies = SplitStudies };
        var port = Given(nameof(LocalPort)) ? LocalPort : node.LocalPort;
        if (port is null)
        {
            Terminate(new ModuleException(ErrorIds.LocalPortMissing, ErrorCategory.InvalidArgument,
                $"It is not known on which port of this machine {node} reaches {node.CallingAETitle}.",
                $"The peer must hold the AE title {node.CallingAETitle} with this machine's host and a port. Name that port with "
                + "-LocalPort, or register it with Set-DicomNode -LocalPort; or use Receive-DicomStudy, which needs none.", node), node);
        }

        return options with
        {
            From = From is { } from ? DicomNode.Split(NodeArgument.CheckSenders(string.Join(",", from), from)) : node.GetSenders(),
            Storage = new StorageServerOptions
            {
                Folder = FileSource.Folder(this, Path!),
                Layout = Layout,
                Duplicates = Duplicate,
                AcceptUnknownSopClasses = true,
                Server = CallbackServer(node, port!.Value, LocalTls) with { Address = Address },
            },
        };
    }
}
