namespace DicomPS.Errors;

/// <summary>What somebody may have meant who mistyped a name.</summary>
internal static class Spelling
{
    private const int LongestName = 64;

    /// <summary>The name that is fewest letters away, the case aside; null when none is near.</summary>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        if (typed.Length is < 3 or > LongestName)
            return null;
        string? nearest = null;
        // One letter in four may be wrong; the first of several that are as near is taken.
        var least = Math.Max(1, typed.Length / 4) + 1;
        foreach (var name in names.Where(name => Math.Abs(name.Length - typed.Length) < least))
        {
            var distance = Distance(typed, name);
            if (distance < least)
                (nearest, least) = (name, distance);
        }

        return nearest;
    }

    // Letters that are missing, too many or different (Levenshtein), a row of the table at a time.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
