using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Dates;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>
/// The columns of a row of the pipeline that go with what Find gives for it: under their own names, or with Row before them where the
/// result has that name.
/// </summary>
/// <param name="own">The names of the result's properties.</param>
internal sealed class RowColumns(IEnumerable<string> own)
{
    /// <summary>Whether a row was found: true, false, or null where that is not known.</summary>
    public const string Found = "Found";

    /// <summary>Why it is not known.</summary>
    public const string Error = "Error";

    private readonly HashSet<string> _own = new([.. own, Found, Error, "Dataset", "Images"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an object has columns: a text or a node names whom to ask, and nothing else.</summary>
    public static bool IsRow(PSObject? source) =>
        source?.BaseObject is not (null or IConvertible or DicomNode or System.Collections.IDictionary);

    /// <summary>Whether an object is one that IncludeMissing gave without an answer, also when it went through a file.</summary>
    public static bool IsNotFound(PSObject? source) =>
        source?.Properties[Found] is { } found && source.Properties["Matches"] is not null
        && !string.Equals($"{found.Value}", "True", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a row of this level was not found: of a row of a higher level, this level was never asked for.</summary>
    public static bool IsNotFound(PSObject? source, QueryLevel level) => IsNotFound(source) && level switch
    {
        QueryLevel.Series => source!.Properties["SeriesInstanceUID"] is not null,
        QueryLevel.Image => source!.Properties["SOPInstanceUID"] is not null,
        _ => true,
    };

    /// <summary>The columns of a row.</summary>
    public IReadOnlyList<(string Name, object? Value)> Of(PSObject? source)
    {
        if (source is null || !IsRow(source))
            return [];
        // A row that came out of -IncludeMissing before is asked about again: its columns of the former answer are left out.
        var isAgain = source.Properties[Found] is not null && source.Properties["Matches"] is not null;
        var columns = new List<(string, object?)>();
        var taken = new HashSet<string>(_own, StringComparer.OrdinalIgnoreCase);
        foreach (var property in source.Properties)
        {
            var isOwn = _own.Contains(property.Name);
            if (isOwn && isAgain)
                continue;
            var name = isOwn ? "Row" + property.Name : property.Name;
            if (taken.Add(name))
                columns.Add((name, ValueOf(property)));
        }

        return columns;
    }

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value is DateTime moment ? IsoDate.Of(moment) : property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
