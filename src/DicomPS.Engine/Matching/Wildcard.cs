namespace DicomPS.Matching;

/// <summary>Patterns with <c>*</c> for any characters and <c>?</c> for one (PS3.4 C.2.2.2.4).</summary>
internal static class Wildcard
{
    public static bool IsPattern(string text) => text.IndexOfAny(['*', '?']) >= 0;

    /// <summary>Whether the pattern is stars alone, which matches everything, also what has no value.</summary>
    public static bool IsUniversal(string text) => text.Length > 0 && text.All(c => c == '*');

    /// <summary>Whether a text matches, in time that no pattern can blow up: only the last star is ever tried again.</summary>
    public static bool Matches(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && pattern[p] == '?')
            {
                p++;
                t = Next(text, t);
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = resume = Next(text, resume);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    /// <summary>The pattern for SQLite's GLOB, whose brackets mean something too; null when GLOB would be slow or refuse it.</summary>
    public static string? ToGlob(string pattern) => IsSlow(pattern) ? null : pattern.Replace("[", "[[]");

    /// <summary>The pattern for LIKE of the standard, with a backslash before what means itself; null when it would be slow.</summary>
    public static string? ToLike(string pattern) => IsSlow(pattern) ? null
        : pattern.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_").Replace('*', '%').Replace('?', '_');

    /// <summary>What stands before the first wildcard.</summary>
    public static string Prefix(string pattern) => pattern.Substring(0, pattern.IndexOfAny(['*', '?']));

    /// <summary>The first text behind all that begin with a prefix, as bytes of UTF-8 sort; null when there is no simple one.</summary>
    public static string? Behind(string prefix) => prefix[prefix.Length - 1] is var last && last < '\uD7FF'
        ? prefix.Substring(0, prefix.Length - 1) + (char)(last + 1)
        : null;

    // Databases try again from every star, so that the time grows with the power of their number.
    private static bool IsSlow(string pattern)
    {
        const int longest = 256, mostStars = 3;
        return pattern.Length > longest || pattern.Count(c => c == '*') > mostStars;
    }

    // A character outside the basic plane is one character, although it is two in memory.
    private static int Next(string text, int at) => at + (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1);
}
