using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;

namespace DicomPS.Commands;

/// <summary>Removes nodes from the registry.</summary>
[Cmdlet(VerbsCommon.Remove, "DicomNode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveDicomNodeCommand : DicomCmdlet
{
    /// <summary>The names, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override void Process()
    {
        var store = new NodeStore();
        foreach (var name in Name)
        {
            var found = NodeSelection.Select(store.Read(), name);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteFailure(NodeSelection.NotFound(name), name);
            foreach (var node in found)
            {
                if (ShouldProcess($"{node.Name} ({node.Address})", "Remove from the registered nodes"))
                    store.Change(
                        nodes => nodes.RemoveAll(other => string.Equals(other.Name, node.Name, StringComparison.OrdinalIgnoreCase)));
            }
        }
    }
}
