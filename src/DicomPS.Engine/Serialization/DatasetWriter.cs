using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>
/// Writes datasets (PS3.5 7), strictly: even lengths, defined lengths unless told otherwise, no retired group lengths.
/// Between the uncompressed transfer syntaxes words are turned around on the way.
/// </summary>
public static class DatasetWriter
{
    // A multiple of every word size, so that no word is cut in two.
    private const int ChunkSize = 64 * 1024;

    /// <summary>Writes a dataset. Values that were left in a file are copied from there.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How to spell it.</param>
    /// <param name="output">Where to.</param>
    /// <param name="options">The choices that the standard leaves.</param>
    /// <exception cref="InvalidOperationException">The dataset cannot be spelt that way; nothing has been written.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    public static void Write(DicomDataset dataset, TransferSyntax syntax, IBufferWriter<byte> output, DatasetWriterOptions? options = null)
    {
        Check(dataset, syntax, output);
        var plan = WritePlan.Create(dataset, syntax, options);
        if (!syntax.IsDeflated)
        {
            WriteParts(plan, syntax, output);
            return;
        }

        var inflated = new ArrayBufferWriter<byte>(checked((int)Math.Max(plan.TotalLength, 1)));
        WriteParts(plan, syntax, inflated);
        using var deflated = new MemoryStream();
        using (var deflating = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            deflating.Write(inflated.WrittenSpan);

        if ((deflated.Length & 1) != 0)
            deflated.WriteByte(0);

        output.Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
    }

    /// <summary>Writes a dataset into an array.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How to spell it.</param>
    /// <param name="options">The choices that the standard leaves.</param>
    /// <exception cref="InvalidOperationException">The dataset cannot be spelt that way.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    public static byte[] ToArray(DicomDataset dataset, TransferSyntax syntax, DatasetWriterOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(dataset, syntax, output, options);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Writes a dataset into a stream. Values that were left in a file pass through in pieces, so that memory stays bounded.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How to spell it.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="cancellationToken">Stops writing, leaving what has been written.</param>
    public static Task WriteAsync(DicomDataset dataset, TransferSyntax syntax, Stream output, CancellationToken cancellationToken) =>
        WriteAsync(dataset, syntax, output, null, cancellationToken);

    /// <summary>
    /// Writes a dataset into a stream. Values that were left in a file pass through in pieces, so that memory stays bounded.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How to spell it.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="options">The choices that the standard leaves.</param>
    /// <param name="cancellationToken">Stops writing, leaving what has been written.</param>
    /// <exception cref="InvalidOperationException">The dataset cannot be spelt that way; nothing has been written.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    public static Task WriteAsync(
        DicomDataset dataset, TransferSyntax syntax, Stream output, DatasetWriterOptions? options, CancellationToken cancellationToken)
    {
        Check(dataset, syntax, output);
        return WriteAsync(WritePlan.Create(dataset, syntax, options), syntax, output, cancellationToken);
    }

