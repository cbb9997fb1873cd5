using System.Globalization;
using System.Text;

namespace DicomPS.Text;

/// <summary>
/// Understands terms that real files spell otherwise than the standard: other separators (ISO-IR 100, ISO2022IR87),
/// the names of the same repertoire elsewhere (latin1, utf-8), and code pages that the standard does not have (windows-1252).
/// </summary>
internal static class TermSpelling
{
    /// <summary>Names without their separators, and the defined term of the same repertoire.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["ASCII"] = "ISO_IR 6", ["USASCII"] = "ISO_IR 6", ["ISO646"] = "ISO_IR 6", ["ANSI"] = "ISO_IR 100",
        ["LATIN1"] = "ISO_IR 100", ["LATIN2"] = "ISO_IR 101", ["LATIN3"] = "ISO_IR 109", ["LATIN4"] = "ISO_IR 110",
        ["LATIN5"] = "ISO_IR 148", ["LATIN9"] = "ISO_IR 203",
        ["CYRILLIC"] = "ISO_IR 144", ["ARABIC"] = "ISO_IR 127", ["GREEK"] = "ISO_IR 126", ["HEBREW"] = "ISO_IR 138",
        ["THAI"] = "ISO_IR 166",
        ["ISO88591"] = "ISO_IR 100", ["ISO88592"] = "ISO_IR 101", ["ISO88593"] = "ISO_IR 109", ["ISO88594"] = "ISO_IR 110",
        ["ISO88595"] = "ISO_IR 144", ["ISO88596"] = "ISO_IR 127", ["ISO88597"] = "ISO_IR 126", ["ISO88598"] = "ISO_IR 138",
        ["ISO88599"] = "ISO_IR 148", ["ISO885911"] = "ISO_IR 166", ["ISO885915"] = "ISO_IR 203", ["TIS620"] = "ISO_IR 166",
        ["JISX0201"] = "ISO_IR 13", ["ISOIR14"] = "ISO_IR 13", ["ISO2022IR14"] = "ISO 2022 IR 13",
        ["JISX0208"] = "ISO 2022 IR 87", ["ISO2022JP"] = "ISO 2022 IR 87", ["ISOIR87"] = "ISO 2022 IR 87",
        ["JISX0212"] = "ISO 2022 IR 159", ["ISOIR159"] = "ISO 2022 IR 159",
        ["KSX1001"] = "ISO 2022 IR 149", ["KSC5601"] = "ISO 2022 IR 149", ["ISO2022KR"] = "ISO 2022 IR 149", ["EUCKR"] = "ISO 2022 IR 149",
        ["ISOIR149"] = "ISO 2022 IR 149",
        ["GB2312"] = "ISO 2022 IR 58", ["GB231280"] = "ISO 2022 IR 58", ["EUCCN"] = "ISO 2022 IR 58", ["ISOIR58"] = "ISO 2022 IR 58",
        ["ISO2022GB2312"] = "ISO 2022 IR 58",
        ["ISO2022GBK"] = "GBK", ["CP936"] = "GBK", ["WINDOWS936"] = "GBK",
        ["ISO2022GB18030"] = "GB18030", ["GB180302000"] = "GB18030", ["GB180302005"] = "GB18030",
        ["UTF8"] = "ISO_IR 192", ["UNICODE"] = "ISO_IR 192", ["ISO10646"] = "ISO_IR 192", ["ISO106461"] = "ISO_IR 192",
        ["ISO2022IR192"] = "ISO_IR 192", ["CP65001"] = "ISO_IR 192",
    };

    /// <summary>
    /// Names of encodings outside the standard, and their code pages; windows-1252 and its kin are recognised by their number.
    /// </summary>
    private static readonly Dictionary<string, int> CodePages = new(StringComparer.Ordinal)
    {
        ["SHIFTJIS"] = 932, ["SJIS"] = 932, ["WINDOWS31J"] = 932, ["MS932"] = 932, ["EUCJP"] = 51932, ["BIG5"] = 950, ["UHC"] = 949,
        ["KOI8R"] = 20866, ["KOI8U"] = 21866,
    };

    private static readonly Dictionary<string, CharacterSetTerm> BySqueezedTerm =
        CharacterSets.All.ToDictionary(entry => Squeeze(entry.Term), StringComparer.Ordinal);

    /// <summary>The row that a misspelt term means, or null when nothing is known by that name.</summary>
    internal static CharacterSetTerm? Understand(string term)
    {
        var name = Squeeze(term);
        // ISO, then a zero for the letter: IS0_IR 100.
        name = name.StartsWith("IS0", StringComparison.Ordinal) ? "ISO" + name.Substring(3) : name;
        if (BySqueezedTerm.TryGetValue(name, out var entry))
            return entry;

        if (Names.TryGetValue(name, out var standard))
            return CharacterSets.Find(standard);

        // IR 100, and ISO 2022 87 without its IR.
        if (name.StartsWith("IR", StringComparison.Ordinal))
            return UnderstandRegistered("ISO" + name);

        if (name.StartsWith("ISO2022", StringComparison.Ordinal) && !name.StartsWith("ISO2022IR", StringComparison.Ordinal))
            return UnderstandRegistered("ISO2022IR" + name.Substring(7));

        return UnderstandCodePage(name);
    }

    private static CharacterSetTerm? UnderstandRegistered(string name) =>
        BySqueezedTerm.TryGetValue(name, out var entry) ? entry
        : Names.TryGetValue(name, out var standard) ? CharacterSets.Find(standard)
        : null;

    private static CharacterSetTerm? UnderstandCodePage(string name)
    {
        if (!CodePages.TryGetValue(name, out var codePage))
        {
            var digits = name.StartsWith("WINDOWS", StringComparison.Ordinal) ? 7
                : name.StartsWith("WIN", StringComparison.Ordinal) ? 3
                : name.StartsWith("CP", StringComparison.Ordinal) || name.StartsWith("MS", StringComparison.Ordinal) ? 2
                : 0;
            if (!int.TryParse(name.Substring(digits), NumberStyles.None, CultureInfo.InvariantCulture, out codePage)
                || codePage is not ((>= 1250 and <= 1258) or 874 or 932 or 949 or 950))
            {
                return null;
            }
        }

        return new CharacterSetTerm("code page " + codePage.ToString(CultureInfo.InvariantCulture), "Not a defined term", null,
            null, codePage)
        {
            IsStandard = false,
        };
    }

    /// <summary>Upper-case letters and digits only: what is left when the separators, which vary, are gone.</summary>
    private static string Squeeze(string term)
    {
        var squeezed = new StringBuilder(term.Length);
        foreach (var character in term)
        {
            if (character is (>= 'A' and <= 'Z') or (>= '0' and <= '9'))
                squeezed.Append(character);
            else if (character is >= 'a' and <= 'z')
                squeezed.Append((char)(character - 0x20));
        }

        return squeezed.ToString();
    }
}
