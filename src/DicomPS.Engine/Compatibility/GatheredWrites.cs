namespace DicomPS.Compatibility;

/// <summary>Writes of several pieces at once, without copying them together.</summary>
internal static class GatheredWrites
{
    /// <summary>Writes pieces one behind the other. Who uses it writes to the file in no other way.</summary>
    /// <param name="file">Where to, opened without a buffer.</param>
    /// <param name="position">Where in the file: at its end.</param>
    /// <param name="pieces">What.</param>
    public static void WriteAt(this FileStream file, long position, ReadOnlyMemory<byte>[] pieces)
    {
#if NET8_0_OR_GREATER
        RandomAccess.Write(file.SafeFileHandle, pieces, position);
#else
        file.Position = position;
        foreach (var piece in pieces)
            file.Write(piece.Span);
#endif
    }
}
