using DicomPS.Data;

namespace DicomPS.Engine.Tests.Support;

/// <summary>Datasets as lines, one for each element at any depth, so that two can be compared and a difference read.</summary>
internal static class Datasets
{
    /// <summary>Path, VR and value of every element: in little-endian order and even, as a strict writer has it.</summary>
    public static List<string> Describe(DicomDataset dataset, bool withGroupLengths = false)
    {
        var lines = new List<string>();
        Describe(dataset, "", withGroupLengths, lines);
        return lines;
    }

    /// <summary>Bytes from hexadecimal text; blanks do not count.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static void Describe(DicomDataset dataset, string path, bool withGroupLengths, List<string> lines)
    {
        foreach (var element in dataset)
        {
            if (element.Tag.IsGroupLength && !withGroupLengths)
                continue;

            var here = $"{path}{element.Tag} {element.Vr}";
            switch (element)
            {
                case DicomSequence sequence:
                    lines.Add($"{here} {sequence.Items.Count} items");
                    for (var i = 0; i < sequence.Items.Count; i++)
                        Describe(sequence.Items[i], $"{path}{element.Tag}[{i}].", withGroupLengths, lines);

                    break;
                case DicomFragments fragments:
                    lines.Add($"{here} table {Convert.ToHexString(Content(fragments.OffsetTable, 1, 0))}");
                    lines.AddRange(fragments.Fragments.Select(
                        fragment => $"{here} fragment {Convert.ToHexString(Content(fragment, 1, 0))}"));
                    break;
                case DicomValue value:
                    var bytes = value.IsUnencodedText ? new DicomBytes(value.Encode(dataset.Text))
                        : value.Range is { } range ? new DicomBytes(range)
                        : new DicomBytes(value.Bytes);
                    lines.Add(
                        $"{here} "
                        + Convert.ToHexString(Content(bytes, value.IsBigEndian ? value.Vr.UnitSize() : 1, value.Vr.PaddingByte())));
                    break;
            }
        }
    }

    private static byte[] Content(DicomBytes bytes, int swap, byte padding)
    {
        using var stream = bytes.OpenRead();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var content = copy.ToArray();
        for (var i = 0; swap > 1 && i + swap <= content.Length; i += swap)
            Array.Reverse(content, i, swap);

        return content.Length % 2 == 0 ? content : [.. content, padding];
    }
}
