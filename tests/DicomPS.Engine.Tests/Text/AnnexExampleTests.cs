using DicomPS.Data;

namespace DicomPS.Engine.Tests.Text;

/// <summary>The examples of PS3.5 annexes H, I, J and K, byte for byte.</summary>
public class AnnexExampleTests
{
    private const string ThreeLines = "The first line includes中文.\r\nThe second line includes中文, too.\r\nThe third line.\r\n";

    public static TheoryData<string, string, Vr, string, string> Examples => new()
    {
        {
            "H.3-1", @"\ISO 2022 IR 87", Vr.PN, "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "59 61 6D 61 64 61 5E 54 61 72 6F 75 3D 1B 24 42 3B 33 45 44 1B 28 42 5E 1B 24 42 42 40 4F 3A 1B 28 42 3D "
            + "1B 24 42 24 64 24 5E 24 40 1B 28 42 5E 1B 24 42 24 3F 24 6D 24 26 1B 28 42"
        },
        {
            "H.3-2", @"ISO 2022 IR 13\ISO 2022 IR 87", Vr.PN, "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
            "D4 CF C0 DE 5E C0 DB B3 3D 1B 24 42 3B 33 45 44 1B 28 4A 5E 1B 24 42 42 40 4F 3A 1B 28 4A 3D "
            + "1B 24 42 24 64 24 5E 24 40 1B 28 4A 5E 1B 24 42 24 3F 24 6D 24 26 1B 28 4A"
        },
        {
            "I.2-1", @"\ISO 2022 IR 149", Vr.PN, "Hong^Gildong=洪^吉洞=홍^길동",
            "48 6F 6E 67 5E 47 69 6C 64 6F 6E 67 3D 1B 24 29 43 FB F3 5E 1B 24 29 43 D1 CE D4 D7 3D "
            + "1B 24 29 43 C8 AB 5E 1B 24 29 43 B1 E6 B5 BF"
        },
        {
            "J.1-1", "ISO_IR 192", Vr.PN, "Wang^XiaoDong=王^小東",
            "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D E7 8E 8B 5E E5 B0 8F E6 9D B1"
        },
        {
            "J.2-1", "ISO_IR 192", Vr.LT, ThreeLines,
            "54 68 65 20 66 69 72 73 74 20 6C 69 6E 65 20 69 6E 63 6C 75 64 65 73 E4 B8 AD E6 96 87 2E 0D 0A "
            + "54 68 65 20 73 65 63 6F 6E 64 20 6C 69 6E 65 20 69 6E 63 6C 75 64 65 73 E4 B8 AD E6 96 87 2C 20 74 6F 6F 2E 0D 0A "
            + "54 68 65 20 74 68 69 72 64 20 6C 69 6E 65 2E 0D 0A"
        },
        {
            "J.3-1", "GB18030", Vr.PN, "Wang^XiaoDong=王^小东",
            "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D CD F5 5E D0 A1 B6 AB"
        },
        {
            "J.3-1 in GBK", "GBK", Vr.PN, "Wang^XiaoDong=王^小东",
            "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D CD F5 5E D0 A1 B6 AB"
        },
        {
            "J.4-1", "GB18030", Vr.LT, ThreeLines,
            "54 68 65 20 66 69 72 73 74 20 6C 69 6E 65 20 69 6E 63 6C 75 64 65 73 D6 D0 CE C4 2E 0D 0A "
            + "54 68 65 20 73 65 63 6F 6E 64 20 6C 69 6E 65 20 69 6E 63 6C 75 64 65 73 D6 D0 CE C4 2C 20 74 6F 6F 2E 0D 0A "
            + "54 68 65 20 74 68 69 72 64 20 6C 69 6E 65 2E 0D 0A"
        },
        {
            "K.2-1", @"\ISO 2022 IR 58", Vr.PN, "Zhang^XiaoDong=张^小东= ",
            "5A 68 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D 1B 24 29 41 D5 C5 5E 1B 24 29 41 D0 A1 B6 AB 3D 20"
        },
        {
            "K.3-1", @"\ISO 2022 IR 58", Vr.LT, "1.第一行文字。\r\n2.第二行文字。\r\n3.第三行文字。\r\n",
            "31 2E 1B 24 29 41 B5 DA D2 BB D0 D0 CE C4 D7 D6 A1 A3 0D 0A "
            + "32 2E 1B 24 29 41 B5 DA B6 FE D0 D0 CE C4 D7 D6 A1 A3 0D 0A "
            + "33 2E 1B 24 29 41 B5 DA C8 FD D0 D0 CE C4 D7 D6 A1 A3 0D 0A"
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_of_the_standard_is_read(string example, string terms, Vr vr, string text, string hex)
    {
        Assert.NotEmpty(example);
        Assert.Equal(text, Sets.Of(terms).Decode(Sets.Hex(hex), vr));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_of_the_standard_is_written_with_the_same_bytes(string example, string terms, Vr vr, string text, string hex)
    {
        Assert.NotEmpty(example);
        Assert.Equal(Convert.ToHexString(Sets.Hex(hex)), Convert.ToHexString(Sets.Of(terms).Encode(text, vr)));
    }

    // PS3.5 I.3 designates at the head of each line, K.3 where the first character needs it. Both are right; the second is written.
    [Fact]
    public void Example_I_3_designates_once_for_each_line()
    {
        const string Text = "The first line includes 한글.\r\nThe second line includes 한글, too.\r\nThe third line";
        var set = Sets.Of(@"\ISO 2022 IR 149");
        var bytes = Sets.Bytes("\e$)CThe first line includes \u00C7\u00D1\u00B1\u00DB.\r\n"
            + "\e$)CThe second line includes \u00C7\u00D1\u00B1\u00DB, too.\r\nThe third line");

        Assert.Equal(Text, set.Decode(bytes, Vr.LT));
        Assert.Equal(
            Sets.Bytes(
                "The first line includes \e$)C\u00C7\u00D1\u00B1\u00DB.\r\nThe second line includes \e$)C\u00C7\u00D1\u00B1\u00DB, "
                + "too.\r\nThe third line"),
            set.Encode(Text, Vr.LT));
    }
}
