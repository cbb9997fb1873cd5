using DicomPS.Data;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>What is written, what is refused, and what the terms of (0008,0005) are taken for.</summary>
public class SpecificCharacterSetTests
{
    [Theory]
    [InlineData("ISO-IR 100", "ISO_IR 100")]
    [InlineData("ISO IR 100", "ISO_IR 100")]
    [InlineData("ISO_IR_100", "ISO_IR 100")]
    [InlineData("ISO_IR100", "ISO_IR 100")]
    [InlineData("iso_ir 100", "ISO_IR 100")]
    [InlineData("IS0_IR 100", "ISO_IR 100")]
    [InlineData("IR 100", "ISO_IR 100")]
    [InlineData("ISO_IR_192", "ISO_IR 192")]
    [InlineData("ISO 2022 IR 192", "ISO_IR 192")]
    [InlineData("utf-8", "ISO_IR 192")]
    [InlineData("UTF8", "ISO_IR 192")]
    [InlineData("latin1", "ISO_IR 100")]
    [InlineData("Latin-1", "ISO_IR 100")]
    [InlineData("ISO-8859-1", "ISO_IR 100")]
    [InlineData("ISO 8859-5", "ISO_IR 144")]
    [InlineData("ISO_8859_15", "ISO_IR 203")]
    [InlineData("US-ASCII", "ISO_IR 6")]
    [InlineData("TIS-620", "ISO_IR 166")]
    [InlineData("ISO2022 IR 100", "ISO 2022 IR 100")]
    [InlineData("ISO_2022_IR_6", "ISO 2022 IR 6")]
    [InlineData("ISO 2022-IR 144", "ISO 2022 IR 144")]
    [InlineData("ISO 2022 GBK", "GBK")]
    [InlineData("ISO 2022 GB18030", "GB18030")]
    [InlineData("gb 18030", "GB18030")]
    public void A_misspelt_term_is_understood_with_a_warning(string spelt, string meant)
    {
        var set = SpecificCharacterSet.Parse([spelt], out var warnings);
        Assert.Equal([meant], set.Terms);
        Assert.Contains($"\"{spelt}\"", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains(meant, warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ISO2022IR87", "ISO 2022 IR 87")]
    [InlineData("ISO-2022-IR-87", "ISO 2022 IR 87")]
    [InlineData("ISO 2022 87", "ISO 2022 IR 87")]
    [InlineData("ISO 2022 58", "ISO 2022 IR 58")]
    [InlineData("GB2312", "ISO 2022 IR 58")]
    [InlineData("KS X 1001", "ISO 2022 IR 149")]
    [InlineData("EUC-KR", "ISO 2022 IR 149")]
    [InlineData("ISO_IR 149", "ISO 2022 IR 149")]
    [InlineData("JIS X 0212", "ISO 2022 IR 159")]
    public void A_misspelt_multi_byte_term_is_understood_as_value_2(string spelt, string meant)
    {
        var set = SpecificCharacterSet.Parse(["", spelt], out var warnings);
        Assert.Equal(["", meant], set.Terms);
        Assert.Single(warnings);

        Assert.Equal(["", meant], SpecificCharacterSet.Parse([spelt], out warnings).Terms);
        Assert.Equal(2, warnings.Count);
    }

    [Theory]
    [InlineData("windows-1252", "93 E9 94", "“é”")]
    [InlineData("cp1251", "D4", "Ф")]
    [InlineData("WIN1250", "8A", "Š")]
    [InlineData("Shift_JIS", "8E 52 93 63", "山田")]
    [InlineData("EUC-JP", "BB B3 C5 C4", "山田")]
    [InlineData("Big5", "A4 FD", "王")]
    [InlineData("KOI8-R", "C1", "а")]
    public void A_code_page_outside_the_standard_is_read_but_not_offered(string spelt, string hex, string text)
    {
        var set = SpecificCharacterSet.Parse([spelt], out var warnings);
        Assert.Single(warnings);
        Assert.Equal(text, set.Decode(Sets.Hex(hex), Vr.LO));
        Assert.Equal(Convert.ToHexString(Sets.Hex(hex)), Convert.ToHexString(set.Encode(text, Vr.LO)));
        Assert.False(set.IsStandard);
        Assert.Same(SpecificCharacterSet.Utf8, SpecificCharacterSet.ForText(text, set));
    }

    [Theory]
    [InlineData("KLINGON")]
    [InlineData("ISO_IR 999")]
    [InlineData("WINDOWS-9999")]
    [InlineData("ISO 2022 IR")]
    [InlineData("山田")]
    public void An_unknown_term_is_read_as_the_default_repertoire_with_a_warning(string term)
    {
        var set = SpecificCharacterSet.Parse([term], out var warnings);
        Assert.Empty(set.Terms);
        Assert.Contains("default repertoire", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal("é", set.Decode([0xE9], Vr.LO));

        Assert.Equal(["ISO_IR 100"], SpecificCharacterSet.Parse(["ISO_IR 100", term], out warnings).Terms);
        Assert.Contains("ignored", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_term_is_not_repeated_in_the_warning()
    {
        SpecificCharacterSet.Parse([new string('X', 100_000)], out var warnings);
        Assert.True(Assert.Single(warnings).Length < 200);
    }

    [Theory]
    [InlineData(@"ISO_IR 192\ISO 2022 IR 87", @"ISO_IR 192")]
    [InlineData(@"GB18030\ISO_IR 100", @"GB18030")]
    [InlineData(@"ISO 2022 IR 100\ISO_IR 192", @"ISO 2022 IR 100")]
    [InlineData(@"ISO 2022 IR 100\GBK\ISO 2022 IR 144", @"ISO 2022 IR 100\ISO 2022 IR 144")]
    [InlineData(@"\ISO_IR 192", @"ISO_IR 192")]
    [InlineData(@"ISO 2022 IR 6\ISO_IR 192", @"ISO_IR 192")]
    [InlineData(@"ISO_IR 100\ISO 2022 IR 87", @"ISO 2022 IR 100\ISO 2022 IR 87")]
    [InlineData(@"ISO_IR 13\ISO 2022 IR 87", @"ISO 2022 IR 13\ISO 2022 IR 87")]
    [InlineData(@"\ISO_IR 144", @"\ISO 2022 IR 144")]
    [InlineData(@"ISO 2022 IR 87", @"\ISO 2022 IR 87")]
    public void Terms_that_cannot_be_combined_are_read_with_a_warning(string given, string meant)
    {
        var set = SpecificCharacterSet.Parse(given.Split('\\'), out var warnings);
        Assert.Equal(meant.Split('\\'), set.Terms);
        Assert.Single(warnings);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "")]
    [InlineData("ISO_IR 100 ", "ISO_IR 100")]
    [InlineData("ISO_IR 192\0", "ISO_IR 192")]
    [InlineData(@"\ISO 2022 IR 87", @"\ISO 2022 IR 87")]
    [InlineData(@"ISO 2022 IR 6\ISO 2022 IR 87", @"ISO 2022 IR 6\ISO 2022 IR 87")]
    [InlineData(@"ISO 2022 IR 100", "ISO 2022 IR 100")]
    [InlineData(@"ISO 2022 IR 100\ISO 2022 IR 100", "ISO 2022 IR 100")]
    [InlineData(@"ISO 2022 IR 100\ISO 2022 IR 144\", @"ISO 2022 IR 100\ISO 2022 IR 144")]
    public void Terms_as_the_standard_has_them_draw_no_warning(string given, string meant)
    {
        var set = SpecificCharacterSet.Parse(given.Split('\\'), out var warnings);
        Assert.Empty(warnings);
        Assert.Equal(meant, string.Join('\\', set.Terms));
    }

    [Fact]
    public void No_terms_are_the_default_repertoire()
    {
        Assert.Same(SpecificCharacterSet.Ascii, SpecificCharacterSet.Parse([], out var warnings));
        Assert.Empty(warnings);
        Assert.Throws<ArgumentNullException>(() => SpecificCharacterSet.Parse(null!, out _));
    }

    [Fact]
    public void A_character_that_no_declared_set_has_is_refused_with_its_name_and_advice()
    {
        var error = Assert.Throws<ArgumentException>(() => Sets.Of("ISO_IR 144").Encode("Люк^É", Vr.PN));
        Assert.Contains("\"É\" (U+00C9) at position 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("(ISO_IR 144)", error.Message, StringComparison.Ordinal);
        Assert.Contains("ISO_IR 192", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<ArgumentException>(() => SpecificCharacterSet.Ascii.Encode("🙂", Vr.LO));
        Assert.Contains("\"🙂\" (U+1F642) at position 0", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<ArgumentException>(() => SpecificCharacterSet.Utf8.Encode("A\uD83D", Vr.LO));
        Assert.Contains("(U+D83D) at position 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ISO_IR 126", "€")]
    [InlineData("ISO_IR 138", "\u200E")]
    [InlineData("ISO_IR 166", "\u00A0")]
    [InlineData("ISO_IR 100", "€")]
    [InlineData("GBK", "€")]
    [InlineData(@"\ISO 2022 IR 87", "①")]
    [InlineData(@"\ISO 2022 IR 58", "ⅰ")]
    [InlineData("ISO_IR 6", "é")]
    public void What_readers_add_to_a_set_is_not_written(string terms, string text)
    {
        Assert.False(Sets.Of(terms).CanEncode(text));
    }

    [Fact]
    public void Characters_of_the_windows_mapping_are_written_in_their_jis_codes()
    {
        var set = Sets.Of(@"\ISO 2022 IR 87");
        Assert.Equal(set.Encode("〜‖−", Vr.LO), set.Encode("～∥－", Vr.LO));
    }

    [Fact]
    public void Text_that_looks_like_an_escape_sequence_is_refused()
    {
        foreach (var terms in new[] { "", "ISO_IR 100", "ISO_IR 192", "GBK", @"\ISO 2022 IR 87" })
            Assert.Throws<ArgumentException>(() => Sets.Of(terms).Encode("A\e$B;3", Vr.LO));
    }

    [Fact]
    public void For_a_text_the_preferred_set_is_kept_if_it_can_hold_it()
    {
        var cyrillic = Sets.Of("ISO_IR 144");
        Assert.Same(cyrillic, SpecificCharacterSet.ForText("Люк", cyrillic));
        Assert.Same(SpecificCharacterSet.Utf8, SpecificCharacterSet.ForText("Jérôme", cyrillic));
        Assert.Same(SpecificCharacterSet.Utf8, SpecificCharacterSet.ForText("Jérôme"));
    }

    [Fact]
    public void Values_without_escape_sequences_of_a_single_set_are_the_same_instance_each_time()
    {
        Assert.Same(Sets.Of("ISO_IR 100"), SpecificCharacterSet.Latin);
        Assert.Same(Sets.Of("ISO_IR 192"), SpecificCharacterSet.Utf8);
    }
}
