namespace DicomPS.Matching;

/// <summary>
/// Text in normalization form C (UAX #15), so that a letter with its mark in one piece matches the same in two. Tables of our own: the
/// runtime's change with its version, and it has none at all where it runs without culture data, but an index is kept for years.
/// </summary>
internal static class Composition
{
    // Hangul (Unicode, 3.12): 19 leading consonants, 21 vowels, 27 trailing consonants and none.
    private const int Syllables = 0xAC00, Leading = 0x1100, Vowels = 0x1161, Trailing = 0x11A7;
    private const int LeadingCount = 19, VowelCount = 21, TrailingCount = 28, SyllableCount = LeadingCount * VowelCount * TrailingCount;

    // Below it every character is composed already, whatever follows.
    private const char FirstMark = '\u0300';
    private static readonly Dictionary<char, (char First, char Second)> Parts = [];
    private static readonly Dictionary<(char First, char Second), char> Wholes = [];
    private static readonly Dictionary<char, byte> Classes = [];

    static Composition()
    {
        foreach (var (whole, first, second) in Triples(CompositionTable.Pairs))
        {
            Parts[whole] = (first, second);
            Wholes[(first, second)] = whole;
        }

        foreach (var (whole, first, second) in Triples(CompositionTable.Apart))
            Parts[whole] = (first, second);
        for (var i = 0; i < CompositionTable.Singles.Length; i += 2)
            Parts[CompositionTable.Singles[i]] = (CompositionTable.Singles[i + 1], '\0');
        foreach (var (first, last, combining) in Triples(CompositionTable.Classes))
        {
            for (var mark = (int)first; mark <= last; mark++)
                Classes[(char)mark] = (byte)combining;
        }
    }

    /// <summary>The text with its letters and marks composed; the text itself when they are.</summary>
    public static string Compose(string text)
    {
        foreach (var c in text)
        {
            if (c >= FirstMark)
                return Composed(text);
        }

        return text;
    }

    private static string Composed(string text)
    {
        var chars = new List<char>(text.Length + 8);
        foreach (var c in text)
            Decompose(c, chars);
        Order(chars);
        Join(chars);
        var composed = new string([.. chars]);
        return composed == text ? text : composed;
    }

    private static void Decompose(char c, List<char> into)
    {
        if (c - Syllables is var syllable and >= 0 and < SyllableCount)
        {
            into.Add((char)(Leading + (syllable / (VowelCount * TrailingCount))));
            into.Add((char)(Vowels + (syllable % (VowelCount * TrailingCount) / TrailingCount)));
            if (syllable % TrailingCount is var trailing and > 0)
                into.Add((char)(Trailing + trailing));
        }
        else if (c >= '\u00C0' && Parts.TryGetValue(c, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != '\0')
                into.Add(parts.Second);
        }
        else
        {
            into.Add(c);
        }
    }

    // Marks of different classes stand in the order of these; those of one class keep theirs. No letter has more marks than that.
    private static void Order(List<char> chars)
    {
        const int mostMarks = 64;
        for (var i = 1; i < chars.Count; i++)
        {
            var mark = chars[i];
            var at = ClassOf(mark);
            var to = i;
            for (; at > 0 && to > 0 && i - to < mostMarks && ClassOf(chars[to - 1]) > at; to--)
                chars[to] = chars[to - 1];
            chars[to] = mark;
        }
    }

    private static void Join(List<char> chars)
    {
        int starter = -1, to = 0, last = 0;
        for (var i = 0; i < chars.Count; i++)
        {
            var c = chars[i];
            var at = ClassOf(c);
            // A mark behind another of its class or a higher one does not reach the letter.
            if (starter >= 0 && (to == starter + 1 || last < at) && TryJoin(chars[starter], c, out var whole))
            {
                chars[starter] = whole;
                continue;
            }

            if (at == 0)
                starter = to;
            last = at;
            chars[to++] = c;
        }

        chars.RemoveRange(to, chars.Count - to);
    }

    private static bool TryJoin(char first, char second, out char whole)
    {
        if (first - Leading is var leading and >= 0 and < LeadingCount && second - Vowels is var vowel and >= 0 and < VowelCount)
        {
            whole = (char)(Syllables + (((leading * VowelCount) + vowel) * TrailingCount));
            return true;
        }

        if (first - Syllables is var syllable and >= 0 and < SyllableCount && syllable % TrailingCount == 0
            && second - Trailing is var trailing and > 0 and < TrailingCount)
        {
            whole = (char)(first + trailing);
            return true;
        }

        return Wholes.TryGetValue((first, second), out whole);
    }

    private static byte ClassOf(char c) => c < FirstMark ? (byte)0 : Classes.TryGetValue(c, out var combining) ? combining : (byte)0;

    private static IEnumerable<(char First, char Second, char Third)> Triples(string table)
    {
        for (var i = 0; i < table.Length; i += 3)
            yield return (table[i], table[i + 1], table[i + 2]);
    }
}
