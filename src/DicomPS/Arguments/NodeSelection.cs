using System.Management.Automation;
using DicomPS.Associations;

namespace DicomPS.Arguments;

/// <summary>Registered nodes by name or wildcard, for Get- and Remove-.</summary>
internal static class NodeSelection
{
    public static IReadOnlyList<DicomNode> Select(IEnumerable<DicomNode> nodes, string name)
    {
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return nodes.Where(node => pattern.IsMatch(node.Name ?? "")).ToArray();
    }

    public static DicomException NotFound(string name) => new ModuleException(ErrorIds.NodeNotFound, ErrorCategory.ObjectNotFound,
        $"No node is registered as '{name}'.", "Get-DicomNode lists the registered ones; Set-DicomNode registers one.", name);
}
