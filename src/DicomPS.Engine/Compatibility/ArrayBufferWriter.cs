// A growing buffer to write into, which netstandard2.0 knows only the interface of.
#if !NET8_0_OR_GREATER
namespace System.Buffers;

internal sealed class ArrayBufferWriter<T>(int initialCapacity = 256) : IBufferWriter<T>
{
    private T[] _buffer = new T[initialCapacity];

    public int WrittenCount { get; private set; }

    public int Capacity => _buffer.Length;

    public int FreeCapacity => _buffer.Length - WrittenCount;

    public ReadOnlyMemory<T> WrittenMemory => new(_buffer, 0, WrittenCount);

    public ReadOnlySpan<T> WrittenSpan => new(_buffer, 0, WrittenCount);

    public void Clear()
    {
        Array.Clear(_buffer, 0, WrittenCount);
        WrittenCount = 0;
    }

    public void ResetWrittenCount() => WrittenCount = 0;

    public void Advance(int count)
    {
        if (count < 0 || count > FreeCapacity)
            throw new ArgumentOutOfRangeException(nameof(count));

        WrittenCount += count;
    }

    public Memory<T> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return new Memory<T>(_buffer, WrittenCount, FreeCapacity);
    }

    public Span<T> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return new Span<T>(_buffer, WrittenCount, FreeCapacity);
    }

    private void Grow(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (needed > FreeCapacity)
            Array.Resize(ref _buffer, checked((int)Math.Max(WrittenCount + (long)needed, Math.Min(2L * _buffer.Length, 0x7FFFFFC7))));
    }
}
#endif
