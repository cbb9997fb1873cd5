using System.Text;

namespace DicomPS.Data;

/// <summary>
/// An element whose value is bytes in memory, bytes left in a file, or text that is encoded when it is written.
/// Nothing is decoded before it is asked for.
/// </summary>
public sealed class DicomValue : DicomElement
{
    // Nobody writes texts this long, and a deflate stream makes them of nothing: the longest identifier has as much.
    private const long LongestInflated = 4 * 1024 * 1024;

    private readonly DicomBytes _bytes;
    private readonly string[]? _strings;

    private DicomValue(DicomTag tag, Vr vr, DicomBytes bytes, string[]? strings, bool isBigEndian)
        : base(tag, vr)
    {
        _bytes = bytes;
        _strings = strings;
        IsBigEndian = isBigEndian;
    }

    /// <summary>Whether the words of the value, where it has words, are in big-endian order.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Whether the value is in memory, as bytes or as text.</summary>
    public bool IsInMemory => _bytes.IsInMemory;

    /// <summary>Where the value is in its file, or null when it is in memory.</summary>
    public FileRange? Range => _bytes.Range;

    /// <summary>Whether the value is text that has not been encoded yet.</summary>
    public bool IsUnencodedText => _strings is not null;

    /// <summary>Bytes of the value as it was read; for text not yet encoded, its characters.</summary>
    public long Length
    {
        get
        {
            if (_strings is null)
                return _bytes.Length;

            long length = Math.Max(0, _strings.Length - 1);
            foreach (var text in _strings)
                length += text.Length;

            return length;
        }
    }

    /// <summary>The bytes as they were read, without padding added or removed.</summary>
    /// <exception cref="InvalidOperationException">The value is in a file, or is text outside ASCII whose encoding depends on the
    /// dataset; use <see cref="OpenRead"/> or <see cref="Encode"/>.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (_strings is null)
                return _bytes.Memory;

            var text = Joined();
            foreach (var c in text)
            {
                if (c > 0x7F)
                {
                    throw new InvalidOperationException(
                        $"The text of {Tag} has no bytes before a character set is chosen. Use Encode(), or GetBytes() of its dataset.");
                }
            }

            return Encoding.ASCII.GetBytes(text);
        }
    }

    /// <summary>A value of bytes in memory; not copied.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="bytes">The value, in the byte order that follows.</param>
    /// <param name="isBigEndian">Whether its words are in big-endian order.</param>
    public static DicomValue Create(DicomTag tag, Vr vr, ReadOnlyMemory<byte> bytes, bool isBigEndian = false) =>
        new(tag, vr, new DicomBytes(bytes), null, isBigEndian);

    /// <summary>A value that stays in its file.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="range">Where the value is.</param>
    /// <param name="isBigEndian">Whether its words are in big-endian order.</param>
    public static DicomValue Create(DicomTag tag, Vr vr, FileRange range, bool isBigEndian = false) =>
        new(tag, vr, new DicomBytes(range), null, isBigEndian);

    /// <summary>A value of bytes, wherever they are.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">The VR.</param>
    /// <param name="bytes">The value.</param>
    /// <param name="isBigEndian">Whether its words are in big-endian order.</param>
    public static DicomValue Create(DicomTag tag, Vr vr, DicomBytes bytes, bool isBigEndian = false) =>
        new(tag, vr, bytes, null, isBigEndian);

    /// <summary>A value of text, encoded with the character set of its dataset when it is written.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">A VR of characters.</param>
    /// <param name="values">The values; a null counts as empty.</param>
    /// <exception cref="ArgumentException">The VR holds no characters.</exception>
    public static DicomValue Create(DicomTag tag, Vr vr, params string[] values)
    {
        if (values is null)
            throw new ArgumentNullException(nameof(values));

        if (!vr.IsString())
            throw new ArgumentException($"{vr} does not hold text.", nameof(vr));

        var copy = new string[values.Length];
        for (var i = 0; i < copy.Length; i++)
            copy[i] = values[i] ?? string.Empty;

        return new DicomValue(tag, vr, default, copy, false);
    }

    /// <summary>The bytes to write: as they were read, or the text encoded; without padding.</summary>
    /// <param name="codec">The character set of the dataset; used for texts only.</param>
    /// <exception cref="InvalidOperationException">The value is in a file.</exception>
    /// <exception cref="ArgumentException">The character set lacks a character of the text.</exception>
    public ReadOnlyMemory<byte> Encode(TextCodec codec)
    {
        if (codec is null)
            throw new ArgumentNullException(nameof(codec));

        if (_strings is null)
            return _bytes.Memory;

        return _strings.Length == 0 ? default(ReadOnlyMemory<byte>)
            : Vr.IsText() ? codec.Encode(Joined(), Vr)
            : TextCodec.EncodeLatin1(Joined());
    }

    /// <summary>A stream over the value, wherever it is; the caller disposes it.</summary>
    /// <exception cref="IOException">The file is gone or cannot be opened.</exception>
    /// <exception cref="DicomDataException">The file has changed since.</exception>
    public Stream OpenRead() => _strings is null ? _bytes.OpenRead() : new DicomBytes(Bytes).OpenRead();

    /// <summary>The whole text of the value, all its parts with the backslashes between them.</summary>
    internal string DecodeText(TextCodec codec)
    {
        if (_strings is not null)
            return Joined();

        var bytes = ReadPlain().Span;
        return Vr.IsText() || Vr == Vr.UN ? codec.Decode(bytes, Vr) : TextCodec.DecodeLatin1(bytes);
    }

    /// <summary>The bytes of what becomes text or numbers.</summary>
    /// <exception cref="DicomDataException">They inflate to more than a text or a number is long.</exception>
    internal ReadOnlyMemory<byte> ReadPlain()
    {
        if (_bytes.Range is { DeflateStart: >= 0, Length: > LongestInflated } range)
        {
            throw new DicomDataException($"The value of {Tag} inflates to {range.Length} bytes, too many to be read at once", range.Offset)
            {
                Path = range.Path,
                Stage = DicomStage.File,
            };
        }

        return ReadAll();
    }

    /// <summary>The bytes in memory; a value in a file is read, since a caller who asks for one text or number wants it.</summary>
    internal ReadOnlyMemory<byte> ReadAll()
    {
        if (_strings is not null)
            return Encode(TextCodec.Default);

        if (_bytes.IsInMemory)
            return _bytes.Memory;

        using var stream = _bytes.OpenRead();
        var all = new byte[checked((int)stream.Length)];
        var filled = 0;
        int read;
        while (filled < all.Length && (read = stream.Read(all, filled, all.Length - filled)) > 0)
            filled += read;

        return new ReadOnlyMemory<byte>(all, 0, filled);
    }

    private string Joined() => _strings!.Length == 1 ? _strings[0] : string.Join("\\", _strings);
}
