using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Pipeline;

namespace DicomPS.Views;

/// <summary>What a coloured cell says at a glance.</summary>
public enum Mood
{
    /// <summary>Nothing is coloured.</summary>
    None,
    /// <summary>As it should be.</summary>
    Good,
    /// <summary>Worth a look.</summary>
    Doubtful,
    /// <summary>Failed.</summary>
    Bad,
}

/// <summary>The cells of the views in DicomPS.Format.ps1xml, which is why it is public.</summary>
public static class ViewText
{
    /// <summary>
    /// A text in the colour of its mood, by $PSStyle; plain where there is none, as in Windows PowerShell. PowerShell takes
    /// the colour off again when the output is redirected, or when $PSStyle.OutputRendering or NO_COLOR say so.
    /// </summary>
    /// <param name="value">What the cell shows.</param>
    /// <param name="mood">How it is coloured.</param>
    /// <param name="context">$ExecutionContext of the view.</param>
    public static string Paint(object? value, Mood mood, EngineIntrinsics context)
    {
        var text = SafeText.Clean(LanguagePrimitives.ConvertTo<string>(value));
        var name = mood switch { Mood.Good => "Green", Mood.Doubtful => "Yellow", Mood.Bad => "Red", _ => null };
        if (name is null || text.Length == 0 || context?.SessionState.PSVariable.GetValue("PSStyle") is not { } style)
            return text;
        var colours = PSObject.AsPSObject(style).Properties["Foreground"]?.Value;
        return colours is not null && PSObject.AsPSObject(colours).Properties[name]?.Value is string colour
            && PSObject.AsPSObject(style).Properties["Reset"]?.Value is string reset ? $"{colour}{text}{reset}" : text;
    }

    /// <summary>
    /// A value that may be a stranger's text, in one line and without what steers a terminal; what is no text stays what it is.
    /// </summary>
    /// <param name="value">The value, or null.</param>
    public static object? Cell(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        string text => SafeText.Clean(text),
        IEnumerable<string> texts => texts.Select(SafeText.Clean).ToArray(),
        IFormattable or bool or null => value,
        DicomDataset dataset => SafeText.Clean(dataset.ToString()),
        _ => SafeText.Clean(LanguagePrimitives.ConvertTo<string>(value)),
    };

    /// <summary>Whether an object has properties that -Property asked for.</summary>
    /// <param name="found">An answer or the head of a file.</param>
    public static bool HasFurther(PSObject? found) => FurtherOf(found).Any();

    /// <summary>
    /// The properties that -Property asked for, one a line, as Format-List writes them; a list view of a type cannot know their names.
    /// </summary>
    /// <param name="found">An answer or the head of a file.</param>
    public static string Further(PSObject? found)
    {
        PSPropertyInfo[] further = [.. FurtherOf(found)];
        var width = further.Length == 0 ? 0 : further.Max(property => property.Name.Length);
        return string.Join("\n", further.Select(property =>
            $"{SafeText.Clean(property.Name).PadRight(width)} : {SafeText.Clean(LanguagePrimitives.ConvertTo<string>(property.Value))}"));
    }

    // Of an object from CLIXML every property is a note; those that its type has are not further ones.
    private static IEnumerable<PSPropertyInfo> FurtherOf(PSObject? found)
    {
        if (found is null)
            return [];
        var name = found.TypeNames.FirstOrDefault() ?? "";
        name = name.StartsWith("Deserialized.", StringComparison.Ordinal) ? name.Substring("Deserialized.".Length) : name;
        var type = typeof(QueryResult).Assembly.GetType(name);
        return found.Properties.Where(
            property => property.MemberType == PSMemberTypes.NoteProperty && type?.GetProperty(property.Name) is null);
    }

    /// <summary>A number of things that should be none, red when there are any.</summary>
    /// <param name="count">The number, or null.</param>
    /// <param name="context">$ExecutionContext of the view.</param>
    public static string Failures(object? count, EngineIntrinsics context) =>
        Paint(count, LanguagePrimitives.IsTrue(count) ? Mood.Bad : Mood.None, context);

    /// <summary>A number of bytes as people read it; nothing for null.</summary>
    /// <param name="bytes">The number, or null.</param>
    public static string Size(object? bytes) => bytes is null ? "" : ProgressMeter.Size(LanguagePrimitives.ConvertTo<double>(bytes));

    /// <summary>The end of a text that is too long, which is where paths and UIDs differ.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="length">The most characters.</param>
    public static string Tail(string? text, int length)
    {
        var clean = SafeText.Clean(text);
        return clean.Length <= length ? clean : $"\u2026{clean.Substring(clean.Length - length + 1)}";
    }

    /// <summary>A moment without its seconds; nothing for null.</summary>
    /// <param name="moment">The moment, or null.</param>
    public static string Moment(DateTime? moment) => moment?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A day; nothing for null.</summary>
    /// <param name="moment">The moment, or null.</param>
    public static string Day(DateTime? moment) => moment?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
