using System.Globalization;
using System.Management.Automation;

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
        string text = LanguagePrimitives.ConvertTo<string>(value) ?? "";
        string? name = mood switch { Mood.Good => "Green", Mood.Doubtful => "Yellow", Mood.Bad => "Red", _ => null };
        if (name is null || text.Length == 0 || context?.SessionState.PSVariable.GetValue("PSStyle") is not { } style)
            return text;
        object? colours = PSObject.AsPSObject(style).Properties["Foreground"]?.Value;
        return colours is not null && PSObject.AsPSObject(colours).Properties[name]?.Value is string colour
            && PSObject.AsPSObject(style).Properties["Reset"]?.Value is string reset ? $"{colour}{text}{reset}" : text;
    }

    /// <summary>A number of things that should be none, red when there are any.</summary>
    /// <param name="count">The number, or null.</param>
    /// <param name="context">$ExecutionContext of the view.</param>
    public static string Failures(object? count, EngineIntrinsics context) => Paint(count, LanguagePrimitives.IsTrue(count) ? Mood.Bad : Mood.None, context);

    /// <summary>A number of bytes as people read it; nothing for null.</summary>
    /// <param name="bytes">The number, or null.</param>
    public static string Size(object? bytes) => bytes is null ? "" : ProgressMeter.Size(LanguagePrimitives.ConvertTo<double>(bytes));

    /// <summary>The end of a text that is too long, which is where paths and UIDs differ.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="length">The most characters.</param>
    public static string Tail(string? text, int length) =>
        text is null ? "" : text.Length <= length ? text : $"\u2026{text.Substring(text.Length - length + 1)}";

    /// <summary>A moment without its seconds; nothing for null.</summary>
    /// <param name="moment">The moment, or null.</param>
    public static string Moment(DateTime? moment) => moment?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A day; nothing for null.</summary>
    /// <param name="moment">The moment, or null.</param>
    public static string Day(DateTime? moment) => moment?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
