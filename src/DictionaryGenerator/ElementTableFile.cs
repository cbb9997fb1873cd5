using System.Text;

namespace DictionaryGenerator;

/// <summary>
/// The element dictionary as constant data: sorted tags to search in, and for each the place of its text.
/// Constant data lies in the assembly file and costs nothing before it is looked at.
/// </summary>
internal static class ElementTableFile
{
    public static string Write(List<string[]> elements)
    {
        var vrTexts = elements.Select(row => row[1]).Distinct().Order(StringComparer.Ordinal).ToList();
        var vms = elements.Select(row => row[2]).Distinct().Order(StringComparer.Ordinal).ToList();
        var rows = elements.Select(row => new Row(row, vrTexts.IndexOf(row[1]), vms.IndexOf(row[2])))
            .OrderBy(row => row.Mask != 0xFFFFFFFF).ThenBy(row => row.Tag).ToList();
        var exact = rows.Count(row => row.Mask == 0xFFFFFFFF);
        var text = new StringBuilder();
        var offsets = new List<string>();
        foreach (var row in rows)
        {
            offsets.Add(text.Length.ToString());
            text.Append(row.Keyword).Append('\t').Append(row.Name);
        }

        offsets.Add(text.Length.ToString());
        if (text.ToString().Any(c => c > 0x7F))
            throw new InvalidDataException("The lookup counts on one byte for each character.");

        var byKeyword = Enumerable.Range(0, rows.Count)
            .Where(i => rows[i].Keyword.Length > 0)
            .OrderBy(i => rows[i].Keyword, StringComparer.Ordinal).ThenBy(i => i)
            .Select(i => i.ToString());
        var code = new CodeText("dicom-elements.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("/// <content>The data dictionary (PS3.6 6) as constant data.</content>")
            .Line("public static partial class DicomDictionary")
            .Line("{")
            .Line("    /// <summary>Rows before this one hold one tag each; those after it a repeating group.</summary>")
            .Line($"    private const int ExactRows = {exact};")
            .Line()
            .Line("    private static ReadOnlySpan<uint> RowTags =>")
            .Line("    [")
            .List("        ", 10, rows.Select(row => $"0x{row.Tag:X8}"))
            .Line("    ];")
            .Line()
            .Line("    private static ReadOnlySpan<uint> RepeatingMasks =>")
            .Line("    [")
            .List("        ", 10, rows.Skip(exact).Select(row => $"0x{row.Mask:X8}"))
            .Line("    ];")
            .Line()
            .Line("    private static ReadOnlySpan<byte> RowVrs =>")
            .Line("    [")
            .List("        ", 40, rows.Select(row => row.Vr.ToString()))
            .Line("    ];")
            .Line()
            .Line("    /// <summary>Place in <see cref=\"VmTexts\"/>; 128 more for the retired.</summary>")
            .Line("    private static ReadOnlySpan<byte> RowVms =>")
            .Line("    [")
            .List("        ", 40, rows.Select(row => (row.Vm + (row.Retired ? 128 : 0)).ToString()))
            .Line("    ];")
            .Line()
            .Line("    private static ReadOnlySpan<int> TextOffsets =>")
            .Line("    [")
            .List("        ", 20, offsets)
            .Line("    ];")
            .Line()
            .Line("    private static ReadOnlySpan<ushort> RowsByKeyword =>")
            .Line("    [")
            .List("        ", 24, byKeyword)
            .Line("    ];")
            .Line()
            .Line("    private static ReadOnlySpan<ushort> FirstVrs =>")
            .Line("    [")
            .List("        ", 20, vrTexts.Select(FirstVr))
            .Line("    ];")
            .Line()
            .Line($"    private static string VrTexts(int index) => index switch")
            .Line("    {");
        for (var i = 0; i < vrTexts.Count; i++)
            code.Line($"        {i} => {CodeText.Quote(vrTexts[i] == "NONE" ? "" : vrTexts[i])},");

        code.Line("        _ => \"\",").Line("    };").Line().Line("    private static string VmTexts(int index) => index switch")
            .Line("    {");
        for (var i = 0; i < vms.Count; i++)
            code.Line($"        {i} => {CodeText.Quote(vms[i])},");

        return code.Line("        _ => \"\",").Line("    };").Line()
            .Line("    private static ReadOnlySpan<byte> Texts =>")
            .Line($"        {CodeText.Quote(text.ToString()).Replace("\t", "\\t")}u8;")
            .Line("}")
            .ToString();
    }

    /// <summary>The first VR of "OB or OW", as a number.</summary>
    private static string FirstVr(string text) => text == "NONE" ? "0" : $"0x{(text[0] << 8) | text[1]:X4}";

    private sealed class Row
    {
        public Row(string[] cells, int vr, int vm)
        {
            var digits = cells[0].Replace(",", "");
            Tag = Convert.ToUInt32(digits.Replace('x', '0'), 16);
            Mask = Convert.ToUInt32(string.Concat(digits.Select(c => c == 'x' ? '0' : 'F')), 16);
            Vr = vr;
            Vm = vm;
            Keyword = cells[3].Contains('-') ? "" : cells[3];
            Name = cells[4];
            Retired = cells[5].Length > 0;
        }

        public uint Tag { get; }

        public uint Mask { get; }

        public int Vr { get; }

        public int Vm { get; }

        public string Keyword { get; }

        public string Name { get; }

        public bool Retired { get; }
    }
}
