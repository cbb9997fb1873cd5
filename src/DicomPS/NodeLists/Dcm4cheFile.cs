namespace DicomPS.NodeLists;

/// <summary>
/// The configuration of dcm4che, as PS3.15 H.1.3 has it in a directory: a dicomNetworkAE refers to dicomNetworkConnections, which have
/// the host, the port and, when they speak TLS, cipher suites. One without a port only calls.
/// </summary>
internal static class Dcm4cheFile
{
    /// <summary>The nodes of an LDIF.</summary>
    /// <exception cref="NodeListException">It is no LDIF.</exception>
    public static NodeList Read(string text)
    {
        var list = new NodeList();
        var entries = LdifFile.Entries(text).ToList();
        var connections = new Dictionary<string, LdifEntry>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => entry.Has("objectClass", "dicomNetworkConnection")))
            connections[LdifFile.Canonical(entry.Name)] = entry;
        var titles = entries.Where(entry => entry.Has("objectClass", "dicomNetworkAE")).ToList();
        foreach (var title in titles)
            Add(list, title, connections);
        if (titles.Count == 0)
            list.Warnings.Add("It has no dicomNetworkAE.");
        return list;
    }

    private static void Add(NodeList list, LdifEntry title, Dictionary<string, LdifEntry> connections)
    {
        var name = title.First("dicomAETitle");
        if (name is null)
        {
            list.Refuse(title.Line, $"The entry {title.Name} has no dicomAETitle.", "Add it, or register the node with Set-DicomNode.");
            return;
        }

        if (title.Has("dicomInstalled", "FALSE"))
        {
            list.Notes.Add($"Line {title.Line}: '{name}' is not installed (dicomInstalled).");
            return;
        }

        if (title.Has("dicomAssociationAcceptor", "FALSE"))
        {
            list.Refuse(title.Line, $"'{name}' takes no associations (dicomAssociationAcceptor): there is nobody to call.",
                "Leave it out.");
            return;
        }

        var references = title.Values.TryGetValue("dicomNetworkConnectionReference", out var given) ? given : [];
        var found = new List<LdifEntry>();
        var isWhole = true;
        foreach (var reference in references.Distinct(StringComparer.Ordinal))
        {
            if (connections.TryGetValue(LdifFile.Canonical(reference), out var connection))
            {
                if (connection.First("dicomPort") is not null && IsInUse(connection))
                    found.Add(connection);
                continue;
            }

            isWhole = false;
            list.Refuse(title.Line, $"'{name}' refers to {reference}, which is not in the file.",
                "Export the whole of the device: its dicomNetworkConnection is missing.");
        }

        if (found.Count == 0 && isWhole)
        {
            list.Refuse(title.Line, $"'{name}' has no connection with a dicomPort: there is nobody to call.",
                "Add dicomPort and dicomHostname to its connection, or leave it out.");
        }

        // The plain one is what most people mean by the title.
        var own = name;
        foreach (var connection in found.OrderBy(IsTls))
        {
            own ??= $"{name}-{connection.First("cn") ?? "2"}";
            list.Nodes.Add(new ListedNode(title.Line, own, name, connection.First("dicomHostname"), connection.First("dicomPort"))
            {
                Tls = IsTls(connection) ? "true" : "false",
            });
            own = null;
        }
    }

    // Devices have connections for HL7 and the web too.
    private static bool IsInUse(LdifEntry connection) =>
        !connection.Has("dicomInstalled", "FALSE")
            && (connection.First("dcmProtocol") is not { } protocol || protocol.Equals("DICOM", StringComparison.OrdinalIgnoreCase));

    private static bool IsTls(LdifEntry connection) => connection.First("dicomTLSCipherSuite") is not null;
}
