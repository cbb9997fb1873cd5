using System.Text;

namespace DicomPS.Text;

/// <summary>A row of a CSV text.</summary>
/// <param name="Line">The line that it begins at; the first is 1.</param>
/// <param name="Fields">Its fields.</param>
/// <param name="IsOpen">Whether the text ended inside a quoted field.</param>
internal sealed record CsvRow(int Line, IReadOnlyList<string> Fields, bool IsOpen);

/// <summary>Reads CSV (RFC 4180) as Export-Csv and spreadsheets write it: commas, semicolons or tabs, quotes where needed.</summary>
internal static class CsvTable
{
    private const int MaximumFields = 1000;

    /// <summary>The text of a file: UTF-8 or what its byte order mark says; Latin-1 where the bytes are no UTF-8.</summary>
    public static string Decode(byte[] bytes)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true),
                detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Encoding.GetEncoding(28591).GetString(bytes);
        }
    }

    /// <summary>The character between fields: the one of comma, semicolon and tab that the first line has most of.</summary>
    public static char SeparatorOf(string text)
    {
        var end = text.IndexOfAny(['\r', '\n']);
        var header = end < 0 ? text : text.Substring(0, end);
        return new[] { ',', ';', '\t' }.OrderByDescending(candidate => header.Count(c => c == candidate)).First();
    }

    /// <summary>The rows that are not empty, the header among them; Windows PowerShell's line with the type is left out.</summary>
    /// <exception cref="DicomException">A row has too many fields.</exception>
    public static IEnumerable<CsvRow> Rows(string text)
    {
        var at = text.StartsWith("#TYPE", StringComparison.Ordinal) ? text.IndexOf('\n') + 1 : 0;
        var separator = SeparatorOf(text.Substring(at));
        var line = at > 0 ? 2 : 1;
        while (at < text.Length)
        {
            var first = line;
            var fields = new List<string>();
            var isOpen = false;
            var isEnd = false;
            while (!isEnd)
            {
                fields.Add(Field(text, separator, ref at, ref line, out isOpen));
                if (fields.Count > MaximumFields)
                    throw new DicomException($"Line {first} has more than {MaximumFields} fields.");
                isEnd = at >= text.Length || text[at] != separator;
                if (!isEnd)
                    at++;
            }

            SkipLineEnd(text, ref at, ref line);
            if (fields.Count > 1 || fields[0].Length > 0)
                yield return new CsvRow(first, fields, isOpen);
        }
    }

    private static string Field(string text, char separator, ref int at, ref int line, out bool isOpen)
    {
        isOpen = false;
        if (at >= text.Length || text[at] != '"')
        {
            var start = at;
            while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
                at++;
            return text.Substring(start, at - start);
        }

        var field = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\n')
                line++;
            if (text[at] != '"')
                field.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"')
                field.Append(text[++at]);
            else
                break;
        }

        isOpen = at >= text.Length;
        // Behind the closing quote there is nothing of the field.
        while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
            at++;
        return field.ToString();
    }

    private static void SkipLineEnd(string text, ref int at, ref int line)
    {
        if (at < text.Length && text[at] == '\r')
            at++;
        if (at < text.Length && text[at] == '\n')
            at++;
        line++;
    }
}
