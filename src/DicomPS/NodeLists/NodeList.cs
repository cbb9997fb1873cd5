namespace DicomPS.NodeLists;

/// <summary>What a list of nodes holds, in its own order.</summary>
internal sealed class NodeList
{
    /// <summary>The nodes.</summary>
    public List<ListedNode> Nodes { get; } = [];

    /// <summary>Rows that are none, each with its line.</summary>
    public List<NodeListException> Problems { get; } = [];

    /// <summary>What may surprise who imports it.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What was passed over on purpose.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Keeps a row that is no node.</summary>
    public void Refuse(int line, string message, string advice) => Problems.Add(new NodeListException(line, message, advice));
}
