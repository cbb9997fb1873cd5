using System.Runtime.InteropServices;

namespace DicomPS.Data;

/// <summary>Bytes in memory, or a range of a file.</summary>
public readonly struct DicomBytes
{
    private readonly ReadOnlyMemory<byte> _memory;

    /// <summary>Bytes in memory; not copied.</summary>
    /// <param name="memory">The bytes.</param>
    public DicomBytes(ReadOnlyMemory<byte> memory) => _memory = memory;

    /// <summary>Bytes that stay in a file.</summary>
    /// <param name="range">Where they are.</param>
    public DicomBytes(FileRange range) => Range = range ?? throw new ArgumentNullException(nameof(range));

    /// <summary>Where the bytes are in a file, or null when they are in memory.</summary>
    public FileRange? Range { get; }

    /// <summary>Whether the bytes are in memory.</summary>
    public bool IsInMemory => Range is null;

    /// <summary>How many bytes.</summary>
    public long Length => Range?.Length ?? _memory.Length;

    /// <summary>The bytes in memory.</summary>
    /// <exception cref="InvalidOperationException">They are in a file; read them with <see cref="OpenRead"/>.</exception>
    public ReadOnlyMemory<byte> Memory => Range is null
        ? _memory
        : throw new InvalidOperationException(
            $"The value of {Range.Length} bytes was left in '{Range.Path}'. Read it with OpenRead(), or read the file with a higher "
            + "LargeValueThreshold.");

    /// <summary>A stream over the bytes, wherever they are; the caller disposes it.</summary>
    /// <exception cref="IOException">The file is gone or cannot be opened.</exception>
    /// <exception cref="DicomDataException">The file has changed since.</exception>
    public Stream OpenRead()
    {
        if (Range is not null)
            return Range.OpenRead();

        return MemoryMarshal.TryGetArray(_memory, out var segment) && segment.Array is not null
            ? new MemoryStream(segment.Array, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(_memory.ToArray(), writable: false);
    }
}