    /// <summary>Writes what was planned before.</summary>
    internal static async Task WriteAsync(WritePlan plan, TransferSyntax syntax, Stream output, CancellationToken cancellationToken)
    {
        if (!syntax.IsDeflated)
        {
            await WritePartsAsync(plan, syntax, output, cancellationToken).ConfigureAwait(false);
            return;
        }

        var counting = new CountingStream(output);
        var deflating = new DeflateStream(counting, CompressionLevel.Optimal, leaveOpen: true);
        await using (deflating.ConfigureAwait(false))
            await WritePartsAsync(plan, syntax, deflating, cancellationToken).ConfigureAwait(false);

        if ((counting.Count & 1) != 0)
        {
            // PS3.5 A.5: one byte makes the deflated dataset even.
            await output.WriteAsync(new byte[1], cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Check(DicomDataset dataset, TransferSyntax syntax, object output)
    {
        if (dataset is null)
            throw new ArgumentNullException(nameof(dataset));

        if (syntax is null)
            throw new ArgumentNullException(nameof(syntax));

        if (output is null)
            throw new ArgumentNullException(nameof(output));
    }

    private static void WriteParts(WritePlan plan, TransferSyntax syntax, IBufferWriter<byte> output)
    {
        foreach (var part in plan.Parts)
        {
            WriteHeader(part, syntax, output);
            if (part.Payload.IsInMemory)
            {
                WriteMemory(part, output);
            }
            else
            {
                using var stream = part.Payload.OpenRead();
                for (var left = part.Payload.Length; left > 0;)
                {
                    var chunk = output.GetSpan(ChunkSize).Slice(0, (int)Math.Min(left, ChunkSize));
                    for (var filled = 0; filled < chunk.Length;)
                    {
                        var read = stream.Read(chunk.Slice(filled));
                        filled += read > 0 ? read : throw CutShort(part.Payload);
                    }

                    ByteOrder.Reverse(chunk, part.Swap);
                    output.Advance(chunk.Length);
                    left -= chunk.Length;
                }
            }

            WritePadding(part, output);
        }
    }

    private static async Task WritePartsAsync(WritePlan plan, TransferSyntax syntax, Stream output, CancellationToken cancellationToken)
    {
        var staging = new ArrayBufferWriter<byte>(ChunkSize);
        byte[]? buffer = null;
        try
        {
            foreach (var part in plan.Parts)
            {
                WriteHeader(part, syntax, staging);
                if (part.Payload.IsInMemory && part.Payload.Length <= ChunkSize)
                {
                    WriteMemory(part, staging);
                }
                else
                {
                    await FlushAsync(staging, output, cancellationToken).ConfigureAwait(false);
                    buffer ??= ArrayPool<byte>.Shared.Rent(ChunkSize);
                    await CopyAsync(part, buffer, output, cancellationToken).ConfigureAwait(false);
                }

                WritePadding(part, staging);
                if (staging.WrittenCount >= ChunkSize)
                    await FlushAsync(staging, output, cancellationToken).ConfigureAwait(false);
            }

            await FlushAsync(staging, output, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CopyAsync(WritePart part, byte[] buffer, Stream output, CancellationToken cancellationToken)
    {
        var stream = part.Payload.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            for (var left = part.Payload.Length; left > 0;)
            {
                var size = (int)Math.Min(left, ChunkSize);
                for (var filled = 0; filled < size;)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(filled, size - filled), cancellationToken).ConfigureAwait(false);
                    filled += read > 0 ? read : throw CutShort(part.Payload);
                }

                ByteOrder.Reverse(buffer.AsSpan(0, size), part.Swap);
                await output.WriteAsync(buffer.AsMemory(0, size), cancellationToken).ConfigureAwait(false);
                left -= size;
            }
        }
    }

    private static async Task FlushAsync(ArrayBufferWriter<byte> staging, Stream output, CancellationToken cancellationToken)
    {
        if (staging.WrittenCount > 0)
        {
            await output.WriteAsync(staging.WrittenMemory, cancellationToken).ConfigureAwait(false);
            staging.ResetWrittenCount();
        }
    }

    private static void WriteHeader(WritePart part, TransferSyntax syntax, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(ElementHeader.MaxSize);
        WriteUInt16(span, part.Tag.Group, syntax.IsBigEndian);
        WriteUInt16(span.Slice(2), part.Tag.Element, syntax.IsBigEndian);
        if (!syntax.IsExplicitVr || part.Vr == Vr.None)
        {
            WriteUInt32(span.Slice(4), part.Length, syntax.IsBigEndian);
            output.Advance(8);
            return;
        }

        span[4] = (byte)((ushort)part.Vr >> 8);
        span[5] = (byte)part.Vr;
        if (part.Vr.HasLongLength())
        {
            span[6] = span[7] = 0;
            WriteUInt32(span.Slice(8), part.Length, syntax.IsBigEndian);
            output.Advance(12);
        }
        else
        {
            WriteUInt16(span.Slice(6), (ushort)part.Length, syntax.IsBigEndian);
            output.Advance(8);
        }
    }

    private static void WriteMemory(WritePart part, IBufferWriter<byte> output)
    {
        var bytes = part.Payload.Memory.Span;
        while (!bytes.IsEmpty)
        {
            var size = Math.Min(bytes.Length, ChunkSize);
            var span = output.GetSpan(size).Slice(0, size);
            bytes.Slice(0, size).CopyTo(span);
            ByteOrder.Reverse(span, part.Swap);
            output.Advance(size);
            bytes = bytes.Slice(size);
        }
    }

    private static void WritePadding(WritePart part, IBufferWriter<byte> output)
    {
        if ((part.Payload.Length & 1) != 0)
        {
            output.GetSpan(1)[0] = part.Padding;
            output.Advance(1);
        }
    }

    private static void WriteUInt16(Span<byte> target, ushort value, bool bigEndian)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(target, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(target, value);
    }

    private static void WriteUInt32(Span<byte> target, uint value, bool bigEndian)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(target, value);
    }

    private static DicomDataException CutShort(DicomBytes payload) =>
        new("The file has become shorter since its dataset was read", payload.Range?.Offset ?? 0)
        {
            Path = payload.Range?.Path,
            Stage = DicomStage.File
        };
}
