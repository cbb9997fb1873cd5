using System.Collections;
using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Data;

namespace DicomPS.Queries;

/// <summary>
/// What comes down a pipeline and gives a query no key: a text, nothing, a row whose columns are called otherwise or are empty. Taken
/// for no key at all it would ask for everything, and everything would be moved.
/// </summary>
/// <param name="taken">The names of the columns that are keys.</param>
/// <param name="done">What is not done with such a row.</param>
/// <param name="by">What the columns are for.</param>
/// <param name="why">Why it is not done.</param>
/// <param name="isQuery">Whether a node is asked.</param>
internal sealed class KeylessRows(IReadOnlyList<string> taken, string done = "asked for", string by = "are asked by",
    string why = "Without a key the answer would be all that the peer has. ", bool isQuery = true)
{
    private const int MostNames = 12, LongestText = 64;

    private readonly HashSet<string> _told = [];
    private ModuleException? _last;
    private long _further;

    /// <summary>Why an object was not asked for.</summary>
    public ModuleException Problem(PSObject? given) => given?.BaseObject switch
    {
        null => Of($"$null was piped in: it was not {done}.",
            isQuery ? $"{why}Leave the pipeline out to ask for all." : $"Pipe in rows that have a column {taken[0]}.", null),
        DicomNode node when !isQuery => Of($"The node {node} was piped in: it was not {done}.",
            "Find-DicomStudy asks it for its studies, which can be piped in.", $"{node}"),
        DicomNode node => Of($"The node {node} was piped in, and another is named on the command line: it was not asked.",
            "Leave the one on the command line out, or the pipeline.", $"{node}"),
        IDictionary => Of($"A hashtable was piped in: it is no row, and was not {done}.",
            $"{why}Write [pscustomobject] @{{ {taken[0]} = '...' }} for a row.", null),
        IConvertible => OfText($"{given}"),
        _ => OfRow(given!),
    };

    /// <summary>Whether the same has been told before, and is only counted now: all lines of a file are wrong in the same way.</summary>
    public bool Counts(PSObject? given, ModuleException problem)
    {
        if (_told.Add(Kind(given)))
            return false;
        _further++;
        _last = problem;
        return true;
    }

    /// <summary>The error that counts those behind the first; null when there are none.</summary>
    public ModuleException? Rest() => _last is null ? null
        : Of($"{_further} more {(_further == 1 ? "was" : "were")} not {done}, for the same reason.", _last.Advice!, null);

    private string Kind(PSObject? given) => given?.BaseObject switch
    {
        null => "null",
        DicomNode => "node",
        IDictionary => "table",
        IConvertible => "text",
        // A cell that is empty is an affair of its row.
        _ => Columns(given!) is var columns && columns.Any(IsTaken) ? $"row {_told.Count}" : string.Join("\n", columns),
    };

    private ModuleException OfText(string text)
    {
        var key = text.Contains('.') && Uid.IsUsable(text.Trim())
            ? taken.FirstOrDefault(name => name.EndsWith("UID", StringComparison.Ordinal))
            : null;
        key ??= taken.FirstOrDefault(name => name == "AccessionNumber") ?? taken[0];
        var shown = text.Length > LongestText ? text.Substring(0, LongestText) + "..." : text;
        return Of($"'{shown}' was piped in, and a text does not say which key it is: it was not {done}.",
            $"{why}Give the values to a parameter, such as -{key} (Get-Content list.txt), "
            + $"or pipe in rows that have a column {key}.", text);
    }

    private ModuleException OfRow(PSObject row)
    {
        var columns = Columns(row);
        if (columns.Where(IsTaken).ToArray() is { Length: > 0 } empty)
            return Of($"A row of the pipeline has no value for {string.Join(", ", empty)}: it was not {done}.",
                $"{why}Fill the cell, or leave the row out.", $"{row}");
        var names = columns.Length == 0 ? "no columns" : $"the columns {string.Join(", ", columns.Take(MostNames))}"
            + (columns.Length > MostNames ? $" and {columns.Length - MostNames} more" : "");
        var first = columns.FirstOrDefault() ?? "Name";
        var key = taken.FirstOrDefault(name => columns.Any(column => name.StartsWith(column.Trim(), StringComparison.OrdinalIgnoreCase)))
            ?? taken.FirstOrDefault(name => name == "AccessionNumber") ?? taken[0];
        var hint = columns.Length == 1 && first.IndexOfAny([';', '\t']) is var at and >= 0
            ? $"The file is not separated by commas: Import-Csv -Delimiter {(first[at] == ';' ? "';'" : "\"`t\"")}."
            : $"Rename the column, or say which it is, such as -{key} {{ $_.{Quoted(columns, key, first)} }}.";
        return Of($"A row of the pipeline has {names}, and none of those that {by}: {string.Join(", ", taken)}. "
            + $"It was not {done}.", $"{why}{hint}", $"{row}");
    }

    private static string Quoted(string[] columns, string key, string first)
    {
        var column = columns.FirstOrDefault(name => key.StartsWith(name.Trim(), StringComparison.OrdinalIgnoreCase)) ?? first;
        return column.All(char.IsLetterOrDigit) ? column : $"'{column.Replace("'", "''")}'";
    }

    private bool IsTaken(string column) => taken.Contains(column, StringComparer.OrdinalIgnoreCase);

    private static string[] Columns(PSObject row) => [.. row.Properties.Select(property => property.Name)];

    private static ModuleException Of(string message, string advice, string? target) =>
        new(ErrorIds.RowWithoutKey, ErrorCategory.InvalidData, message, advice, target);
}
