using DicomPS.Data;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>Escape sequences and their resets (PS3.5 6.1.2.5).</summary>
public class CodeExtensionTests
{
    [Theory]
    [InlineData("\\", Vr.LO)]
    [InlineData("\\", Vr.SH)]
    [InlineData("\\", Vr.UC)]
    [InlineData("\\", Vr.PN)]
    [InlineData("^", Vr.PN)]
    [InlineData("=", Vr.PN)]
    [InlineData("\r", Vr.LT)]
    [InlineData("\n", Vr.ST)]
    [InlineData("\f", Vr.UT)]
    [InlineData("\t", Vr.LT)]
    public void A_delimiter_returns_to_value_1(string delimiter, Vr vr)
    {
        // E4 is a Cyrillic ef after the escape sequence, and a-umlaut again after the delimiter.
        var set = Sets.Of(@"ISO 2022 IR 100\ISO 2022 IR 144");
        Assert.Equal("äф" + delimiter + "ä", set.Decode(Sets.Bytes("\u00E4\e-L\u00E4" + delimiter + "\u00E4"), vr));
    }

    [Theory]
    [InlineData("\\", Vr.LT)]
    [InlineData("\\", Vr.ST)]
    [InlineData("\\", Vr.UT)]
    [InlineData("^", Vr.LO)]
    [InlineData("=", Vr.LO)]
    [InlineData(" ", Vr.LO)]
    [InlineData("/", Vr.PN)]
    public void What_does_not_delimit_in_a_vr_leaves_the_set_as_it_is(string text, Vr vr)
    {
        var set = Sets.Of(@"ISO 2022 IR 100\ISO 2022 IR 144");
        Assert.Equal("ф" + text + "ф", set.Decode(Sets.Bytes("\e-L\u00E4" + text + "\u00E4"), vr));
        Assert.Equal(Sets.Bytes("\e-L\u00E4" + text + "\u00E4\e-A"), set.Encode("ф" + text + "ф", vr));
    }

    [Fact]
    public void What_is_written_returns_to_value_1_before_each_delimiter_and_at_the_end()
    {
        var set = Sets.Of(@"ISO 2022 IR 100\ISO 2022 IR 144\ISO 2022 IR 87");
        Assert.Equal(Sets.Bytes("\u00E4\e-L\u00E4\e-A^\e$B;3\e(B\\\u00E4"), set.Encode("äф^山\\ä", Vr.PN));
    }

    [Fact]
    public void Halves_of_double_byte_characters_are_no_delimiters()
    {
        // 春 is 3D55, 閣 is 335D, 彫 is 4426, 構 is 393D, 申 is 3F3D, 表 is 493D, 淵 is 5E5C in JIS X 0208.
        var set = Sets.Of(@"\ISO 2022 IR 87");
        const string Name = "Haru^Hyou=春表^申構\\Ko=彫";
        var bytes = set.Encode(Name, Vr.PN);

        Assert.Contains((byte)'=', Sets.Hex("3D55"));
        Assert.Equal(Name, set.Decode(bytes, Vr.PN));
    }

    [Fact]
    public void Trail_bytes_of_gb18030_and_gbk_are_no_delimiters()
    {
        // 淺 is 9C5C, 僞 is 835E: their second bytes are a backslash and a caret.
        foreach (var term in new[] { "GB18030", "GBK" })
        {
            var set = Sets.Of(term);
            Assert.Equal(Sets.Hex("9C5C 5C 835E"), set.Encode("淺\\僞", Vr.LO));
            Assert.Equal("淺\\僞", set.Decode(Sets.Hex("9C5C 5C 835E"), Vr.LO));
        }
    }

    [Fact]
    public void Code_5C_of_jis_x_0201_is_a_backslash_where_it_delimits_and_a_yen_sign_elsewhere()
    {
        var set = Sets.Of("ISO_IR 13");
        Assert.Equal("A\\B‾", set.Decode(Sets.Bytes("A\\B~"), Vr.LO));
        Assert.Equal("A¥B‾", set.Decode(Sets.Bytes("A\\B~"), Vr.LT));
        Assert.Equal(Sets.Bytes("A\\B~"), set.Encode("A\\B‾", Vr.LO));
        Assert.Equal(Sets.Bytes("A\\B~"), set.Encode("A¥B‾", Vr.LT));
        Assert.Throws<ArgumentException>(() => set.Encode("¥", Vr.LO));
        Assert.Throws<ArgumentException>(() => set.Encode("C:\\", Vr.LT));
        Assert.Throws<ArgumentException>(() => set.Encode("~", Vr.LO));
    }

    [Fact]
    public void Kanji_of_both_sets_alternate_with_katakana_and_latin_letters()
    {
        var set = Sets.Of(@"ISO 2022 IR 13\ISO 2022 IR 87\ISO 2022 IR 159");
        // 丂 is 3021 of JIS X 0212 only.
        const string Text = "ｱA山丂山B";
        var bytes = set.Encode(Text, Vr.LO);

        Assert.Equal(Sets.Bytes("\u00B1A\e$B;3\e$(D0!\e$B;3\e(JB"), bytes);
        Assert.Equal(Text, set.Decode(bytes, Vr.LO));
    }

