using System.Globalization;
using System.Text;

namespace DicomPS;

/// <summary>
/// Text of strangers as it may stand in a message or a cell: in one line, and unable to steer a terminal or to turn the reading order
/// of what stands beside it. Properties keep their values; this is for where they are shown.
/// </summary>
internal static class SafeText
{
    /// <summary>
    /// The text with a question mark for each character that steers, and a space for each break of a line; the text itself when it has
    /// none.
    /// </summary>
    /// <param name="text">The text, or null.</param>
    public static string Clean(string? text)
    {
        if (text is null)
            return "";
        for (var i = 0; i < text.Length; i++)
        {
            if (IsUnsafe(text, i))
                return Cleaned(text, i);
        }

        return text;
    }

    private static string Cleaned(string text, int from)
    {
        var builder = new StringBuilder(text, 0, from, text.Length);
        for (var i = from; i < text.Length; i++)
        {
            if (!IsUnsafe(text, i))
                builder.Append(text[i]);
            else if (text[i] is '\r' && i + 1 < text.Length && text[i + 1] is '\n')
                continue;
            else
                builder.Append(text[i] is '\t' or '\n' or '\r' or '\f' or '\u0085' or '\u2028' or '\u2029' ? ' ' : '?');
        }

        return builder.ToString();
    }

    private static bool IsUnsafe(string text, int at)
    {
        var c = text[at];
        if (c < '\u007F')
            return c < ' ';
        if (char.IsSurrogate(c))
            return !(char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
                && !(char.IsLowSurrogate(c) && at > 0 && char.IsHighSurrogate(text[at - 1]));
        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
            // Persian and Indic names are spelt with joiners, and a mark of direction moves nothing but itself; embeddings and
            // overrides do.
            UnicodeCategory.Format => c is not ('\u200C' or '\u200D' or '\u200E' or '\u200F' or '\u061C' or '\u00AD'),
            _ => false,
        };
    }
}
