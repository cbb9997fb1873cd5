using System.Text;

namespace DicomPS.Archiving.Databases;

/// <summary>
/// Texts as every database keeps them. What a peer says may have characters that none takes: PostgreSQL refuses U+0000, and half a
/// surrogate pair has no form in UTF-8.
/// </summary>
internal static class StoreText
{
    /// <summary>How much is kept of what a peer says: no text that people read is longer, and none that is longer is theirs.</summary>
    public const int Longest = 4000;

    /// <summary>What a peer says, as <see cref="Clean"/> has it, cut where it is too long.</summary>
    public static string? Short(string? text) => Kept(text, Longest);

    /// <summary>The text with U+FFFD for what cannot be kept; all of it, since what is written here is read again.</summary>
    public static string? Clean(string? text) => Kept(text, int.MaxValue);

    private static string? Kept(string? text, int longest)
    {
        if (text is null || (text.Length <= longest && !text.Any(IsSpecial)))
            return text;
        var clean = new StringBuilder();
        for (var at = 0; at < text.Length && clean.Length < longest; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
                clean.Append(text, at++, 2);
            else
                clean.Append(IsSpecial(text[at]) ? '\uFFFD' : text[at]);
        }

        return clean.ToString();
    }

    private static bool IsSpecial(char one) => one == '\0' || char.IsSurrogate(one);
}
