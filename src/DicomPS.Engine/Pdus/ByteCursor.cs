using System.Buffers.Binary;

namespace DicomPS.Pdus;

/// <summary>Reads forward through the body of a PDU or item; what is not there is a <see cref="MalformedPduException"/>.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes, int offset)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Where the next byte lies, counted from the start of the PDU.</summary>
    public readonly int Offset => offset + _position;

    public byte Byte(string what) => Bytes(1, what)[0];

    public ushort UInt16(string what) => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2, what));

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4, what));

    public void Skip(int count, string what) => Bytes(count, what);

    /// <summary>A cursor over the next bytes alone.</summary>
    public ByteCursor Part(int length, string what)
    {
        var start = Offset;
        return new ByteCursor(Bytes(length, what), start);
    }

    public string Text(int length, string what) => Decode(Bytes(length, what));

    public string ShortText(string what) => Text(UInt16(what), what);

    public byte[] ShortBytes(string what) => Bytes(UInt16(what), what).ToArray();

    public ReadOnlySpan<byte> Rest() => Bytes(Remaining, "");

    public ReadOnlySpan<byte> Bytes(int length, string what)
    {
        if (length < 0 || length > Remaining)
            throw new MalformedPduException($"{what} at byte {Offset} is {length} bytes long, but only {Remaining} are left.",
                AbortReason.InvalidParameterValue);
        var taken = _bytes.Slice(_position, length);
        _position += length;
        return taken;
    }

    // UIDs end in zeros and AE titles in spaces that do not belong to them; some peers mix the two up.
    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        var end = bytes.Length;
        while (end > start && bytes[end - 1] is 0 or (byte)' ') end--;
        while (start < end && bytes[start] is 0 or (byte)' ') start++;
        if (start == end) return "";
        var text = new char[end - start];
        for (var i = 0; i < text.Length; i++) text[i] = (char)bytes[start + i];
        return new string(text);
    }
}
