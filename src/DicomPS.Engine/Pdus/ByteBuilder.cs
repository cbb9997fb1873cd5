using System.Buffers.Binary;

namespace DicomPS.Pdus;

/// <summary>Bytes that grow at the end, with lengths that are filled in afterwards.</summary>
internal sealed class ByteBuilder
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt16(int value, string what)
    {
        if (value > ushort.MaxValue) throw new ArgumentException($"{what} of {value} bytes is longer than its 16-bit length can say.");
        BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), (ushort)value);
    }

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void Zeros(int count) => Reserve(count).Clear();

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Text(string value)
    {
        var target = Reserve(value.Length);
        for (var i = 0; i < value.Length; i++) target[i] = value[i] <= 0xFF ? (byte)value[i] : (byte)'?';
    }

    /// <summary>Leaves room for a 16-bit length and gives the place back for <see cref="EndLength16"/>.</summary>
    public int BeginLength16()
    {
        Zeros(2);
        return Length;
    }

    public void EndLength16(int start, string what)
    {
        var length = Length - start;
        if (length > ushort.MaxValue) throw new ArgumentException($"{what} of {length} bytes is longer than its 16-bit length can say.");
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(start - 2), (ushort)length);
    }

    public int BeginLength32()
    {
        Zeros(4);
        return Length;
    }

    public void EndLength32(int start) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(start - 4), (uint)(Length - start));

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
