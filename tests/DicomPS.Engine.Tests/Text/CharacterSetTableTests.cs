using System.Text;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>PS3.3 Tables C.12-2 to C.12-5, cell by cell, and the graphic sets against other tables of the same.</summary>
public class CharacterSetTableTests
{
    private static readonly string[] Whole = ["ISO_IR 192", "GB18030", "GBK"];

    // Term, escape sequence to G0 and to G1, as hexadecimal; empty where the table has none.
    public static TheoryData<string, string, string> CodeExtensions => new()
    {
        { "ISO 2022 IR 6", "1B2842", "" },
        { "ISO 2022 IR 100", "1B2842", "1B2D41" },
        { "ISO 2022 IR 101", "1B2842", "1B2D42" },
        { "ISO 2022 IR 109", "1B2842", "1B2D43" },
        { "ISO 2022 IR 110", "1B2842", "1B2D44" },
        { "ISO 2022 IR 144", "1B2842", "1B2D4C" },
        { "ISO 2022 IR 127", "1B2842", "1B2D47" },
        { "ISO 2022 IR 126", "1B2842", "1B2D46" },
        { "ISO 2022 IR 138", "1B2842", "1B2D48" },
        { "ISO 2022 IR 148", "1B2842", "1B2D4D" },
        { "ISO 2022 IR 203", "1B2842", "1B2D62" },
        { "ISO 2022 IR 13", "1B284A", "1B2949" },
        { "ISO 2022 IR 166", "1B2842", "1B2D54" },
        { "ISO 2022 IR 87", "1B2442", "" },
        { "ISO 2022 IR 159", "1B242844", "" },
        { "ISO 2022 IR 149", "", "1B242943" },
        { "ISO 2022 IR 58", "", "1B242941" },
    };

    // The graphic set, the Python codec, the number of characters that are written.
    public static TheoryData<string, string, int> GraphicSets => new()
    {
        { "ISO_IR 100", "latin_1", 96 },
        { "ISO_IR 101", "iso8859_2", 96 },
        { "ISO_IR 109", "iso8859_3", 89 },
        { "ISO_IR 110", "iso8859_4", 96 },
        { "ISO_IR 144", "iso8859_5", 96 },
        { "ISO_IR 127", "iso8859_6", 51 },
        { "ISO_IR 126", "iso8859_7", 90 },
        { "ISO_IR 138", "iso8859_8", 58 },
        { "ISO_IR 148", "iso8859_9", 96 },
        { "ISO_IR 166", "iso8859_11", 87 },
        { "ISO_IR 203", "iso8859_15", 96 },
    };

    public static TheoryData<string, string, int> DoubleByteSets => new()
    {
        { "ISO 2022 IR 87", "iso2022_jp", 6879 },
        { "ISO 2022 IR 159", "iso2022_jp_2", 6066 },
        { "ISO 2022 IR 149", "euc_kr", 8226 },
        { "ISO 2022 IR 58", "gb2312", 7445 },
    };

    [Fact]
    public void Every_defined_term_is_in_the_table_once()
    {
        string[] codeExtensions = [.. CodeExtensions.Select(row => row.Data.Item1)];
        string[] withoutExtensions = ["ISO_IR 6", "ISO_IR 13", .. GraphicSets.Select(row => row.Data.Item1)];

        Assert.Equal(codeExtensions.Concat(withoutExtensions).Concat(Whole).Order(), CharacterSets.All.Select(entry => entry.Term).Order());
    }

    [Theory]
    [MemberData(nameof(CodeExtensions))]
    public void A_term_has_the_escape_sequences_of_the_table(string term, string toG0, string toG1)
    {
        var entry = CharacterSets.Find(term)!;

        Assert.Equal(toG0, entry.G0 is null ? string.Empty : Convert.ToHexString(entry.G0.EscapeToG0));
        Assert.Equal(toG1, entry.G1 is null ? string.Empty : Convert.ToHexString(entry.G1.EscapeToG1));
        Assert.True(entry.IsCodeExtension);
        Assert.False(entry.IsWholeEncoding);
    }

    [Theory]
    [MemberData(nameof(CodeExtensions))]
    public void An_escape_sequence_of_the_table_is_recognised(string term, string toG0, string toG1)
    {
        var entry = CharacterSets.Find(term)!;
        foreach (var (hex, set, isG1) in new[] { (toG0, entry.G0, false), (toG1, entry.G1, true) })
        {
            if (hex.Length > 0)
            {
                Assert.True(Iso2022Decoder.TryReadEscape(Convert.FromHexString(hex), out var found, out var toG1Found, out var length));
                Assert.Same(set, found);
                Assert.Equal((isG1, hex.Length / 2), (toG1Found, length));
            }
        }
    }

    [Fact]
    public void A_term_without_code_extensions_means_the_same_sets_as_the_one_with_them()
    {
        foreach (var entry in CharacterSets.All.Where(entry => entry is { IsCodeExtension: false, IsWholeEncoding: false }))
        {
            var extension = CharacterSets.Find("ISO 2022 " + entry.Term[4..])!;
            Assert.Equal((entry.G0, entry.G1), (extension.G0, extension.G1));
        }
    }

