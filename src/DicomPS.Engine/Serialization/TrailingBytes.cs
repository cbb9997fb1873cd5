using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>Bytes after the end of a dataset that belong to no element: padding of zeros or of FF, or what some tool appended.</summary>
internal static class TrailingBytes
{
    /// <summary>Whether the dataset ended before these bytes.</summary>
    /// <param name="bytes">Where the next element would begin; fewer than 12 only at the end of the input.</param>
    /// <param name="header">What they read as.</param>
    /// <param name="result">Whether they read as anything.</param>
    /// <param name="last">The last element before them, or null.</param>
    public static bool Starts(ReadOnlySpan<byte> bytes, ElementHeader header, HeaderResult result, DicomTag? last)
    {
        if (last is not { } previous)
            return false;

        if (IsAll(bytes, 0) && (bytes.Length == ElementHeader.MaxSize || result == HeaderResult.NeedsMore || header.Length == 0))
            return true;

        if (IsAll(bytes, 0xFF))
            return true;

        // After the pixels only a higher tag makes sense; anything else is not of this dataset.
        return previous >= Tags.PixelData
            && (result == HeaderResult.Garbage || (result == HeaderResult.Whole && header.Tag <= previous));
    }

    private static bool IsAll(ReadOnlySpan<byte> bytes, byte value)
    {
        foreach (var b in bytes)
        {
            if (b != value)
                return false;
        }

        return true;
    }
}
