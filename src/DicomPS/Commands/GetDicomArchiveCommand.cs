using System.Management.Automation;
using DicomPS.Archives;

namespace DicomPS.Commands;

/// <summary>Gets the archives that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomArchive")]
[OutputType(typeof(ArchiveServer))]
public sealed class GetDicomArchiveCommand : DicomCmdlet
{
    /// <summary>The ids; all archives without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ArchiveIdCompleter))]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    private protected override void Process() =>
        WriteObject(Id is null ? ArchiveServer.Running : ArchiveArgument.WithIds(this, Id), enumerateCollection: true);
}
