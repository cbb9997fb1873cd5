namespace DicomPS.Text;

/// <summary>One defined term of Specific Character Set (0008,0005).</summary>
/// <param name="Term">The term as the standard spells it.</param>
/// <param name="Description">What it is for.</param>
/// <param name="G0">What codes 21 to 7E mean; null when the term leaves G0 alone.</param>
/// <param name="G1">What bytes A0 to FF mean; null when the term leaves G1 alone.</param>
/// <param name="CodePage">For terms that are an encoding as a whole and do not allow code extensions: its code page; otherwise 0.</param>
internal sealed record CharacterSetTerm(string Term, string Description, GraphicSet? G0, GraphicSet? G1, int CodePage = 0)
{
    /// <summary>Whether the term stands alone: no code extensions, neither before nor after it (PS3.3 Table C.12-5).</summary>
    internal bool IsWholeEncoding => CodePage != 0;

    /// <summary>Whether the term belongs to the code extensions (PS3.3 Tables C.12-3 and C.12-4).</summary>
    internal bool IsCodeExtension => Term.StartsWith("ISO 2022", StringComparison.Ordinal);

    /// <summary>Whether the term may only be value 2 or later (PS3.3 Table C.12-4).</summary>
    internal bool IsMultiByteExtension => G0 is { IsDoubleByte: true } || G1 is { IsDoubleByte: true };

    /// <summary>Whether the standard has the term; false for code pages that are read because files in the wild name them.</summary>
    internal bool IsStandard { get; init; } = true;
}

/// <summary>The table of defined terms (PS3.3 C.12.1.1.2).</summary>
internal static class CharacterSets
{
    internal const int Utf8CodePage = 65001;
    internal const int Gb18030CodePage = 54936;
    internal const int GbkCodePage = 936;

    /// <summary>Every defined term, in the order of the tables.</summary>
    internal static readonly IReadOnlyList<CharacterSetTerm> All =
    [
        // Table C.12-2: single-byte, without code extensions. ISO_IR 6 is not in it but names the default repertoire (PS3.3 C.12.1.1.2).
        new("ISO_IR 6", "Default repertoire", SingleByteSets.Ascii, null),
        new("ISO_IR 100", "Latin alphabet No. 1", SingleByteSets.Ascii, SingleByteSets.Latin1),
        new("ISO_IR 101", "Latin alphabet No. 2", SingleByteSets.Ascii, SingleByteSets.Latin2),
        new("ISO_IR 109", "Latin alphabet No. 3", SingleByteSets.Ascii, SingleByteSets.Latin3),
        new("ISO_IR 110", "Latin alphabet No. 4", SingleByteSets.Ascii, SingleByteSets.Latin4),
        new("ISO_IR 144", "Cyrillic", SingleByteSets.Ascii, SingleByteSets.Cyrillic),
        new("ISO_IR 127", "Arabic", SingleByteSets.Ascii, SingleByteSets.Arabic),
        new("ISO_IR 126", "Greek", SingleByteSets.Ascii, SingleByteSets.Greek),
        new("ISO_IR 138", "Hebrew", SingleByteSets.Ascii, SingleByteSets.Hebrew),
        new("ISO_IR 148", "Latin alphabet No. 5", SingleByteSets.Ascii, SingleByteSets.Latin5),
        new("ISO_IR 203", "Latin alphabet No. 9", SingleByteSets.Ascii, SingleByteSets.Latin9),
        new("ISO_IR 13", "Japanese, JIS X 0201", SingleByteSets.Romaji, SingleByteSets.Katakana),
        new("ISO_IR 166", "Thai", SingleByteSets.Ascii, SingleByteSets.Thai),

        // Table C.12-3: single-byte, with code extensions.
        new("ISO 2022 IR 6", "Default repertoire", SingleByteSets.Ascii, null),
        new("ISO 2022 IR 100", "Latin alphabet No. 1", SingleByteSets.Ascii, SingleByteSets.Latin1),
        new("ISO 2022 IR 101", "Latin alphabet No. 2", SingleByteSets.Ascii, SingleByteSets.Latin2),
        new("ISO 2022 IR 109", "Latin alphabet No. 3", SingleByteSets.Ascii, SingleByteSets.Latin3),
        new("ISO 2022 IR 110", "Latin alphabet No. 4", SingleByteSets.Ascii, SingleByteSets.Latin4),
        new("ISO 2022 IR 144", "Cyrillic", SingleByteSets.Ascii, SingleByteSets.Cyrillic),
        new("ISO 2022 IR 127", "Arabic", SingleByteSets.Ascii, SingleByteSets.Arabic),
        new("ISO 2022 IR 126", "Greek", SingleByteSets.Ascii, SingleByteSets.Greek),
        new("ISO 2022 IR 138", "Hebrew", SingleByteSets.Ascii, SingleByteSets.Hebrew),
        new("ISO 2022 IR 148", "Latin alphabet No. 5", SingleByteSets.Ascii, SingleByteSets.Latin5),
        new("ISO 2022 IR 203", "Latin alphabet No. 9", SingleByteSets.Ascii, SingleByteSets.Latin9),
        new("ISO 2022 IR 13", "Japanese, JIS X 0201", SingleByteSets.Romaji, SingleByteSets.Katakana),
        new("ISO 2022 IR 166", "Thai", SingleByteSets.Ascii, SingleByteSets.Thai),

        // Table C.12-4: multi-byte, with code extensions.
        new("ISO 2022 IR 87", "Japanese, JIS X 0208", DoubleByteSets.Jis0208, null),
        new("ISO 2022 IR 159", "Japanese, JIS X 0212", DoubleByteSets.Jis0212, null),
        new("ISO 2022 IR 149", "Korean, KS X 1001", null, DoubleByteSets.Ksx1001),
        new("ISO 2022 IR 58", "Simplified Chinese, GB 2312", null, DoubleByteSets.Gb2312),

        // Table C.12-5: multi-byte, without code extensions.
        new("ISO_IR 192", "Unicode in UTF-8", null, null, Utf8CodePage),
        new("GB18030", "Chinese, GB 18030", null, null, Gb18030CodePage),
        new("GBK", "Simplified Chinese, GBK", null, null, GbkCodePage),
    ];

