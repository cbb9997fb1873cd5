using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Retrieving;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Gets hanging protocols, palettes, templates and their like from a peer into a folder with C-GET.</summary>
[Cmdlet(VerbsCommunications.Receive, "DicomObject", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RetrieveResult))]
public sealed class ReceiveDicomObjectCommand : ObjectRetrieveCmdlet
{
    /// <summary>The folder for what comes; made when it is missing.</summary>
    [Parameter(Mandatory = true)]
    [Alias("LiteralPath", "OutputDirectory")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override string ActionFor(DicomNode node) => $"Get from {node.Address} into {FileSource.Folder(this, Path)}";

    private protected override RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node) => options with
    {
        Method = RetrieveMethod.Get,
        Storage = new StorageServerOptions { Folder = FileSource.Folder(this, Path), Layout = Places, Duplicates = Duplicate },
    };
}
