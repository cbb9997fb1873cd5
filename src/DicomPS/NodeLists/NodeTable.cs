using DicomPS.Text;

namespace DicomPS.NodeLists;

/// <summary>A table of nodes (CSV), as Get-DicomNode | Export-Csv writes it, or a spreadsheet with the words of its author.</summary>
internal static class NodeTable
{
    // Letters and digits of what people write, the best word first.
    private static readonly Dictionary<string, string[]> Words = new()
    {
        ["Name"] = ["name", "nodename", "node", "alias", "displayname", "systemname", "devicename", "device", "modalityname",
            "stationname", "station"],
        ["AETitle"] = ["aetitle", "aet", "ae", "calledaetitle", "calledaet", "calledae", "remoteaetitle", "remoteaet",
            "applicationentitytitle", "applicationentity", "title"],
        ["HostName"] = ["hostname", "host", "computername", "ipaddress", "ip", "ipadresse", "address", "adresse", "server",
            "fqdn", "dnsname"],
        ["Port"] = ["port", "dicomport", "tcpport", "portnumber", "remoteport", "scpport"],
        ["CallingAETitle"] = ["callingaetitle", "callingaet", "callingae", "localaetitle", "localaet"],
        ["LocalPort"] = ["localport"],
        ["CharacterSet"] = ["characterset", "specificcharacterset", "charset"],
        ["Tls"] = ["tls", "usetls", "dicomtls", "usedicomtls", "secure"],
        ["From"] = ["from"],
        ["Associations"] = ["associations"],
        ["AsyncOperations"] = ["asyncoperations"],
    };

    /// <summary>Whether the first line names what a node needs.</summary>
    public static bool IsOne(string text)
    {
        try
        {
            return CsvTable.Rows(text).FirstOrDefault() is { } header && Missing(Columns(header)).Count == 0;
        }
        catch (DicomException)
        {
            return false;
        }
    }

    /// <summary>The nodes of a table.</summary>
    /// <exception cref="NodeListException">Its first line does not name what a node needs.</exception>
    public static NodeList Read(string text)
    {
        var list = new NodeList();
        CsvRow? header = null;
        Dictionary<string, List<int>> columns = [];
        foreach (var row in Rows(text))
        {
            if (header is null)
            {
                (header, columns) = (row, Columns(row));
                Check(list, header, columns);
            }
            else if (row.IsOpen)
            {
                list.Refuse(row.Line, "The file ends inside a quoted field.", "Close the quotes.");
            }
            else if (row.Fields.Count != header.Fields.Count && row.Fields.Any(field => field.Trim().Length > 0))
            {
                list.Refuse(row.Line, $"It has {row.Fields.Count} fields, and the first line names {header.Fields.Count}.",
                    "Put what has the separator in it into quotes.");
            }
            else if (row.Fields.Any(field => field.Trim().Length > 0))
            {
                Add(list, row, columns);
            }
        }

        if (header is null)
            throw new NodeListException(0, "It is empty.", "Write a line of names first: Name,AETitle,HostName,Port.");
        if (list.Nodes.Count + list.Problems.Count == 0)
            list.Warnings.Add("It has no row below its line of names.");
        return list;
    }

    private static IEnumerable<CsvRow> Rows(string text)
    {
        using var rows = CsvTable.Rows(text).GetEnumerator();
        while (true)
        {
            try
            {
                if (!rows.MoveNext())
                    yield break;
            }
            catch (DicomException e) when (e is not NodeListException)
            {
                throw new NodeListException(0, e.Message, "Check that it is a table of nodes.");
            }

            yield return rows.Current;
        }
    }

    private static Dictionary<string, List<int>> Columns(CsvRow header)
    {
        var plain =
            header.Fields.Select(field => new string([.. field.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)])).ToList();
        var columns = new Dictionary<string, List<int>>();
        foreach (var pair in Words)
        {
            var found = pair.Value.SelectMany(word => Enumerable.Range(0, plain.Count).Where(index => plain[index] == word)).ToList();
            if (found.Count > 0)
                columns.Add(pair.Key, found);
        }

        return columns;
    }

    private static List<string> Missing(Dictionary<string, List<int>> columns) =>
        [.. new[] { "AETitle", "HostName", "Port" }.Where(needed => !columns.ContainsKey(needed))];

    private static void Check(NodeList list, CsvRow header, Dictionary<string, List<int>> columns)
    {
        var missing = Missing(columns);
        if (missing.Count > 0)
        {
            throw new NodeListException(header.Line,
                $"The first line names no column for {string.Join(", ", missing)}; it has {string.Join(", ", header.Fields.Take(20))}.",
                "Call the columns Name, AETitle, HostName and Port.");
        }

        var known = new HashSet<int>(columns.Values.SelectMany(indexes => indexes));
        var unknown = header.Fields.Where((field, index) => !known.Contains(index) && field.Trim().Length > 0).ToList();
        if (unknown.Count > 0)
            list.Notes.Add($"Columns that say nothing about a node here: {string.Join(", ", unknown.Take(20))}.");
    }

    private static void Add(NodeList list, CsvRow row, Dictionary<string, List<int>> columns)
    {
        string? Text(string column) => columns.TryGetValue(column, out var indexes)
            ? indexes.Select(index => row.Fields[index].Trim()).FirstOrDefault(field => field.Length > 0)
            : null;

        var title = Text("AETitle");
        list.Nodes.Add(new ListedNode(row.Line, Text("Name") ?? title, title, Text("HostName"), Text("Port"))
        {
            CallingAETitle = Text("CallingAETitle"),
            LocalPort = Text("LocalPort"),
            CharacterSet = Text("CharacterSet"),
            Tls = Text("Tls"),
            From = Text("From"),
            Associations = Text("Associations"),
            AsyncOperations = Text("AsyncOperations"),
        });
    }
}
