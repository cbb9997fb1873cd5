using System.Globalization;
using System.Text;
using DicomPS.Dictionary;

namespace DicomPS.Tracing;

/// <summary>Words that every part of a trace uses. What a peer sent cannot break a line or steer a terminal.</summary>
internal static class TraceText
{
    private const int LongestText = 200;

    public static string Bytes(long count) => count == 1 ? "1 byte" : $"{count.ToString(CultureInfo.InvariantCulture)} bytes";

    /// <summary>A UID with its name, when the standard has one.</summary>
    public static string Uid(string? uid)
    {
        var text = Clean(uid ?? "");
        return text.Length == 0 ? "(empty)" : DicomDictionary.FindUid(text) is { Name.Length: > 0 } entry ? $"{text} {entry.Name}" : text;
    }

    /// <summary>The name of a UID alone, or the UID.</summary>
    public static string Name(string uid) => Clean(DicomDictionary.NameOf(uid));

    /// <summary>A text in one line, without control and formatting characters, cut when it is long.</summary>
    public static string Clean(string text, int longest = LongestText)
    {
        var builder = new StringBuilder(Math.Min(text.Length, longest) + 3);
        for (var i = 0; i < text.Length && builder.Length < longest; i++)
        {
            if (char.IsSurrogatePair(text, i))
                builder.Append(text, i++, 2);
            else
                builder.Append(IsUnsafe(text[i]) ? '?' : text[i]);
        }

        return builder.Length < longest || text.Length <= longest ? builder.ToString() : builder.Append("...").ToString();
    }

    /// <summary>The first bytes in hexadecimal and as ASCII.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes, int most)
    {
        var builder = new StringBuilder();
        var count = Math.Min(bytes.Length, most);
        for (var i = 0; i < count; i++)
            builder.Append(bytes[i].ToString("X2", CultureInfo.InvariantCulture)).Append(' ');
        builder.Append('"');
        for (var i = 0; i < count; i++)
            builder.Append(bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '.');
        return builder.Append(bytes.Length > count ? "\"..." : "\"").ToString();
    }

    private static bool IsUnsafe(char c) => char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
}
