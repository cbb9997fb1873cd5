using DicomPS.Data;
using DicomPS.Text;
using FsCheck;
using FsCheck.Fluent;

namespace DicomPS.Engine.Tests.Text;

/// <summary>What holds for every text and every byte.</summary>
public class TextPropertyTests
{
    private static readonly Vr[] Texts = [Vr.SH, Vr.LO, Vr.ST, Vr.LT, Vr.UC, Vr.UT, Vr.PN];

    public static TheoryData<string> Declarations =>
    [
        .. CharacterSets.All.Where(entry => !entry.IsMultiByteExtension).Select(entry => entry.Term),
        .. CharacterSets.All.Where(entry => entry.IsCodeExtension).Select(entry => "\\" + entry.Term),
        @"ISO 2022 IR 13\ISO 2022 IR 87\ISO 2022 IR 159",
        @"ISO 2022 IR 100\ISO 2022 IR 101\ISO 2022 IR 144\ISO 2022 IR 126\ISO 2022 IR 127\ISO 2022 IR 138",
        @"ISO 2022 IR 6\ISO 2022 IR 58\ISO 2022 IR 149\ISO 2022 IR 87",
    ];

    [Theory]
    [MemberData(nameof(Declarations))]
    public void A_text_that_can_be_written_is_read_back_as_it_was(string declaration)
    {
        var set = SpecificCharacterSet.Parse(declaration.Split('\\'), out _);
        var repertoire = RepertoireOf(declaration);
        var texts = Gen.Elements(repertoire).ArrayOf().Select(characters => new string(characters));
        var cases = from text in texts from vr in Gen.Elements(Texts) select (text, vr);

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(200).WithEndSize(60),
            Prop.ForAll(cases.ToArbitrary(), one =>
            !set.CanEncode(one.text, one.vr) || set.Decode(set.Encode(one.text, one.vr), one.vr) == one.text));
    }

    [Theory]
    [MemberData(nameof(Declarations))]
    public void Every_character_of_the_declared_sets_can_be_written(string declaration)
    {
        var set = SpecificCharacterSet.Parse(declaration.Split('\\'), out _);
        var text = new string([.. RepertoireOf(declaration).Where(character => character is not ('\\' or '¥' or '~'))]);
        Assert.Equal(text, set.Decode(set.Encode(text, Vr.LT), Vr.LT));
    }

    [Theory]
    [MemberData(nameof(Declarations))]
    public void Any_bytes_are_read_without_an_exception_and_with_bounded_output(string declaration)
    {
        var set = SpecificCharacterSet.Parse(declaration.Split('\\'), out _);
        // Escape sequences, delimiters and halves of characters, far more often than chance would have them.
        var pieces = Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte>().Select(value => new[] { value }),
            Gen.Elements("\e$B", "\e$(D", "\e$)C", "\e$)A", "\e(B", "\e(J", "\e)I", "\e-L", "\e-F", "\e", "\e$", "\e(", "^", "=", "\\",
                "\r\n", "\u00E4", "0!")
                .Select(Sets.Bytes));
        var cases = from bytes in pieces.ArrayOf()
                    from vr in Gen.Elements(
            Texts)
                    select (bytes: bytes.SelectMany(piece => piece).ToArray(), vr);

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300).WithEndSize(80),
            Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var text = set.Decode(one.bytes, one.vr);
            set.CanEncode(text, one.vr);
            return text.Length <= one.bytes.Length;
        }));
    }

    [Fact]
    public void A_megabyte_of_escape_characters_is_read_in_linear_time()
    {
        var bytes = new byte[1 << 20];
        bytes.AsSpan().Fill(0x1B);
        foreach (var terms in new[] { "", "ISO_IR 192", @"\ISO 2022 IR 87" })
            Assert.Equal(bytes.Length, Sets.Of(terms).Decode(bytes, Vr.UT).Length);
    }

    // Every character that the declared sets write, a space, a letter, and the delimiters.
    private static char[] RepertoireOf(string declaration)
    {
        var characters = new HashSet<char>("A \\^=\r\n\t");
        foreach (var term in declaration.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            var entry = CharacterSets.Find(term)!;
            characters.UnionWith(entry.CodePage switch { 0 => string.Empty, CharacterSets.GbkCodePage => "éЖ山丂张王", _ => "éЖ山丂홍张王" });
            foreach (var set in new[] { entry.G0, entry.G1 }.OfType<GraphicSet>())
            {
                for (var code = 0x2020; code < 0x7F7F; code++)
                {
                    var character = set.IsDoubleByte ? set.Read(code >> 8, code & 0xFF) : set.Read(code & 0x7F);
                    if (set.TryWrite(character, out _))
                        characters.Add(character);
                }
            }
        }

        return [.. characters];
    }
}
