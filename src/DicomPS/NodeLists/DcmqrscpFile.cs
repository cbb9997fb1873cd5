using System.Text;

namespace DicomPS.NodeLists;

/// <summary>
/// The configuration of DCMTK's dcmqrscp. Between HostTable BEGIN and HostTable END stands "name = (AETITLE, host, port), ..." or
/// "name = other, ...", which makes a group of names. Values are parted by blanks, commas and =, and quoted by ", ' or brackets.
/// </summary>
internal static class DcmqrscpFile
{
    private const string Form = "Write it as: name = (AETITLE, host, port).";

    private enum Place
    {
        Before,
        Inside,
        Behind,
    }

    /// <summary>The nodes of a configuration.</summary>
    /// <exception cref="NodeListException">It has no HostTable, or one without an end.</exception>
    public static NodeList Read(string text)
    {
        var list = new NodeList();
        var place = Place.Before;
        var number = 0;
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            number++;
            var row = line.Trim();
            if (row.Length == 0 || row[0] == '#')
                continue;
            if (IsMark(row, out var isBegin))
                place = isBegin ? Place.Inside : place == Place.Inside ? Place.Behind
                    : throw Broken(number, "HostTable END stands before HostTable BEGIN");
            else if (place == Place.Inside)
                Add(list, number, row);
        }

        if (place == Place.Inside)
            throw Broken(number, "HostTable BEGIN has no HostTable END");
        if (place == Place.Before)
            throw Broken(0, "It has no HostTable BEGIN");
        if (list.Nodes.Count + list.Problems.Count == 0)
            list.Warnings.Add("Its HostTable is empty; what begins with # is a comment.");
        return list;
    }

    private static NodeListException Broken(int line, string what) =>
        new(line, $"{what}: the file is no whole configuration of dcmqrscp.", "Take the whole file, and mend its HostTable.");

    private static bool IsMark(string row, out bool isBegin)
    {
        var words = row.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        isBegin = words.Length > 1 && words[1] == "BEGIN";
        return words[0] == "HostTable" && (isBegin || (words.Length > 1 && words[1] == "END"));
    }

    private static void Add(NodeList list, int line, string row)
    {
        var at = 0;
        var name = Value(row, ref at, out _, out var isOpen);
        var peers = new List<string>();
        var groups = 0;
        while (!isOpen && Value(row, ref at, out var isQuoted, out isOpen) is { } value)
        {
            // As dcmqrscp has it: what has a comma in it is a peer, all else a name that stands above.
            if (isQuoted || value.Contains(','))
                peers.Add(value);
            else
                groups++;
        }

        if (isOpen)
        {
            list.Refuse(line, $"'{name}' has a bracket or a quote that is not closed.", Form);
            return;
        }

        if (name is null || peers.Count + groups == 0)
            list.Refuse(line, $"'{name ?? row}' names nobody.", Form);
        else if (peers.Count == 0)
            list.Notes.Add($"Line {line}: '{name}' is a group of other names and no node of its own.");
        foreach (var peer in peers)
        {
            var parts = peer.Split([','], StringSplitOptions.None);
            if (parts.Length != 3)
            {
                list.Refuse(line, $"'{name}' has ({peer}), which is not the AE title, the host and the port.", Form);
                continue;
            }

            // Several under one name are a group of nodes that have none.
            var own = peers.Count + groups == 1 ? name : $"{name}-{Bare(parts[0])}";
            list.Nodes.Add(new ListedNode(line, own, Bare(parts[0]), Bare(parts[1]), Bare(parts[2])));
        }
    }

    private static string Bare(string text) => text.Trim().Trim('"', '\'').Trim();

    private static string? Value(string row, ref int at, out bool isPeer, out bool isOpen)
    {
        isPeer = isOpen = false;
        while (at < row.Length && IsGap(row[at]))
            at++;
        if (at >= row.Length)
            return null;
        var isQuoted = IsQuote(row[at]);
        var close = isQuoted ? (row[at] == '(' ? ')' : row[at]) : '\0';
        if (isQuoted)
            at++;
        var value = new StringBuilder();
        while (at < row.Length && (isQuoted ? row[at] != close : !IsGap(row[at]) && row[at] != '('))
            value.Append(row[at++]);
        isPeer = close == ')';
        isOpen = isQuoted && at >= row.Length;
        if (isQuoted)
            at++;
        return value.ToString();
    }

    private static bool IsGap(char c) => char.IsWhiteSpace(c) || c is '=' or ',';

    private static bool IsQuote(char c) => c is '"' or '\'' or '(';
}
