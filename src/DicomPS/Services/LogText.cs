using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Services;

/// <summary>
/// What a script writes as lines of a log. Errors, warnings and texts are what somebody wrote for a reader, and stay as they are. Of
/// an object only what cannot name a patient is shown, unless patients' data were asked for: numbers, times, UIDs, titles, states.
/// </summary>
internal static class LogText
{
    private const int MostProperties = 40;

    private static readonly HashSet<string> Open = new(StringComparer.OrdinalIgnoreCase)
    {
        "State", "Status", "Verdict", "Kind", "Level", "Stage", "Operation", "Modality", "Node", "HostName", "RemoteAddress",
        "RemoteEndPoint",
        "SOPClass", "TransferSyntax", "Layout", "Duplicate", "Scope", "Service", "Services", "Handlers", "Destination",
    };

    /// <summary>The level and the text of a record.</summary>
    public static (string Level, string Text) Of(object? record, bool includePatientData)
    {
        var value = record is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : record;
        return value switch
        {
            ErrorRecord error => ("ERROR", Of(error)),
            WarningRecord warning => ("WARNING", warning.Message),
            VerboseRecord verbose => ("VERBOSE", verbose.Message),
            DebugRecord debug => ("DEBUG", debug.Message),
            InformationRecord information => ("INFO", $"{information.MessageData}"),
            null => ("OUT", ""),
            // Itself a text when it is asked for one, with all that it holds.
            PSObject row => ("OUT", Row(row, includePatientData)),
            string text => ("OUT", text),
            IFormattable plain => ("OUT", plain.ToString(null, CultureInfo.InvariantCulture)),
            _ => ("OUT", Row(PSObject.AsPSObject(record!), includePatientData)),
        };
    }

    private static string Of(ErrorRecord error)
    {
        var advice = error.ErrorDetails?.RecommendedAction;
        var where = error.InvocationInfo is { ScriptLineNumber: > 0, ScriptName: { Length: > 0 } script } at
            && Path.GetFileName(script) != RunnerScript.FileName
            ? $" ({Path.GetFileName(script)}, line {at.ScriptLineNumber})"
            : "";
        return $"{error.FullyQualifiedErrorId}: {error.ErrorDetails?.Message ?? error.Exception.Message}"
            + $"{(string.IsNullOrEmpty(advice) ? "" : $" {advice}")}{where}";
    }

    private static string Row(PSObject row, bool includePatientData)
    {
        var cells = new List<string>();
        var hidden = 0;
        foreach (var property in row.Properties.Where(property => property.IsGettable).Take(MostProperties))
        {
            object? value;
            try
            {
                value = property.Value;
            }
            catch (GetValueException)
            {
                continue;
            }

            if (value is null or "")
                continue;
            if (value is PSObject inner)
                value = inner.BaseObject;
            if (!includePatientData && !IsOpen(property.Name, value))
            {
                hidden++;
                continue;
            }

            cells.Add($"{property.Name}={Cell(value)}");
        }

        var type = row.BaseObject is PSCustomObject ? "" : $"{row.BaseObject.GetType().Name}: ";
        return $"{type}{string.Join(", ", cells)}{(hidden > 0 ? $" ({hidden} not shown)" : "")}";
    }

    private static bool IsOpen(string name, object value)
    {
        if (name.StartsWith("Patient", StringComparison.OrdinalIgnoreCase) || name.IndexOf("Birth", StringComparison.OrdinalIgnoreCase) >= 0
            || name.IndexOf("Accession", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            return false;
        }

        if (value is bool or TimeSpan or DateTime or DateTimeOffset or Enum || value.GetType().IsPrimitive)
            return true;
        return value is string text
            ? Open.Contains(name) || name.EndsWith("AETitle", StringComparison.OrdinalIgnoreCase)
                || (name.EndsWith("UID", StringComparison.OrdinalIgnoreCase) && text.Length <= 64
                    && text.All(c => c is '.' or (>= '0' and <= '9')))
            : Open.Contains(name) && value is not IEnumerable;
    }

    private static string Cell(object value) => value switch
    {
        DateTime moment => moment.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable list => string.Join(" ", list.Cast<object?>().Take(MostProperties)),
        _ => $"{value}",
    };
}