    [Theory]
    [InlineData("ISO_IR 192", 65001)]
    [InlineData("GB18030", 54936)]
    [InlineData("GBK", 936)]
    public void A_multi_byte_term_without_code_extensions_is_an_encoding_as_a_whole(string term, int codePage)
    {
        var entry = CharacterSets.Find(term)!;
        Assert.Equal((codePage, true, false), (entry.CodePage, entry.IsWholeEncoding, entry.IsCodeExtension));
    }

    [Fact]
    public void Romaji_differs_from_ascii_in_the_yen_sign_and_the_overline()
    {
        for (var code = 0x21; code < 0x7F; code++)
        {
            var expected = code switch { 0x5C => '¥', 0x7E => '‾', _ => (char)code };
            Assert.Equal(expected, SingleByteSets.Romaji.Read(code));
            Assert.Equal((char)code, SingleByteSets.Ascii.Read(code));
        }
    }

    [Fact]
    public void Katakana_are_the_63_half_width_ones()
    {
        for (var code = 0x21; code < 0x7F; code++)
            Assert.Equal(code < 0x60 ? (char)(0xFF61 + code - 0x21) : GraphicSet.Unassigned, SingleByteSets.Katakana.Read(code));
    }

    [Theory]
    [MemberData(nameof(GraphicSets))]
    public void A_single_byte_set_has_the_characters_that_python_reads(string term, string codec, int written)
    {
        var set = CharacterSets.Find(term)!.G1!;
        Assert.Equal(written, Enumerable.Range(0x20, 96).Count(code => IsWritten(set, set.Read(code), code)));

        var expected = Python.Run($"print(bytes(range(0xA0, 0x100)).decode('{codec}', 'replace'), end='')");
        Assert.Equal(expected, string.Concat(Enumerable.Range(0x20, 96).Select(code => set.Read(code))));
    }

    [Theory]
    [InlineData("ISO_IR 101", 28592)]
    [InlineData("ISO_IR 109", 28593)]
    [InlineData("ISO_IR 110", 28594)]
    [InlineData("ISO_IR 144", 28595)]
    [InlineData("ISO_IR 127", 28596)]
    [InlineData("ISO_IR 148", 28599)]
    [InlineData("ISO_IR 166", 874)]
    [InlineData("ISO_IR 203", 28605)]
    public void A_single_byte_set_has_the_characters_of_the_runtimes_code_page(string term, int codePage)
    {
        var set = CharacterSets.Find(term)!.G1!;
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage)!;
        for (var code = 0x20; code < 0x80; code++)
        {
            var character = encoding.GetString([(byte)(code | 0x80)])[0];
            Assert.Equal(character is >= '\uE000' and <= '\uF8FF' ? GraphicSet.Unassigned : character, set.Read(code));
        }
    }

    [Theory]
    [MemberData(nameof(DoubleByteSets))]
    public void A_double_byte_set_writes_the_characters_that_python_reads_and_no_others(string term, string codec, int written)
    {
        var entry = CharacterSets.Find(term)!;
        var set = entry.G0 ?? entry.G1!;
        var codes = from row in Enumerable.Range(0x21, 94) from column in Enumerable.Range(0x21, 94) select (row << 8) | column;
        var ours = codes.Where(code => IsWritten(set, set.Read(code >> 8, code & 0xFF), code)).ToDictionary(code => code,
            code => set.Read(code >> 8, code & 0xFF));
        Assert.Equal(written, ours.Count);

        var escape = codec switch { "iso2022_jp" => "b'\\x1b$B'", "iso2022_jp_2" => "b'\\x1b$(D'", _ => "b''" };
        var high = escape == "b''" ? "0x80" : "0";
        var lines = Python.Run($"""
            for r in range(0x21, 0x7F):
                for c in range(0x21, 0x7F):
                    try: print('%04x %04x' % (r << 8 | c, ord(({escape} + bytes((r | {high}, c | {high}))).decode('{codec}'))))
                    except UnicodeError: pass
            """).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var theirs = lines.ToDictionary(line => Convert.ToInt32(line[..4], 16), line => (char)Convert.ToInt32(line[5..], 16));
        if (term == "ISO 2022 IR 58")
        {
            // Read as GBK and GB18030 read them.
            theirs[0x2124] = '·';
            theirs[0x212A] = '—';
        }
        else if (term == "ISO 2022 IR 159")
        {
            Assert.Equal('~', set.Read(0x22, 0x37));
            theirs.Remove(0x2237);
        }
        else if (term == "ISO 2022 IR 149")
        {
            // The Hangul filler, which Python leaves out because it begins a combined syllable there.
            theirs[0x2454] = '\u3164';
        }

        Assert.Equal(theirs.OrderBy(pair => pair.Key), ours.OrderBy(pair => pair.Key));
    }

    private static bool IsWritten(GraphicSet set, char character, int code) =>
        character != GraphicSet.Unassigned && set.TryWrite(character, out var back) && back == code;
}
