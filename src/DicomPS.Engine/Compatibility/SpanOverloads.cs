// Overloads for spans and memory that netstandard2.0 lacks, under the names and with the meaning of newer runtimes.
#if !NET8_0_OR_GREATER
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace DicomPS.Compatibility;

internal static class SpanOverloads
{
    extension(BitConverter)
    {
        public static unsafe float Int32BitsToSingle(int value) => *(float*)&value;

        public static unsafe int SingleToInt32Bits(float value) => *(int*)&value;
    }

    public static unsafe string GetString(this Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return string.Empty;

        fixed (byte* start = bytes)
            return encoding.GetString(start, bytes.Length);
    }

    public static unsafe int GetBytes(this Encoding encoding, ReadOnlySpan<char> chars, Span<byte> bytes)
    {
        if (chars.IsEmpty)
            return 0;

        fixed (char* from = chars)
        fixed (byte* to = bytes)
            return encoding.GetBytes(from, chars.Length, to, bytes.Length);
    }

    public static int Read(this Stream stream, Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var read = stream.Read(rented, 0, buffer.Length);
            rented.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public static void Write(this Stream stream, ReadOnlySpan<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            buffer.CopyTo(rented);
            stream.Write(rented, 0, buffer.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public static ValueTask<int> ReadAsync(this Stream stream, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        return MemoryMarshal.TryGetArray<byte>(buffer, out var segment)
            ? new ValueTask<int>(stream.ReadAsync(segment.Array!, segment.Offset, segment.Count, cancellationToken))
            : new ValueTask<int>(ReadThroughCopy(stream, buffer, cancellationToken));

        static async Task<int> ReadThroughCopy(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var copy = new byte[buffer.Length];
            var read = await stream.ReadAsync(copy, 0, copy.Length, cancellationToken).ConfigureAwait(false);
            copy.AsSpan(0, read).CopyTo(buffer.Span);
            return read;
        }
    }

    public static ValueTask WriteAsync(this Stream stream, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (MemoryMarshal.TryGetArray(buffer, out var segment))
            return new ValueTask(stream.WriteAsync(segment.Array!, segment.Offset, segment.Count, cancellationToken));

        var copy = buffer.ToArray();
        return new ValueTask(stream.WriteAsync(copy, 0, copy.Length, cancellationToken));
    }

    public static ValueTask DisposeAsync(this Stream stream)
    {
        stream.Dispose();
        return default;
    }

    /// <summary>For <c>await using</c>: streams have no asynchronous disposal there.</summary>
    public static StreamDisposal ConfigureAwait(this Stream stream, bool continueOnCapturedContext)
    {
        _ = continueOnCapturedContext;
        return new StreamDisposal(stream);
    }

    public readonly struct StreamDisposal(Stream stream)
    {
        public ValueTask DisposeAsync()
        {
            stream.Dispose();
            return default;
        }
    }

    public static bool Contains(this string text, char value) => text.IndexOf(value) >= 0;

    public static bool StartsWith(this string text, char value) => text.Length > 0 && text[0] == value;

    public static bool EndsWith(this string text, char value) => text.Length > 0 && text[text.Length - 1] == value;

    public static bool TryAdd<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key, TValue value)
        where TKey : notnull
    {
        if (dictionary.ContainsKey(key))
            return false;

        dictionary.Add(key, value);
        return true;
    }
}
#endif
