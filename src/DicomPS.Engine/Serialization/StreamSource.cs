using System.Buffers;
using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>Input from a file or an inflating stream, through a window of at most 64 KiB.</summary>
internal sealed class StreamSource : ByteSource
{
    private const int LargestWindow = 64 * 1024;
    private const int SmallestRead = 4 * 1024;

    // What a deflated file gives is as long as it likes: beyond this, values that are not short stay in the file.
    private const long MostTaken = 16 * 1024 * 1024, ShortValue = 256;

    private readonly Stream _stream;
    private readonly FileRange? _file;
    private readonly long _threshold;
    private readonly long _limit;
    private readonly ValueArena _arena = new();
    private readonly CancellationToken _cancellation;
    private byte[] _window;
    private readonly long _deflateStart;
    private long _taken;
    private long _windowStart;
    private int _start;
    private int _filled;
    private int _nextRead;

    private StreamSource(Stream stream, FileRange? file, string? path, long end, long limit, long threshold, CancellationToken cancellation,
        long deflateStart = -1)
    {
        _stream = stream;
        _deflateStart = deflateStart;
        _file = file;
        Path = path;
        End = end;
        _limit = limit;
        _threshold = threshold;
        _cancellation = cancellation;
        _nextRead = LargestWindow;
        _window = ArrayPool<byte>.Shared.Rent((int)Math.Min(LargestWindow, Math.Max(end, 256)));
    }

    public override long Position => _windowStart + _start;

    public override long End { get; }

    private int Available => _filled - _start;

    /// <summary>A file from its start; values above the threshold are left in it. Disposing closes it.</summary>
    public static StreamSource OverFile(FileStream file, long threshold, CancellationToken cancellation = default)
    {
        var length = file.Length;
        return new StreamSource(file, new FileRange(file.Name, 0, length), file.Name, length, long.MaxValue, threshold, cancellation);
    }

    /// <summary>A stream of unknown length, such as an inflating one. Disposing closes it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="path">The file behind it, for messages.</param>
    /// <param name="limit">The most bytes it may give.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <param name="threshold">Longer values are left in the file.</param>
    /// <param name="deflateStart">Where the stream begins in the file.</param>
    public static StreamSource OverInflated(
        Stream stream, string? path, long limit, CancellationToken cancellation = default, long threshold = long.MaxValue,
        long deflateStart = -1) =>
        new(stream, null, path, long.MaxValue, limit, threshold, cancellation, deflateStart);

    public override ReadOnlySpan<byte> Peek(int count)
    {
        if (Available < count)
            Fill(count);

        return _window.AsSpan(_start, Math.Min(count, Available));
    }

    public override bool TrySkip(long count)
    {
        if (count <= Available)
        {
            _start += (int)count;
            return true;
        }

        if (count > End - Position)
            return false;

        if (_file is not null)
        {
            SeekTo(Position + count);
            return true;
        }

        while (count > 0)
        {
            if (Available == 0 && Peek(1).IsEmpty)
                return false;

            var step = (int)Math.Min(count, Available);
            _start += step;
            count -= step;
        }

        return true;
    }

    public override bool TryRead(long count, out DicomBytes bytes)
    {
        bytes = default;
        if (count > End - Position)
            return false;

        if (_file is not null && count > _threshold)
        {
            bytes = new DicomBytes(Stamped(Position, count));
            return TrySkip(count);
        }

        if (_deflateStart >= 0 && (count > _threshold || (_taken > MostTaken && count > ShortValue)))
        {
            bytes = new DicomBytes(Stamped(Position, count));
            return TrySkip(count);
        }

        _taken += count;
        if (count <= Available)
        {
            bytes = new DicomBytes(_arena.Copy(_window.AsSpan(_start, (int)count)));
            _start += (int)count;
            return true;
        }

        if (count > 0x7FFFFFC7)
            throw Error($"A value of {count} bytes is too long to be held in memory", Position);

        return End != long.MaxValue ? TryReadExactly((int)count, out bytes) : TryReadGrowing((int)count, out bytes);
    }

    public override void Dispose()
    {
        var window = _window;
        _window = [];
        _start = _filled = 0;
        if (window.Length > 0)
            ArrayPool<byte>.Shared.Return(window);

        _stream.Dispose();
    }

    /// <summary>The file is known to be long enough, so the array is no larger than what backs it.</summary>
    private bool TryReadExactly(int count, out DicomBytes bytes)
    {
        var memory = _arena.Allocate(count);
        bytes = new DicomBytes(memory);
        var rest = memory.Span;
        while (!rest.IsEmpty)
        {
            var next = Peek(Math.Min(rest.Length, LargestWindow));
            if (next.IsEmpty)
                return false;

            next.CopyTo(rest);
            rest = rest.Slice(next.Length);
            _start += next.Length;
        }

        return true;
    }

    /// <summary>The end is unknown, so the array grows with what has come, and no declared length is believed.</summary>
    private bool TryReadGrowing(int count, out DicomBytes bytes)
    {
        bytes = default;
        var grown = new byte[Math.Min(count, LargestWindow)];
        var have = 0;
        while (have < count)
        {
            var next = Peek(Math.Min(count - have, LargestWindow));
            if (next.IsEmpty)
                return false;

            if (have + next.Length > grown.Length)
                Array.Resize(ref grown, (int)Math.Min(count, Math.Max(2L * grown.Length, have + next.Length)));

            next.CopyTo(grown.AsSpan(have));
            have += next.Length;
            _start += next.Length;
        }

        bytes = new DicomBytes(grown);
        return true;
    }

    private void Fill(int count)
    {
        if (_start > 0)
        {
            _window.AsSpan(_start, Available).CopyTo(_window);
            _windowStart += _start;
            _filled -= _start;
            _start = 0;
        }

        if (_window.Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(count);
            _window.AsSpan(0, _filled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_window);
            _window = larger;
        }

        // After a seek a header is wanted and not 64 KiB; reading on without one, the reads grow again.
        var target = Math.Min(_window.Length, Math.Max(count, _nextRead));
        _nextRead = Math.Min(_nextRead * 2, LargestWindow);
        while (_filled < count)
        {
            _cancellation.ThrowIfCancellationRequested();
            var read = Read(target - _filled);
            if (read == 0)
                return;

            _filled += read;
            if (_windowStart + _filled > _limit)
                throw Error($"The dataset inflates to more than {_limit} bytes, which is the limit", Position);
        }
    }

    private int Read(int count)
    {
        // At the known end another read would only cost a system call.
        if (_windowStart + _filled >= End)
            return 0;

        try
        {
            return _stream.Read(_window, _filled, count);
        }
        catch (InvalidDataException e)
        {
            throw Error("The deflated dataset is broken", Position, e);
        }
    }

    private void SeekTo(long position)
    {
        _stream.Seek(position, SeekOrigin.Begin);
        _windowStart = position;
        _start = _filled = 0;
        _nextRead = SmallestRead;
    }

    private DateTime? _lastWrite;
    private long? _fileLength;

    private FileRange Stamped(long offset, long length) => new(Path!, offset, length)
    {
        DeflateStart = _deflateStart,
        FileLength = _fileLength ??= _file?.Length ?? new FileInfo(Path!).Length,
        LastWriteTimeUtc = _lastWrite ??= File.GetLastWriteTimeUtc(Path!),
    };
}
