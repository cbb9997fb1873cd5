using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Matching;
using DicomPS.Retrieving;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>
/// Gets studies, series or instances from a peer into a folder with C-GET, and writes one result for each study, series or instance
/// that was asked for.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "DicomStudy", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RetrieveResult))]
public sealed class ReceiveDicomStudyCommand : StudyRetrieveCmdlet
{
    /// <summary>The folder for what comes; made when it is missing.</summary>
    [Parameter(Mandatory = true)]
    [Alias("LiteralPath", "OutputDirectory")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>SOP classes that the instances are known to be of; needed for private ones only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SopClassCompleter))]
    public string[]? SOPClassUID { get; set; }

    /// <summary>Gets single instances without pixels and other bulk data.</summary>
    [Parameter]
    public SwitchParameter WithoutBulkData { get; set; }

    private protected override InformationModel? WantedModel => WithoutBulkData ? InformationModel.WithoutBulkData : base.WantedModel;

    private protected override IReadOnlyList<string> KnownClasses =>
        (SOPClassUID ?? []).Where(uid => !string.IsNullOrWhiteSpace(uid)).Select(uid => uid.Trim()).Distinct().ToArray();

    private protected override void Begin()
    {
        base.Begin();
        if (WithoutBulkData && Given(nameof(Model)) && Model != InformationModel.WithoutBulkData)
            Terminate(new ArgumentException("-WithoutBulkData is a model of its own: leave -Model out."), Model);
    }

    private protected override string ActionFor(DicomNode node) => $"Get from {node.Address} into {FileSource.Folder(this, Path)}";

    private protected override RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node) => options with
    {
        Method = RetrieveMethod.Get,
        Storage = new StorageServerOptions { Folder = FileSource.Folder(this, Path), Layout = Places, Duplicates = Duplicate },
    };
}
