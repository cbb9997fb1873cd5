namespace DicomPS.Serialization;

/// <summary>Turning words around (PS3.5 7.3).</summary>
internal static class ByteOrder
{
    /// <summary>Turns around each word; bytes after the last whole word stay.</summary>
    /// <param name="bytes">The words.</param>
    /// <param name="size">Bytes of a word: 2, 4 or 8; 1 leaves all as it is.</param>
    public static void Reverse(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                for (var i = 0; i + 2 <= bytes.Length; i += 2)
                    (bytes[i], bytes[i + 1]) = (bytes[i + 1], bytes[i]);

                break;
            case 4 or 8:
                for (var i = 0; i + size <= bytes.Length; i += size)
                    bytes.Slice(i, size).Reverse();

                break;
        }
    }
}
