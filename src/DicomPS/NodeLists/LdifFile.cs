using System.Text;

namespace DicomPS.NodeLists;

/// <summary>An entry of an LDIF: its name in the directory, and its attributes without regard to case.</summary>
/// <param name="Line">The line that it begins at.</param>
/// <param name="Name">Its distinguished name.</param>
internal sealed record LdifEntry(int Line, string Name)
{
    /// <summary>The values of each attribute, in their order.</summary>
    public Dictionary<string, List<string>> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The first value of an attribute that is not empty, or null.</summary>
    public string? First(string attribute) =>
        Values.TryGetValue(attribute, out var values) ? values.FirstOrDefault(value => value.Length > 0) : null;

    /// <summary>Whether an attribute has a value, whatever its case.</summary>
    public bool Has(string attribute, string value) =>
        Values.TryGetValue(attribute, out var values) && values.Contains(value, StringComparer.OrdinalIgnoreCase);
}

/// <summary>Reads LDIF (RFC 2849): lines that go on behind a blank, comments, values in base64; what a URL names is not fetched.</summary>
internal static class LdifFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The entries, in their order.</summary>
    /// <exception cref="NodeListException">A line is none of LDIF.</exception>
    public static IEnumerable<LdifEntry> Entries(string text)
    {
        LdifEntry? entry = null;
        foreach ((var number, var line) in Lines(text))
        {
            if (line.Length == 0)
            {
                if (entry is not null)
                    yield return entry;
                entry = null;
                continue;
            }

            // A modification parts its steps so.
            if (line[0] == '#' || line == "-")
                continue;
            var (attribute, value) = Parts(number, line);
            if (entry is not null)
            {
                if (!entry.Values.TryGetValue(attribute, out var values))
                    entry.Values.Add(attribute, values = []);
                values.Add(value);
            }
            else if (attribute.Equals("dn", StringComparison.OrdinalIgnoreCase))
            {
                entry = new LdifEntry(number, value);
            }
            else if (!attribute.Equals("version", StringComparison.OrdinalIgnoreCase))
            {
                throw Broken(number, $"'{attribute}' stands where an entry should begin with dn:");
            }
        }

        if (entry is not null)
            yield return entry;
    }

    /// <summary>A distinguished name in a form in which two that mean the same are the same text (RFC 4514).</summary>
    public static string Canonical(string name)
    {
        var made = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c == '\\' && i + 2 < name.Length && Uri.IsHexDigit(name[i + 1]) && Uri.IsHexDigit(name[i + 2]))
            {
                made.Append('\\').Append((char)((Uri.FromHex(name[i + 1]) << 4) | Uri.FromHex(name[i + 2])));
                i += 2;
            }
            else if (c == '\\' && i + 1 < name.Length)
            {
                made.Append('\\').Append(name[++i]);
            }
            else if (c is ',' or '=' or '+')
            {
                // Blanks around what parts the name belong to nothing.
                while (made.Length > 0 && made[made.Length - 1] == ' ')
                    made.Length--;
                made.Append(c);
                while (i + 1 < name.Length && name[i + 1] == ' ')
                    i++;
            }
            else
            {
                made.Append(c);
            }
        }

        return made.ToString().Trim().ToUpperInvariant();
    }

    // Each line with what goes on behind it.
    private static IEnumerable<(int Number, string Text)> Lines(string text)
    {
        using var lines = new StringReader(text);
        var number = 0;
        var first = 0;
        StringBuilder? whole = null;
        while (lines.ReadLine() is { } line)
        {
            number++;
            if (whole is { Length: > 0 } && line.Length > 0 && line[0] == ' ')
            {
                whole.Append(line, 1, line.Length - 1);
                continue;
            }

            if (whole is not null)
                yield return (first, whole.ToString());
            (first, whole) = (number, new StringBuilder(string.IsNullOrWhiteSpace(line) ? "" : line));
        }

        if (whole is not null)
            yield return (first, whole.ToString());
    }

    private static (string Attribute, string Value) Parts(int number, string line)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0)
            throw Broken(number, "A line has no colon");
        var attribute = line.Substring(0, colon).Trim();
        // An option, such as ;lang-en, says more about the value; the value is one of the attribute.
        if (attribute.IndexOf(';') is > 0 and var option)
            attribute = attribute.Substring(0, option);
        var rest = line.Substring(colon + 1);
        if (rest.StartsWith("<", StringComparison.Ordinal))
            return (attribute, "");
        if (!rest.StartsWith(":", StringComparison.Ordinal))
            return (attribute, rest.Trim());
        try
        {
            return (attribute, Utf8.GetString(Convert.FromBase64String(rest.Substring(1).Trim())).Trim());
        }
        catch (ArgumentException)
        {
            // A certificate, for one, is no text.
            return (attribute, "");
        }
        catch (FormatException)
        {
            throw Broken(number, $"The value of '{attribute}' is no base64");
        }
    }

    private static NodeListException Broken(int line, string what) =>
        new(line, $"{what}: the file is no LDIF.", "Mend the line, or export the entries again, with ldapsearch -LLL for one.");
}
