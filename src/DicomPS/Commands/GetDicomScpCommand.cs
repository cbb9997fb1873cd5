using System.Management.Automation;
using DicomPS.Nodes;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>Gets the SCPs with script blocks that run in this process, whichever runspace started them.</summary>
[Cmdlet(VerbsCommon.Get, "DicomScp")]
[OutputType(typeof(ScriptServer))]
public sealed class GetDicomScpCommand : DicomCmdlet
{
    /// <summary>The ids; all servers without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScriptServerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    private protected override void Process() =>
        WriteObject(Id is null ? ScriptServer.Running : ScriptServerCmdlet.WithIds(this, Id), enumerateCollection: true);
}
