using System.Buffers.Binary;
using DicomPS.Data;

namespace DicomPS.Json;

/// <summary>Fragments as the items of bytes that they are in a file, without the delimiter at their end (PS3.5 A.4).</summary>
internal static class EncapsulatedBytes
{
    private const int HeaderSize = 8;

    /// <summary>How many bytes it would be.</summary>
    public static long LengthOf(DicomFragments fragments)
    {
        var length = HeaderSize + fragments.OffsetTable.Length;
        foreach (var fragment in fragments.Fragments)
            length += HeaderSize + fragment.Length;

        return length;
    }

    /// <summary>The bytes, collected in memory.</summary>
    public static Stream Open(DicomFragments fragments)
    {
        var all = new MemoryStream(checked((int)LengthOf(fragments)));
        Append(all, fragments.OffsetTable);
        foreach (var fragment in fragments.Fragments)
            Append(all, fragment);

        all.Position = 0;
        return all;
    }

    /// <summary>Fragments of bytes that are nothing but items; false for anything else.</summary>
    public static bool TryParse(DicomTag tag, Vr vr, ReadOnlyMemory<byte> bytes, out DicomFragments? fragments)
    {
        fragments = null;
        var items = new List<DicomBytes>();
        while (bytes.Length >= HeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) == 0xE000FFFE)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span.Slice(4));
            if (length > bytes.Length - HeaderSize)
                return false;

            items.Add(new DicomBytes(bytes.Slice(HeaderSize, (int)length)));
            bytes = bytes.Slice(HeaderSize + (int)length);
        }

        // Some writers keep the delimiter.
        var isWhole = bytes.IsEmpty || (bytes.Length == HeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) == 0xE0DDFFFE);
        if (!isWhole || items.Count == 0)
            return false;

        var table = items[0];
        items.RemoveAt(0);
        fragments = new DicomFragments(tag, vr, table, items);
        return true;
    }

    private static void Append(MemoryStream all, DicomBytes bytes)
    {
        var header = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xE000FFFE);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), checked((uint)bytes.Length));
        all.Write(header, 0, header.Length);
        using var content = bytes.OpenRead();
        content.CopyTo(all);
    }
}
