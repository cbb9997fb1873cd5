namespace DicomPS.Serialization;

/// <summary>The tables of RFC 1951.</summary>
internal static class DeflateTables
{
    /// <summary>What the symbols from 257 on begin at (3.2.5).</summary>
    public static readonly ushort[] LengthBases = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99,
        115, 131, 163, 195, 227, 258];
    /// <summary>How many bits more they have.</summary>
    public static readonly byte[] LengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    /// <summary>What the symbols of distances begin at.</summary>
    public static readonly ushort[] DistanceBases =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
            16385, 24577];
    /// <summary>The order in which the lengths of the code lengths come (3.2.7).</summary>
    public static readonly byte[] CodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
}
