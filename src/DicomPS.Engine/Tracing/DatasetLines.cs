using System.Globalization;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Tracing;

/// <summary>A dataset or command set as lines of a trace: a tree of elements, bounded in width and number.</summary>
internal static class DatasetLines
{
    private const int MostRows = 500;
    private const int MostInflated = 1024 * 1024;
    private const int DeepestIndent = 16;
    private const int HexBytes = 64;
    private static readonly DicomTag End = new(0xFFFFFFFFu);

    /// <summary>The elements that are whole in the bytes.</summary>
    /// <param name="bytes">The dataset, or its first bytes.</param>
    /// <param name="transferSyntax">The transfer syntax UID.</param>
    /// <param name="isWhole">Whether the bytes are all there are.</param>
    /// <param name="showsPatient">Whether nothing is hidden.</param>
    public static IEnumerable<string> Of(ReadOnlyMemory<byte> bytes, string transferSyntax, bool isWhole, bool showsPatient)
    {
        var syntax = TransferSyntax.Find(transferSyntax);
        DicomDataset? dataset = null;
        string? problem = null;
        try
        {
            if (isWhole)
                dataset = DatasetReader.Read(bytes, syntax, new DatasetReaderOptions { MaxInflatedLength = MostInflated });
        }
        catch (DicomDataException broken)
        {
            problem = broken.Message;
        }

        try
        {
            dataset ??= DatasetReader.ReadPrefix(bytes, syntax, End).Dataset;
        }
        catch (DicomDataException broken)
        {
            problem ??= broken.Message;
        }

        return Lines(dataset, problem, bytes, showsPatient);
    }

    private static IEnumerable<string> Lines(DicomDataset? dataset, string? problem, ReadOnlyMemory<byte> bytes, bool showsPatient)
    {
        var count = 0;
        var hiddenBelow = int.MaxValue;
        List<ElementRow> block = [];
        foreach (var row in dataset is null ? [] : ElementTree.List(dataset))
        {
            if (row.Depth <= hiddenBelow)
                hiddenBelow = int.MaxValue;
            var vr = Enum.TryParse<Vr>(row.VR, out var named) ? named : Vr.None;
            var hides = !showsPatient && (hiddenBelow != int.MaxValue || PatientMask.Hides(row.Tag, vr, row.Value));
            if (hides && vr == Vr.SQ)
                hiddenBelow = row.Depth;
            // A vendor's block without its values is worth one line.
            var isOfBlock = hides && row.PrivateCreator is not null && vr != Vr.SQ && !row.StartsItem;
            if (block.Count > 0 && !(isOfBlock && block[0].PrivateCreator == row.PrivateCreator && block[0].Depth == row.Depth))
            {
                if (++count <= MostRows)
                    yield return Block(block);
                block.Clear();
            }

            if (isOfBlock)
            {
                block.Add(row);
                continue;
            }

            if (++count > MostRows)
                continue;
            if (row.StartsItem)
                yield return $"{Indent(row)}item {((row.Item ?? 0) + 1).ToString(CultureInfo.InvariantCulture)}";
            yield return Format(row, vr, hides);
        }

        if (block.Count > 0 && ++count <= MostRows)
            yield return Block(block);
        if (count > MostRows)
            yield return $"and {count - MostRows} lines more";
        if (problem is null)
            yield break;
        yield return $"This cannot be decoded{(dataset is null ? "" : " to its end")}: {TraceText.Clean(problem)}";
        if (showsPatient)
            yield return $"It begins with {TraceText.Hex(bytes.Span, HexBytes)}";
    }

    private static string Indent(ElementRow row) => new(' ', 2 * Math.Min(row.Depth, DeepestIndent));

    private static string Format(ElementRow row, Vr vr, bool hides)
    {
        var keyword = row.Keyword ?? (row.PrivateCreator is { } creator ? $"[{TraceText.Clean(creator, 64)}]" : row.Name ?? "");
        return $"{Indent(row)}{row.Tag} {row.VR} {keyword.PadRight(32)} {Value(row, vr, hides)}".TrimEnd();
    }

    private static string Block(List<ElementRow> block)
    {
        var first = block[0];
        return block.Count == 1 ? Format(first, Enum.TryParse<Vr>(first.VR, out var vr) ? vr : Vr.UN, hides: true)
            : $"{Indent(first)}{first.Tag} to {block[block.Count - 1].Tag} [{TraceText.Clean(first.PrivateCreator!, 64)}] *** "
            + $"{block.Count.ToString(CultureInfo.InvariantCulture)} elements";
    }

    private static string Value(ElementRow row, Vr vr, bool hides)
    {
        if (row.Value is not { Length: > 0 } value)
            return "(empty)";
        if (vr == Vr.SQ)
            return value;
        if (hides)
            return Hidden(value, row.Length);
        if (vr == Vr.UI)
            return string.Join("\\", value.Split('\\').Select(TraceText.Uid));
        // Codes stand in hexadecimal in the standard (PS3.7 E.1).
        if (row.Tag == Tags.CommandField || row.Tag == Tags.CommandDataSetType || row.Tag == Tags.Status)
            return ushort.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) ? $"{code:X4}H"
                : "(not one number)";
        return vr.IsString() || vr == Vr.UN ? $"[{TraceText.Clean(value)}]" : TraceText.Clean(value);
    }

    /// <summary>A hidden value: its length, and whether it asks for more than itself.</summary>
    public static string Hidden(string value, long? length) =>
        $"*** {TraceText.Bytes(length ?? value.Length)}{(value.IndexOfAny(['*', '?']) >= 0 ? " with wildcard" : "")}";
}
