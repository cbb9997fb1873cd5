using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

// Where C-MOVE goes to: an AE title that the peer knows, or a folder of this machine.
public abstract partial class RetrieveCmdlet
{
    /// <summary>Checks that there is one place to move to.</summary>
    private protected void CheckMove(string? destination, string? path, string[]? from)
    {
        if ((destination is null) == (path is null))
        {
            Terminate(new ModuleException(ErrorIds.DestinationMissing, ErrorCategory.InvalidArgument,
                path is null ? "Where should it be moved to? Neither -Destination nor -Path is given."
                    : "-Destination and -Path were both given; instances are moved to one place.",
                "Name an AE title that the peer knows with -Destination, or a folder of this machine with -Path."
                    + (path is null && Node is { } asked && MyInvocation.ExpectingInput
                        ? $" {asked} is the peer that is asked; if it is where to move to, write -Destination {asked}." : ""), null), null);
        }

        if (destination is { } title)
            NodeArgument.CheckAETitle(title);
        if (from is not null)
            NodeArgument.CheckSenders(string.Join(",", from), from);
    }

    /// <summary>The options of a move to that place.</summary>
    private protected RetrieveJobOptions MoveTo(RetrieveJobOptions options, DicomNode node, string? destination, string? path,
        int? localPort, IPAddress? address, string[]? from, bool localTls, AccessRule[]? allow)
    {
        if (destination is { } title)
            return options with { Destination = title };
        var port = localPort ?? node.LocalPort;
        if (port is null)
        {
            Terminate(new ModuleException(ErrorIds.LocalPortMissing, ErrorCategory.InvalidArgument,
                $"It is not known on which port of this machine {node} reaches {node.CallingAETitle}.",
                $"The peer must hold the AE title {node.CallingAETitle} with this machine's host and a port. Name that port with "
                + "-LocalPort, or register it with Set-DicomNode -LocalPort; or use "
                + $"{MyInvocation.MyCommand.Name.Replace("Move-", "Receive-")}, which needs none.", node), node);
        }

        var senders = from is not null ? DicomNode.Split(NodeArgument.CheckSenders(string.Join(",", from), from)) : node.GetSenders();
        return options with
        {
            From = senders,
            Storage = new StorageServerOptions
            {
                Folder = FileSource.Folder(this, path!),
                Layout = Places,
                Duplicates = Duplicate,
                AcceptUnknownSopClasses = true,
                Server = CallbackServer(node, port!.Value, localTls, allow, senders) with { Address = address },
            },
        };
    }
}