    private static readonly Dictionary<string, CharacterSetTerm> ByTerm = All.ToDictionary(entry => entry.Term, StringComparer.Ordinal);

    /// <summary>The row of a term spelt as the standard spells it, or null.</summary>
    internal static CharacterSetTerm? Find(string term) => ByTerm.TryGetValue(term, out var entry) ? entry : null;

    /// <summary>The graphic set that an escape sequence with this final byte designates (ISO/IEC 2022 register), or null.</summary>
    internal static GraphicSet? Find(SetSize size, byte final) => (size, (char)final) switch
    {
        (SetSize.Ninety4, 'B') => SingleByteSets.Ascii,
        // ESC ( H is a mistake for ESC ( J that old Japanese systems made so often that readers know it.
        (SetSize.Ninety4, 'J' or 'H') => SingleByteSets.Romaji,
        (SetSize.Ninety4, 'I') => SingleByteSets.Katakana,
        (SetSize.NinetySix, 'A') => SingleByteSets.Latin1,
        (SetSize.NinetySix, 'B') => SingleByteSets.Latin2,
        (SetSize.NinetySix, 'C') => SingleByteSets.Latin3,
        (SetSize.NinetySix, 'D') => SingleByteSets.Latin4,
        (SetSize.NinetySix, 'L') => SingleByteSets.Cyrillic,
        (SetSize.NinetySix, 'G') => SingleByteSets.Arabic,
        (SetSize.NinetySix, 'F') => SingleByteSets.Greek,
        (SetSize.NinetySix, 'H') => SingleByteSets.Hebrew,
        (SetSize.NinetySix, 'M') => SingleByteSets.Latin5,
        (SetSize.NinetySix, 'T') => SingleByteSets.Thai,
        (SetSize.NinetySix, 'b') => SingleByteSets.Latin9,
        // '@' is JIS C 6226-1978, the forerunner of JIS X 0208; the two differ in a handful of swapped variants.
        (SetSize.Ninety4Squared, 'B' or '@') => DoubleByteSets.Jis0208,
        (SetSize.Ninety4Squared, 'D') => DoubleByteSets.Jis0212,
        (SetSize.Ninety4Squared, 'C') => DoubleByteSets.Ksx1001,
        (SetSize.Ninety4Squared, 'A') => DoubleByteSets.Gb2312,
        _ => null,
    };
}
