using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Comparing;

/// <summary>
/// Values of keys in a form in which two archives can be compared: what PS3.5 6.2 says to be without meaning, such as blanks at the end,
/// the delimiters of empty components and noughts behind a second, makes no difference.
/// </summary>
internal static class KeyValues
{
    private static readonly char[] Blanks = [' ', '\0'];

    /// <summary>The value of a key; null when there is none.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="tag">The key.</param>
    public static string? Of(DicomDataset answer, DicomTag tag)
    {
        var values = answer.GetStrings(tag);
        if (values.Length == 0)
            return null;
        var vr = answer.Find(tag)!.Vr;
        if (vr == Vr.UN || vr == Vr.None)
            vr = DicomDictionary.VrOf(tag);
        var plain = Array.ConvertAll(values, value => Plain(vr, value.Trim(Blanks)));
        // The order of modalities means nothing.
        if (vr == Vr.CS && plain.Length > 1)
            Array.Sort(plain, StringComparer.Ordinal);
        var text = string.Join("\\", plain);
        return text.Trim('\\').Length == 0 ? null : text;
    }

    /// <summary>Whether two values are the same.</summary>
    /// <param name="tag">The key.</param>
    /// <param name="one">A value, as <see cref="Of"/> gives it.</param>
    /// <param name="other">Another one.</param>
    public static bool AreSame(DicomTag tag, string? one, string? other) =>
        string.Equals(one, other, StringComparison.Ordinal)
        || (one is not null && other is not null && DicomDictionary.VrOf(tag) == Vr.TM && IsSameSecond(one, other));

    // Many archives keep whole seconds only.
    private static bool IsSameSecond(string one, string other)
    {
        var point = one.IndexOf('.');
        var otherPoint = other.IndexOf('.');
        return point < 0 != otherPoint < 0 && string.Equals(point < 0 ? one : one.Substring(0, point),
            otherPoint < 0 ? other : other.Substring(0, otherPoint), StringComparison.Ordinal);
    }

    private static string Plain(Vr vr, string value) => vr switch
    {
        Vr.PN => Name(value),
        Vr.TM => Time(value),
        // PS3.5 6.2: dates of ACR-NEMA have points.
        Vr.DA => value.Replace(".", ""),
        Vr.DS or Vr.IS => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture) : value,
        _ => value,
    };

    // PS3.5 6.2.1.2: delimiters behind the last component, and behind the last group, may be left out.
    private static string Name(string value) => string.Join("=", value.Split('=').Select(group =>
        string.Join("^", group.Split('^').Select(part => part.Trim(Blanks))).TrimEnd('^'))).TrimEnd('=');

    private static string Time(string value)
    {
        var text = value.Replace(":", "");
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text.Substring(0, point);
        if (whole.Length is not (2 or 4 or 6) || !whole.All(char.IsDigit))
            return value;
        var fraction = point < 0 ? "" : text.Substring(point + 1).TrimEnd('0');
        return whole.PadRight(6, '0') + (fraction.Length > 0 ? $".{fraction}" : "");
    }
}
