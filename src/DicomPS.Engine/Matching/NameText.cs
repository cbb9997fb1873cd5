using System.Text;
using DicomPS.Data;

namespace DicomPS.Matching;

/// <summary>Names of persons as they are compared: without regard to case, by component group, and by sound (PS3.4 C.2.2.2.1).</summary>
internal static class NameText
{
    private static readonly char[] Separators = ['^', ' ', ',', '.', '-', '\'', '\u3000', '\t', '*', '?'];

    // The letters of Latin-1 from U+00C0, and of Latin Extended-A from U+0100, without their marks.
    private const string Latin1 = "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTS";
    private const string ExtendedA =
        "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIIIIIJJKKKLLLLLLLLLLNNNNNNNNNOOOOOOOORRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";

    /// <summary>
    /// A name with its components trimmed, empty ones at the end dropped, in capitals; its groups joined by equals signs.
    /// </summary>
    public static string Normalize(string name) => string.Join("\\", name.Split('\\').Select(NormalizeOne));

    /// <summary>The groups of one name, in capitals.</summary>
    public static string[] Groups(string name)
    {
        var groups = Composition.Compose(name).Split(['='], 3);
        for (var i = 0; i < groups.Length; i++)
            groups[i] = Composition.Compose(PersonNameGroup.Parse(groups[i]).ToString().ToUpperInvariant());
        return groups;
    }

    /// <summary>The sound of each part of a name, with a space before and after each: " D000 J500 ".</summary>
    public static string Sounds(string name)
    {
        var sounds = new StringBuilder(" ");
        foreach (var word in SoundsOf(name))
            sounds.Append(word).Append(' ');
        return sounds.ToString();
    }

    /// <summary>The sounds of the parts of a name, each once.</summary>
    public static IEnumerable<string> SoundsOf(string name) => Composition.Compose(name).Split(['=', '\\'])
        .SelectMany(group => group.Split(Separators, StringSplitOptions.RemoveEmptyEntries)).Select(Sound).Distinct(StringComparer.Ordinal);

    private static string NormalizeOne(string name) => string.Join("=", Groups(name)).TrimEnd('=');

    /// <summary>A letter and three digits for its consonants, as Soundex has it; a word in another script is its own sound.</summary>
    private static string Sound(string word)
    {
        var code = new StringBuilder(4);
        var last = '0';
        foreach (var c in word.ToUpperInvariant())
        {
            var letter = Base(c);
            if (letter is < 'A' or > 'Z')
                return word.ToUpperInvariant();
            // B F P V, C G J K Q S X Z, D T, L, M N, R; H and W do not part two of a kind, vowels do.
            var digit = "01230120022455012623010202"[letter - 'A'];
            if (code.Length == 0)
                code.Append(letter);
            else if (digit != '0' && digit != last)
                code.Append(digit);
            if (letter is not ('H' or 'W'))
                last = digit;
            if (code.Length == 4)
                break;
        }

        return code.Append('0', 4 - code.Length).ToString();
    }

    private static char Base(char c) => c switch
    {
        >= '\u00C0' and <= '\u00DF' => Latin1[c - '\u00C0'],
        >= '\u00E0' and <= '\u00FE' => Latin1[c - '\u00E0'],
        >= '\u0100' and <= '\u017E' => ExtendedA[c - '\u0100'],
        _ => c,
    };
}
