using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>What may stand at the end of a dataset, and what may be missing there.</summary>
/// <param name="syntax">The transfer syntax.</param>
internal sealed class FlowEnd(TransferSyntax syntax)
{
    // JPEG, JPEG-LS and JPEG 2000 end with EOI or EOC, FFD9H (T.81 B.1.1.3, T.87 C.1.1, T.800 A.4.4), and a byte of padding at most.
    private const byte MarkerStart = 0xFF, EndMarker = 0xD9;

    private readonly byte[] _tail = new byte[4];
    private int _tailLength;
    private int _padding = -1;
    private int _fragments;
    private bool _isPixelData;
    private bool _sawPixels;
    private DicomTag _last;

    /// <summary>Whether the dataset is over and what comes is padding.</summary>
    public bool IsPadding => _padding >= 0;

    /// <summary>Told of each element of the outermost level.</summary>
    /// <exception cref="DicomDataException">It cannot stand here.</exception>
    public void Saw(ElementHeader header, long position)
    {
        var tag = header.Tag;
        // Behind the pixels only a higher tag makes sense; anything else is not of this dataset.
        if (_sawPixels && tag <= _last)
            throw new DicomDataException("Other bytes follow the end of the dataset", position);

        _last = tag;
        if (tag != Tags.PixelData)
            return;

        _sawPixels = true;
        // Pixels are fragments when the transfer syntax compresses them, and only then (PS3.5 A.4).
        if (syntax.IsKnown && header.Length > 0 && header.IsUndefined != syntax.IsEncapsulated)
            throw FlowSpelling.Other(position);
    }

    /// <summary>Whether the dataset is over, because zeros or FF follow.</summary>
    /// <param name="bytes">What follows, at most 8 bytes.</param>
    /// <param name="hasBegun">Whether anything came before.</param>
    public bool StartsPadding(ReadOnlySpan<byte> bytes, bool hasBegun)
    {
        if (!hasBegun || bytes[0] is not (0x00 or 0xFF) || !IsAll(bytes, bytes[0]))
            return false;

        // In big endian nearly every tag begins with a zero: a few are the start of an element that was cut.
        if (syntax.IsBigEndian && bytes.Length < 8 && bytes[0] == 0 && !_sawPixels)
            return false;

        _padding = bytes[0];
        return true;
    }

    /// <summary>Looks at more of the padding.</summary>
    /// <exception cref="DicomDataException">It is none.</exception>
    public void CheckPadding(ReadOnlySpan<byte> bytes, long position)
    {
        if (!IsAll(bytes, (byte)_padding))
            throw new DicomDataException("Other bytes follow the end of the dataset", position);
    }

    /// <summary>Told of the start of each fragment.</summary>
    public void BeginFragment(int depth, DicomTag tag)
    {
        _isPixelData = depth == 1 && tag == Tags.PixelData;
        _fragments++;
        _tailLength = 0;
    }

    /// <summary>Told of the bytes of a fragment as they come.</summary>
    public void SawFragment(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= _tail.Length)
        {
            bytes.Slice(bytes.Length - _tail.Length).CopyTo(_tail);
            _tailLength = _tail.Length;
            return;
        }

        foreach (var value in bytes)
        {
            if (_tailLength == _tail.Length)
                Array.Copy(_tail, 1, _tail, 0, --_tailLength);
            _tail[_tailLength++] = value;
        }
    }

    /// <summary>Told that the delimiter of fragments came.</summary>
    public void EndFragments() => _fragments = 0;

    /// <summary>
    /// Whether only the last delimiter of the dataset is missing, which writers are met to forget, and nothing else. A dataset that was cut
    /// between two fragments or items looks the same, so the frames have to be all there, and a sequence must not stand where pixels
    /// are due.
    /// </summary>
    /// <param name="level">The level that is open.</param>
    /// <param name="depth">How deep it is.</param>
    /// <param name="kept">Has Number of Frames and the SOP class.</param>
    public bool MayLackDelimiter(FlowLevel level, int depth, KeptElements kept)
    {
        if (depth != 1 || level.End != long.MaxValue)
            return false;

        var known = kept.ToDataset();
        if (level.Kind == FlowKind.Items)
        {
            var isImage =
                DicomDictionary.NameOf(known.GetString(Tags.SOPClassUID) ?? "").IndexOf("Image Storage", StringComparison.Ordinal) >= 0;
            return _sawPixels || !isImage;
        }

        // The first fragment is the offset table.
        return _isPixelData && _fragments - 1 >= Math.Max(1, known.GetInt32(Tags.NumberOfFrames) ?? 1)
            && (!EndsWithMarker(syntax) || HasEndMarker(_tail.AsSpan(0, _tailLength)));
    }

    /// <summary>Whether each frame of a transfer syntax ends with a marker.</summary>
    internal static bool EndsWithMarker(TransferSyntax syntax) =>
        syntax.Name.IndexOf("JPEG", StringComparison.Ordinal) >= 0 && syntax.Name.IndexOf("XL", StringComparison.Ordinal) < 0;

    /// <summary>Whether the last bytes of a frame have the marker.</summary>
    internal static bool HasEndMarker(ReadOnlySpan<byte> tail) => tail.IndexOf([MarkerStart, EndMarker]) >= 0;

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
