using System.Management.Automation;
using DicomPS.Nodes;
using DicomPS.Transfer;

namespace DicomPS.Commands;

/// <summary>Gets the storage SCPs that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomStorageScp")]
[OutputType(typeof(StorageServer))]
public sealed class GetDicomStorageScpCommand : DicomCmdlet
{
    /// <summary>The ids; all servers without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(StorageServerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    private protected override void Process() =>
        WriteObject(Id is null ? StorageServer.Running : StorageServerCmdlet.WithIds(this, Id), enumerateCollection: true);
}
