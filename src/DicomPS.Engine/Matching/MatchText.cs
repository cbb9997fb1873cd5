using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>Values as they are compared: the same form for the index, for keys and for datasets.</summary>
internal static class MatchText
{
    /// <summary>The text of an element with its values joined by backslashes; null when it is absent or empty.</summary>
    public static string? Of(DicomDataset dataset, DicomTag tag, Vr vr) =>
        dataset.GetText(tag) is { } text && (IsNumber(vr) ? Numbers(text) : Clean(text)) is { Length: > 0 } clean ? clean : null;

    /// <summary>
    /// The text without NUL, which no VR allows inside a value and which ends a text for SQLite, and without halves of
    /// surrogate pairs, which UTF-8 cannot hold.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.IndexOf('\0') >= 0)
            text = text.Replace("\0", "");
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                text = text.Substring(0, i) + '\uFFFD' + text.Substring(i + 1);
        }

        return text;
    }

    /// <summary>Whether a text is as keys are compared: its letters and marks are composed.</summary>
    public static bool IsPlain(string text) => ReferenceEquals(Composition.Compose(text), text);

    /// <summary>The values of a text; one when a backslash is no separator in this VR.</summary>
    public static string[] Split(string text, Vr vr) => vr.IsMultiValued() ? text.Split('\\') : [text];

    /// <summary>Whether values of this VR are numbers, which match by their value.</summary>
    public static bool IsNumber(Vr vr) => vr is Vr.IS or Vr.DS or Vr.US or Vr.SS or Vr.UL or Vr.SL or Vr.UV or Vr.SV or Vr.FL or Vr.FD;

    /// <summary>Whether <c>*</c> and <c>?</c> mean something in this VR (PS3.4 C.2.2.2.4).</summary>
    public static bool HasWildcards(Vr vr) => vr is Vr.AE or Vr.CS or Vr.LO or Vr.LT or Vr.PN or Vr.SH or Vr.ST or Vr.UC or Vr.UR or Vr.UT;

    /// <summary>The VR that a key is matched by: what the dictionary says, or what the key says itself.</summary>
    public static Vr VrOf(DicomElement key) => DicomDictionary.VrOf(key.Tag) is var vr and not Vr.None and not Vr.UN ? vr : key.Vr;

    /// <summary>Numbers in their shortest spelling, so that "007", "+7" and "7.0" are one; what is no number stays as it is.</summary>
    private static string Numbers(string text)
    {
        if (text.IndexOf('\\') >= 0)
            return string.Join("\\", text.Split('\\').Select(Number));
        return Number(text);
    }

    public static string Number(string text)
    {
        text = Clean(text).Trim();
        // G29 drops the zeros that decimal keeps.
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture) is var shortest && shortest == "-0" ? "0" : shortest
            : text;
    }
}
