namespace DicomPS.NodeLists;

/// <summary>
/// The configuration of Orthanc: DicomModalities has a name and either [ AET, host, port, manufacturer ] or an object with AET, Host and
/// Port, and UseDicomTls and LocalAet since 1.9.0. What its REST API answers to /modalities?expand is such an object without the rest.
/// </summary>
internal static class OrthancFile
{
    private const string Modalities = "DicomModalities", InDatabase = "DicomModalitiesInDatabase";

    private const string Forms = "Write it as \"name\" : [ \"AET\", \"host\", 104 ], or as an object with AET, Host and Port.";

    /// <summary>The nodes of a configuration.</summary>
    /// <exception cref="NodeListException">It is no JSON.</exception>
    public static NodeList Read(string text)
    {
        var list = new NodeList();
        var all = new ConfigJson(text).Read(name => Is(name, Modalities) || Is(name, InDatabase));
        var modalities = all.Find(Modalities);
        if (modalities is null && new ConfigJson(text).Read(static _ => true) is { Members: { Count: > 0 } members } whole
            && members.All(member => IsModality(member.Value)))
            modalities = whole;
        if (modalities is null)
        {
            list.Warnings.Add($"It has no {Modalities}.");
            return list;
        }

        if (modalities.Members is null)
            throw new NodeListException(modalities.Line, $"{Modalities} is no object.", Forms);
        foreach (var member in modalities.Members)
            Add(list, member);
        if (all.Find(InDatabase)?.Text == "true")
            list.Warnings.Add(
                $"{InDatabase} is true: this Orthanc reads its nodes from its database, and those of the file may be old. GET "
                + "/modalities?expand gives those in use.");
        else if (modalities.Members.Count == 0)
            list.Warnings.Add($"{Modalities} is empty; what is commented out is no node.");
        return list;
    }

    private static void Add(NodeList list, ConfigMember member)
    {
        var value = member.Value;
        if (value.Items is { } items)
        {
            if (items.Count is not (3 or 4) || !items[0].IsText || !items[1].IsText || items[2].Text is null)
                list.Refuse(member.Line,
                    $"'{member.Name}' is a list of {items.Count} values, which should be the AE title, the host, the port and perhaps a "
                    + "manufacturer.", Forms);
            else
                AddNode(list, new ListedNode(member.Line, member.Name, items[0].Text, items[1].Text, items[2].Text));
        }
        else if (value.Members is not null)
        {
            // null, true or a list where a text should be is no AE title of that name.
            string? Text(string name, bool isNumber = false) =>
                value.Find(name) is { } found && (found.IsText || isNumber) ? found.Text : null;
            AddNode(list, new ListedNode(member.Line, member.Name, Text("AET"), Text("Host"), Text("Port", isNumber: true))
            {
                CallingAETitle = Text("LocalAet") is { Length: > 0 } local ? local : null,
                Tls = Text("UseDicomTls", isNumber: true),
            });
        }
        else
        {
            list.Refuse(member.Line, $"'{member.Name}' is neither a list nor an object.", Forms);
        }
    }

    // Orthanc puts the variable of its own process in its place, which nobody knows here.
    private static void AddNode(NodeList list, ListedNode node)
    {
        var variable = new[] { node.Name, node.AETitle, node.HostName, node.Port, node.CallingAETitle }.FirstOrDefault(
            text => text?.Contains("${") == true);
        if (variable is null)
            list.Nodes.Add(node);
        else
            list.Refuse(node.Line, $"'{node.Name}' has {variable}, a variable of the environment that Orthanc runs in.",
                "Register the node with Set-DicomNode.");
    }

    private static bool IsModality(ConfigValue value) => value.Find("AET") is not null && value.Find("Host") is not null;

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
