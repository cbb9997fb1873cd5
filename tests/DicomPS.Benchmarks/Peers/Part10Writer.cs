using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// Just enough of a Part 10 writer (explicit VR little endian) to make files for the benchmark. It does not use the
/// engine, so that a change there never changes what is measured.
/// </summary>
internal sealed class Part10Writer
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public static byte[] Head(string sopClassUid, string sopInstanceUid, Action<Part10Writer> dataset, long pixelBytes)
    {
        var meta = new Part10Writer();
        meta.Bytes(0x0002, 0x0001, "OB", [0, 1]);
        meta.Text(0x0002, 0x0002, "UI", sopClassUid);
        meta.Text(0x0002, 0x0003, "UI", sopInstanceUid);
        meta.Text(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1");
        meta.Text(0x0002, 0x0012, "UI", "2.25.314159265358979");

        var file = new Part10Writer();
        file._bytes.Write(new byte[128]);
        file._bytes.Write("DICM"u8);
        file.Number(0x0002, 0x0000, "UL", meta._bytes.WrittenCount);
        file._bytes.Write(meta._bytes.WrittenSpan);
        dataset(file);
        file.Header(0x7FE0, 0x0010, "OW", checked((uint)pixelBytes));
        return file._bytes.WrittenSpan.ToArray();
    }

    public void Text(ushort group, ushort element, string vr, string value)
    {
        var encoded = Encoding.ASCII.GetBytes(value);
        if (encoded.Length % 2 != 0)
            encoded = [.. encoded, vr == "UI" ? (byte)0 : (byte)' '];
        Bytes(group, element, vr, encoded);
    }

    public void Number(ushort group, ushort element, string vr, int value)
    {
        Span<byte> encoded = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(encoded, value);
        Bytes(group, element, vr, encoded[..(vr is "US" or "SS" ? 2 : 4)]);
    }

    private void Bytes(ushort group, ushort element, string vr, ReadOnlySpan<byte> value)
    {
        Header(group, element, vr, (uint)value.Length);
        _bytes.Write(value);
    }

    private void Header(ushort group, ushort element, string vr, uint length)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, group);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element);
        header[4] = (byte)vr[0];
        header[5] = (byte)vr[1];
        if (vr is "OB" or "OW" or "SQ" or "UN")
        {
            header[6..8].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
            _bytes.Write(header);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
            _bytes.Write(header[..8]);
        }
    }
}
