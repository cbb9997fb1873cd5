using System.Text;

namespace DicomPS.Text;

/// <summary>
/// The double-byte graphic sets of PS3.3 Table C.12-4. Their 8,836 cells are taken once, at first use, from the runtime's code pages
/// that carry the same set. What vendors added to those is read; only what the registered set has is written.
/// </summary>
internal static class DoubleByteSets
{
    /// <summary>
    /// JIS X 0208, rows 21 to 28 and 30 to 74. The variants are how Windows names the wave dash, the double bar, the minus,
    /// the cent, pound and not signs; the keyboards of Japan type them.
    /// </summary>
    internal static readonly GraphicSet Jis0208 = new("ISO-IR 87", SetSize.Ninety4Squared, 'B',
        () => FromCodePage(20932, (row, column) => [(byte)(row | 0x80), (byte)(column | 0x80)]),
        code => (code >> 8) is (>= 0x21 and <= 0x28) or (>= 0x30 and <= 0x74),
        "\uFF5E\u301C\u2225\u2016\uFF0D\u2212\uFFE0\u00A2\uFFE1\u00A3\uFFE2\u00AC\u2014\u2015");

    /// <summary>JIS X 0212, rows 22 to 2B and 30 to 6D. Its tilde (2237) is not written: a plain tilde is no supplementary kanji.</summary>
    internal static readonly GraphicSet Jis0212 = new("ISO-IR 159", SetSize.Ninety4Squared, 'D',
        () =>
        {
            // Code page 20932 marks the supplementary set by a trailing byte without high bit, and lacks two of its signs.
            var cells = FromCodePage(20932, (row, column) => [(byte)(row | 0x80), (byte)column]);
            cells[((0x22 - 0x21) * 94) + 0x37 - 0x21] = '~';
            cells[((0x22 - 0x21) * 94) + 0x71 - 0x21] = '\u2116';
            return cells;
        },
        code => code != 0x2237 && (code >> 8) is (>= 0x22 and <= 0x2B) or (>= 0x30 and <= 0x6D));

    /// <summary>KS X 1001 (PS3.5 I.1).</summary>
    internal static readonly GraphicSet Ksx1001 = new("ISO-IR 149", SetSize.Ninety4Squared, 'C',
        () => FromCodePage(949, (row, column) => [(byte)(row | 0x80), (byte)(column | 0x80)]));

    /// <summary>
    /// GB 2312 (PS3.5 K.1). The middle dot and the dash are read as GBK and GB18030 read them, so that a name is the same in all three;
    /// the characters of the older mapping are written as well.
    /// </summary>
    internal static readonly GraphicSet Gb2312 = new("ISO-IR 58", SetSize.Ninety4Squared, 'A',
        () => FromCodePage(936, (row, column) => [(byte)(row | 0x80), (byte)(column | 0x80)]),
        IsGb2312,
        "\u30FB\u00B7\u2015\u2014");

    private static bool IsGb2312(int code) => code switch
    {
        >= 0x2121 and <= 0x217E => true,
        (>= 0x2231 and <= 0x2262) or (>= 0x2265 and <= 0x226E) or (>= 0x2271 and <= 0x227C) => true,
        >= 0x2321 and <= 0x237E => true,
        >= 0x2421 and <= 0x2473 => true,
        >= 0x2521 and <= 0x2576 => true,
        (>= 0x2621 and <= 0x2638) or (>= 0x2641 and <= 0x2658) => true,
        (>= 0x2721 and <= 0x2741) or (>= 0x2751 and <= 0x2771) => true,
        (>= 0x2821 and <= 0x283A) or (>= 0x2845 and <= 0x2869) => true,
        >= 0x2924 and <= 0x296F => true,
        >= 0x3021 and <= 0x5779 => true,
        >= 0x5821 and <= 0x777E => true,
        _ => false,
    };

    private static char[] FromCodePage(int codePage, Func<int, int, byte[]> bytesOf)
    {
        // Straight from the provider: nothing is registered for the whole process, and no culture data is needed.
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(
            codePage, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"))!;
        var cells = new char[94 * 94];
        for (var index = 0; index < cells.Length; index++)
        {
            var text = encoding.GetString(bytesOf(0x21 + (index / 94), 0x21 + (index % 94)));
            // The code pages fill empty cells with private-use characters (U+E000 to U+F8FF); they mean nothing to anyone else.
            cells[index] = text.Length == 1 && text[0] is < '\uE000' or > '\uF8FF' ? text[0] : GraphicSet.Unassigned;
        }

        return cells;
    }
}
