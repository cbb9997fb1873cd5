using System.Management.Automation;
using DicomPS.Associations;

namespace DicomPS.NodeLists;

/// <summary>What an import changes in the registered nodes: no name twice, and no registered one without being told to.</summary>
/// <param name="registered">The registered nodes.</param>
/// <param name="isForced">Whether a registered node gives way.</param>
internal sealed class NodePlan(IReadOnlyList<DicomNode> registered, bool isForced)
{
    private readonly Dictionary<string, DicomNode> _registered = ByName(registered);
    private readonly Dictionary<string, (string Place, DicomNode Node)> _seen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The nodes to register.</summary>
    public List<DicomNode> Taken { get; } = [];

    /// <summary>Those that are registered as they are.</summary>
    public List<DicomNode> Same { get; } = [];

    /// <summary>Those that another session registered otherwise, between the looking and the writing.</summary>
    public List<ModuleException> Lost { get; } = [];

    /// <summary>Weighs a row: the node that it makes, and the one that it replaces; null when there is nothing to do.</summary>
    /// <exception cref="DicomException">The row makes no node, or its name is taken.</exception>
    public (DicomNode Node, DicomNode? Old)? Weigh(string path, ListedNode row)
    {
        var old = _registered.TryGetValue(row.Name?.Trim() ?? "", out var known) ? known : null;
        var node = NodeCheck.Make(row, old);
        if (_seen.TryGetValue(node.Name!, out var first))
        {
            return first.Node == node with { Name = first.Node.Name } ? null : throw new NodeListException(row.Line,
                $"'{node.Name}' is {node.Address} here and {first.Node.Address} in {first.Place}, which counts.",
                "Give one of them another name.");
        }

        _seen.Add(node.Name!, ($"{path}, line {row.Line}", node));
        if (node == old)
        {
            Same.Add(node);
            return null;
        }

        return old is null || isForced ? (node, old) : throw Exists(node, old, $"{path}, line {row.Line}", $"{path}:{row.Line}");
    }

    /// <summary>Registers a node that was weighed.</summary>
    public void Accept(DicomNode node) => Taken.Add(node);

    /// <summary>Puts the taken nodes among those that are registered now.</summary>
    public void Apply(List<DicomNode> nodes)
    {
        var now = ByName(nodes);
        foreach (var node in Taken.ToArray())
        {
            var before = _registered.TryGetValue(node.Name!, out var known) ? known : null;
            if (!isForced && now.TryGetValue(node.Name!, out var other) && other != before && other != node)
            {
                Lost.Add(Exists(node, other, _seen[node.Name!].Place, node.Name!));
                Taken.Remove(node);
            }
        }

        var names = new HashSet<string>(Taken.Select(node => node.Name!), StringComparer.OrdinalIgnoreCase);
        nodes.RemoveAll(node => names.Contains(node.Name ?? ""));
        nodes.AddRange(Taken);
    }

    // An editor may have put a name there twice; the first counts, as for -Node.
    private static Dictionary<string, DicomNode> ByName(IEnumerable<DicomNode> nodes)
    {
        var all = new Dictionary<string, DicomNode>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in nodes)
        {
            if (!all.ContainsKey(node.Name ?? ""))
                all.Add(node.Name ?? "", node);
        }

        return all;
    }

    private static ModuleException Exists(DicomNode node, DicomNode old, string place, string target) =>
        new(ErrorIds.NodeExists, ErrorCategory.ResourceExists,
        $"{place}: '{node.Name}' is registered already, as {Words(old, node)}; the file has {Words(node, old)}. It was left as it is.",
        "Use -Force to take what the file has, or give it another name there.", target);

    // Where only a detail differs, the address does not say it.
    private static string Words(DicomNode node, DicomNode other) => node.Address != other.Address ? node.Address
        : $"{node.Address} (calling as {node.CallingAETitle}, local port {node.LocalPort?.ToString() ?? "none"}, TLS {node.Tls}, "
            + $"character set {node.CharacterSet ?? "none"}, from {node.From ?? "none"}, "
            + $"associations {node.Associations ?? "1"}, operations under way {node.AsyncOperations ?? 1})";
}