    [Fact]
    public void Half_width_katakana_declared_second_are_designated_to_G1()
    {
        var set = Sets.Of(@"\ISO 2022 IR 13");
        Assert.Equal(Sets.Bytes("Yamada=\e)I\u00D4\u00CF"), set.Encode("Yamada=ﾔﾏ", Vr.PN));
        Assert.Equal("Yamada=ﾔﾏ", set.Decode(Sets.Bytes("Yamada=\e)I\u00D4\u00CF"), Vr.PN));
    }

    [Theory]
    [InlineData("\e$B;3ED\e(B", "山田")]
    [InlineData("\e$@;3ED\e(J", "山田")]
    [InlineData("\e$(B;3ED\e(H", "山田")]
    [InlineData("\e$)B\u00BB\u00B3", "山")]
    [InlineData("\e(ITO@^\e(B", "ﾔﾏﾀﾞ")]
    [InlineData("\e-L\u00E4", "ф")]
    [InlineData("\e$)C\u00FB\u00F3", "洪")]
    [InlineData("\e$(C{s\e(B", "洪")]
    [InlineData("\e$)A\u00D5\u00C5", "张")]
    [InlineData("\e$AUE\e(B", "张")]
    [InlineData("\e-b\u00A4", "€")]
    public void An_escape_sequence_that_was_not_declared_is_understood(string bytes, string text)
    {
        foreach (var terms in new[] { "", "ISO_IR 100", "ISO_IR 192", "GB18030", "ISO 2022 IR 101" })
            Assert.Equal("A" + text, Sets.Of(terms).Decode(Sets.Bytes("A" + bytes), Vr.LO));
    }

    [Fact]
    public void Utf8_goes_on_after_an_undeclared_escape_sequence_has_ended()
    {
        Assert.Equal("é山é", SpecificCharacterSet.Utf8.Decode(Sets.Bytes("\u00C3\u00A9\e$B;3\e(B\u00C3\u00A9"), Vr.LO));
    }

    [Theory]
    [InlineData("\e")]
    [InlineData("\e$")]
    [InlineData("\e$(")]
    [InlineData("\e$)")]
    [InlineData("\e(")]
    [InlineData("\e-")]
    [InlineData("\e%G")]
    [InlineData("\e(z")]
    [InlineData("\e\e\e")]
    public void An_escape_sequence_cut_short_or_unknown_is_read_as_it_stands(string bytes)
    {
        foreach (var terms in new[] { "", "ISO_IR 100", "ISO_IR 192", @"\ISO 2022 IR 87" })
            Assert.Equal("A" + bytes, Sets.Of(terms).Decode(Sets.Bytes("A" + bytes), Vr.LO));
    }

    [Fact]
    public void A_double_byte_character_cut_short_becomes_a_replacement_character()
    {
        var set = Sets.Of(@"\ISO 2022 IR 87\ISO 2022 IR 149");
        Assert.Equal("山\uFFFD", set.Decode(Sets.Bytes("\e$B;3E"), Vr.LO));
        Assert.Equal("洪\uFFFD", set.Decode(Sets.Bytes("\e$)C\u00FB\u00F3\u00FB"), Vr.LO));
        Assert.Equal("\uFFFDA", set.Decode(Sets.Bytes("\e$BE\e(BA"), Vr.LO));
    }

    // Writers that designate once for a whole name are met more often than those that do it by the book.
    [Fact]
    public void A_set_not_designated_again_after_a_delimiter_is_still_understood()
    {
        var set = Sets.Of(@"\ISO 2022 IR 149");
        Assert.Equal("洪^吉洞", set.Decode(Sets.Bytes("\e$)C\u00FB\u00F3^\u00D1\u00CE\u00D4\u00D7"), Vr.PN));
        Assert.Equal("洪^吉洞", set.Decode(Sets.Bytes("\u00FB\u00F3^\u00D1\u00CE\u00D4\u00D7"), Vr.PN));
        Assert.Equal("Jérôme", set.Decode(Sets.Bytes("J\u00E9r\u00F4me"), Vr.PN));
    }

    [Fact]
    public void A_byte_without_a_character_becomes_a_replacement_character()
    {
        Assert.Equal("\uFFFDالا", Sets.Of("ISO_IR 127").Decode(Sets.Hex("A1 C7 E4 C7"), Vr.LO));
        Assert.Equal("A\uFFFDB", SpecificCharacterSet.Utf8.Decode(Sets.Hex("41 E9 42"), Vr.LO));
    }

    [Fact]
    public void Bytes_above_7F_in_the_default_repertoire_are_read_as_latin_1()
    {
        Assert.Equal("Jérôme", SpecificCharacterSet.Ascii.Decode(Sets.Bytes("J\u00E9r\u00F4me"), Vr.PN));
    }

    [Theory]
    [InlineData(Vr.CS)]
    [InlineData(Vr.AE)]
    [InlineData(Vr.DA)]
    [InlineData(Vr.UI)]
    public void The_character_set_does_not_apply_to_strings_that_are_no_texts(Vr vr)
    {
        Assert.Equal("ä", Sets.Of("ISO_IR 144").Decode([0xE4], vr));
        Assert.Equal("Ã¤", SpecificCharacterSet.Utf8.Decode([0xC3, 0xA4], vr));
    }
}
