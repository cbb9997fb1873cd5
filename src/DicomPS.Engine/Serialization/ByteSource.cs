using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>Bytes that a dataset is read from, front to back. It never allocates for bytes that are not there.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The file, where there is one.</summary>
    public string? Path { get; protected init; }

    /// <summary>Where the next byte is, from the start of the file or of the input.</summary>
    public abstract long Position { get; }

    /// <summary>Where the input ends, or <see cref="long.MaxValue"/> while that is unknown.</summary>
    public abstract long End { get; }

    /// <summary>Whether more may come behind the input.</summary>
    public virtual bool IsPrefix => false;

    /// <summary>The next bytes without taking them: as many as asked for, fewer when the input ends before.</summary>
    /// <param name="count">At most 64 KiB.</param>
    public abstract ReadOnlySpan<byte> Peek(int count);

    /// <summary>Goes on past bytes.</summary>
    /// <param name="count">How many.</param>
    /// <returns>False when the input ends before.</returns>
    public abstract bool TrySkip(long count);

    /// <summary>Takes the bytes of a value.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">The bytes, or where they are in the file.</param>
    /// <returns>False when the input ends before.</returns>
    public abstract bool TryRead(long count, out DicomBytes bytes);

    /// <summary>An error in these bytes.</summary>
    /// <param name="message">What is wrong, without a full stop.</param>
    /// <param name="offset">Where.</param>
    /// <param name="cause">The cause, if there is one.</param>
    public DicomDataException Error(string message, long offset, Exception? cause = null) =>
        new(message, offset, cause) { Path = Path, Stage = Path is null ? DicomStage.None : DicomStage.File };

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Input that is in memory as a whole, or as far as it has come.</summary>
/// <param name="memory">The bytes.</param>
/// <param name="isPrefix">Whether more will come, and the memory will be used again: then values are copied.</param>
internal sealed class MemorySource(ReadOnlyMemory<byte> memory, bool isPrefix = false) : ByteSource
{
    private readonly ValueArena? _arena = isPrefix ? new ValueArena() : null;
    private int _position;

    public override long Position => _position;

    public override bool IsPrefix => isPrefix;

    public override long End => isPrefix ? long.MaxValue : memory.Length;

    public override ReadOnlySpan<byte> Peek(int count) =>
        memory.Span.Slice(_position, Math.Min(count, memory.Length - _position));

    public override bool TrySkip(long count)
    {
        if (count > memory.Length - _position)
            return false;

        _position += (int)count;
        return true;
    }

    public override bool TryRead(long count, out DicomBytes bytes)
    {
        bytes = default;
        if (count > memory.Length - _position)
            return false;

        var value = memory.Slice(_position, (int)count);
        _position += (int)count;
        bytes = new DicomBytes(_arena?.Copy(value.Span) ?? value);
        return true;
    }
}

/// <summary>Keeps small values side by side in few arrays: a header has some sixty of a dozen bytes each.</summary>
internal sealed class ValueArena
{
    private const int LargestShared = 4096;
    private byte[] _slab = [];
    private int _used;
    private int _nextSize = 1024;

    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> value)
    {
        var copy = Allocate(value.Length);
        value.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Room for a value whose bytes the input is known to have.</summary>
    public Memory<byte> Allocate(int length)
    {
        if (length > LargestShared)
            return new byte[length];

        if (length > _slab.Length - _used)
        {
            _slab = new byte[Math.Max(_nextSize, length)];
            _used = 0;
            _nextSize = Math.Min(_nextSize * 2, 16 * 1024);
        }

        var memory = _slab.AsMemory(_used, length);
        _used += length;
        return memory;
    }
}
