using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;

namespace DicomPS.Commands;

/// <summary>Gets registered nodes.</summary>
[Cmdlet(VerbsCommon.Get, "DicomNode")]
[OutputType(typeof(DicomNode))]
public sealed class GetDicomNodeCommand : DicomCmdlet
{
    /// <summary>The names, wildcards allowed; all nodes without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    private protected override void Process()
    {
        foreach (var name in Name)
        {
            var found = NodeSelection.Select(new NodeStore().Read(), name);
            WriteObject(found, enumerateCollection: true);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteFailure(NodeSelection.NotFound(name), name);
        }
    }
}
