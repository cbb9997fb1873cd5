using System.IO.Compression;
using System.Runtime.InteropServices;
using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>What a prefix of a dataset held.</summary>
/// <param name="Dataset">The elements that were whole, copied out of the prefix.</param>
/// <param name="ReachedStop">Whether the tag to stop at was met, so that more bytes would add nothing.</param>
internal readonly record struct PrefixResult(DicomDataset Dataset, bool ReachedStop);

/// <summary>Reads datasets (PS3.5 7). Lenient with what is met in the field, bounded in what it allocates.</summary>
public static class DatasetReader
{
    private const int MostInflatedPrefix = 1024 * 1024;

    /// <summary>Reads a dataset that is in memory. Its values refer to that memory and do not copy it.</summary>
    /// <param name="bytes">The dataset, without any meta information.</param>
    /// <param name="syntax">How it is spelt; when the first element contradicts it, what the element shows.</param>
    /// <param name="options">How much is read, and what is put up with.</param>
    /// <exception cref="DicomDataException">The bytes cannot be understood, or end too early.</exception>
    public static DicomDataset Read(ReadOnlyMemory<byte> bytes, TransferSyntax syntax, DatasetReaderOptions? options = null)
    {
        if (syntax is null)
            throw new ArgumentNullException(nameof(syntax));

        options ??= DatasetReaderOptions.Default;
        using ByteSource source = syntax.IsDeflated
            ? StreamSource.OverInflated(Inflate(bytes), null, options.MaxInflatedLength)
            : new MemorySource(bytes);
        return Read(source, DatasetForm.Of(syntax), options, out _).Dataset;
    }

    /// <summary>
    /// Reads the elements that are whole in the first bytes of a dataset, up to a tag. Running out of bytes is no error:
    /// call again with more when the tag was not reached.
    /// </summary>
    /// <param name="prefix">The first bytes; what is kept of them is copied.</param>
    /// <param name="syntax">How the dataset is spelt.</param>
    /// <param name="stopAt">Reading stops before the first element whose tag is this or a later one.</param>
    /// <exception cref="DicomDataException">The bytes cannot be understood, whatever might follow.</exception>
    internal static PrefixResult ReadPrefix(ReadOnlyMemory<byte> prefix, TransferSyntax syntax, DicomTag stopAt)
    {
        if (syntax is null)
            throw new ArgumentNullException(nameof(syntax));

        var available = syntax.IsDeflated ? InflatePrefix(prefix) : prefix;
        var source = new MemorySource(available, isPrefix: true);
        var form = DatasetForm.Detect(source.Peek(DatasetForm.BytesToDetect), DatasetForm.Of(syntax));
        var parser = new DatasetParser(source, form, DatasetReaderOptions.Default with { StopAt = stopAt });
        var outcome = parser.Run();
        return new PrefixResult(parser.ToDataset(keepPartial: false), outcome == ParseOutcome.ReachedStop);
    }

    /// <summary>Reads from a source that stands at the start of a dataset.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="claimed">The form that the transfer syntax has.</param>
    /// <param name="options">How much is read, and what is put up with.</param>
    /// <param name="outcome">How reading ended.</param>
    internal static (DicomDataset Dataset, DatasetForm Form, bool HasOddValues) Read(
        ByteSource source, DatasetForm claimed, DatasetReaderOptions options, out ParseOutcome outcome)
    {
        var form = DatasetForm.Detect(source.Peek(DatasetForm.BytesToDetect), claimed);
        var parser = new DatasetParser(source, form, options);
        outcome = parser.Run();
        if (outcome == ParseOutcome.Truncated && !options.AllowTruncated)
            throw source.Error("The data end inside an element", parser.TruncatedAt);

        return (parser.ToDataset(keepPartial: true), form, parser.HasOddValues);
    }

    private static DeflateStream Inflate(ReadOnlyMemory<byte> bytes) => new(
        MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false),
        CompressionMode.Decompress);

    /// <summary>What the start of a deflate stream gives; that it breaks off is expected.</summary>
    private static ReadOnlyMemory<byte> InflatePrefix(ReadOnlyMemory<byte> prefix)
    {
        using var inflating = Inflate(prefix);
        var bytes = new byte[Math.Min(Math.Max(4L * prefix.Length, 4096), MostInflatedPrefix)];
        var filled = 0;
        try
        {
            int read;
            while (filled < bytes.Length && (read = inflating.Read(bytes, filled, bytes.Length - filled)) > 0)
                filled += read;
        }
        catch (InvalidDataException)
        {
            // Broken or only cut: the elements before it tell, and the whole dataset is checked elsewhere.
        }

        return new ReadOnlyMemory<byte>(bytes, 0, filled);
    }
}
