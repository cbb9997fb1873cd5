using System.Text;

namespace DicomPS.Transfers.Store;

/// <summary>
/// Texts as every database keeps them. What a peer says may have characters that none takes: PostgreSQL refuses U+0000, and half a
/// surrogate pair has no form in UTF-8.
/// </summary>
internal static class StoreText
{
    /// <summary>More is cut: no text that people read is longer, and none that is longer is theirs.</summary>
    public const int Longest = 4000;

    /// <summary>The text with U+FFFD for what cannot be kept.</summary>
    public static string? Clean(string? text)
    {
        if (text is null || (text.Length <= Longest && !text.Any(IsSpecial)))
            return text;
        var clean = new StringBuilder();
        for (var at = 0; at < text.Length && clean.Length < Longest; at++)
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
