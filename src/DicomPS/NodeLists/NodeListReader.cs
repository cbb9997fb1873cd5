using System.Text.RegularExpressions;

namespace DicomPS.NodeLists;

/// <summary>Reads the text of a list of nodes, in whichever format it is.</summary>
internal static class NodeListReader
{
    private static readonly Regex HostTable = new(@"^[ \t]*HostTable[ \t]+BEGIN\b", RegexOptions.Multiline | RegexOptions.CultureInvariant);
    private static readonly Regex Entry = new(@"^dn::?\s",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>The nodes of a list, and what in it is none.</summary>
    /// <exception cref="NodeListException">The file as a whole cannot be understood.</exception>
    public static NodeList Read(string text, NodeListFormat format) => (format == NodeListFormat.Auto ? FormatOf(text) : format) switch
    {
        NodeListFormat.Orthanc => OrthancFile.Read(text),
        NodeListFormat.Dcmqrscp => DcmqrscpFile.Read(text),
        NodeListFormat.Dcm4che => Dcm4cheFile.Read(text),
        _ => NodeTable.Read(text),
    };

    /// <summary>What a text looks like, whatever the name of its file.</summary>
    /// <exception cref="NodeListException">It looks like none of them.</exception>
    public static NodeListFormat FormatOf(string text)
    {
        if (ConfigJson.StartsObject(text))
            return NodeListFormat.Orthanc;
        if (HostTable.IsMatch(text))
            return NodeListFormat.Dcmqrscp;
        if (Entry.IsMatch(text))
            return NodeListFormat.Dcm4che;
        if (NodeTable.IsOne(text))
            return NodeListFormat.Csv;
        throw new NodeListException(0,
            "It is no list of nodes that is known: no JSON of Orthanc, no configuration of dcmqrscp with a HostTable, no LDIF of dcm4che, "
            + "no table whose first line names AETitle, HostName and Port.",
            "Check the file; -Format says what it should be, and then the error says what is missing.");
    }
}
