using System.IO.Compression;
using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Serialization;

namespace DicomPS.Part10;

/// <summary>A DICOM file: meta information and a dataset (PS3.10 7).</summary>
public sealed class DicomFile
{
    /// <summary>A file to be saved, with the meta information that its dataset asks for.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How it will be spelt.</param>
    public DicomFile(DicomDataset dataset, TransferSyntax syntax)
        : this(FileMeta.For(dataset, syntax), dataset, syntax)
    {
    }

    /// <summary>A file to be saved, with meta information of one's own.</summary>
    /// <param name="meta">The meta information; its transfer syntax is replaced by the one given.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="syntax">How it will be spelt.</param>
    public DicomFile(FileMeta meta, DicomDataset dataset, TransferSyntax syntax)
    {
        TransferSyntax = syntax ?? throw new ArgumentNullException(nameof(syntax));
        Dataset = dataset ?? throw new ArgumentNullException(nameof(dataset));
        Meta = meta ?? throw new ArgumentNullException(nameof(meta));
    }

    /// <summary>The meta information as the file has it.</summary>
    public FileMeta Meta { get; }

    /// <summary>Group 0002 as the file has it, element by element; empty for a file that was not read.</summary>
    public DicomDataset MetaElements { get; private init; } = [];

    /// <summary>The dataset. Values above the threshold stay in the file, which must not change as long as they are used.</summary>
    public DicomDataset Dataset { get; }

    /// <summary>How the dataset is spelt: as the meta information says, unless the bytes contradict it.</summary>
    public TransferSyntax TransferSyntax { get; }

    /// <summary>Whether the file ended inside an element; only with <see cref="DatasetReaderOptions.AllowTruncated"/>.</summary>
    public bool IsTruncated { get; private init; }

    /// <summary>Bytes of the whole file when it was read; zero for one that was not.</summary>
    internal long Length { get; private init; }

    /// <summary>Reads a file. A missing preamble, missing meta information and much else that is met in the field is put up with.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How much is read, and what is put up with.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="DicomDataException">This is no DICOM file, or its bytes cannot be understood, or it is cut short.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Task<DicomFile> OpenAsync(string path, DatasetReaderOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        if (path is null)
            throw new ArgumentNullException(nameof(path));

        // Parsing pulls its bytes, and file systems do not wait asynchronously anyway: a pool thread does both.
        return Task.Run(() => Open(path, options ?? DatasetReaderOptions.Default, cancellationToken), cancellationToken);
    }

    /// <summary>Writes the file beside its place and then moves it there, so that no half file is ever seen under its name.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="cancellationToken">Stops writing; nothing stays behind.</param>
    /// <exception cref="InvalidOperationException">The dataset cannot be spelt in this transfer syntax.</exception>
    /// <exception cref="DicomDataException">A file that holds a value has changed since it was read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        var target = System.IO.Path.GetFullPath(path ?? throw new ArgumentNullException(nameof(path)));
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                var start = (Meta with { TransferSyntaxUid = TransferSyntax.Uid }).ToArray();
                await file.WriteAsync(start, cancellationToken).ConfigureAwait(false);
                await DatasetWriter.WriteAsync(Dataset, TransferSyntax, file, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            FileMoves.Replace(temporary, target);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Opens a file for reading from front to back.</summary>
    /// <exception cref="DicomDataException">It is no file but a pipe, a socket or a device: opening it could wait for ever.</exception>
    internal static FileStream OpenStream(string path) => FileKind.IsSpecial(path)
        ? throw new DicomDataException("This is no file but a pipe, a socket or a device", 0) { Path = path, Stage = DicomStage.File }
        : new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);

    /// <summary>Reads a file on the thread of the caller, which is as a rule one of the pool.</summary>
    internal static DicomFile Open(string path, DatasetReaderOptions options, CancellationToken cancellationToken)
    {
        using var source = StreamSource.OverFile(OpenStream(path), options.LargeValueThreshold, cancellationToken);
        var (meta, syntax) = FileStart.Read(source, out var group);
        if (syntax.IsDeflated)
        {
            using var inflated = OpenInflated(path, source.Position, options, cancellationToken);
            var whole = DatasetReader.Read(inflated, DatasetForm.Of(syntax), options, out var ended);
            return new DicomFile(meta, whole.Dataset, syntax)
            {
                MetaElements = group, Length = source.End,
                IsTruncated = ended == ParseOutcome.Truncated
            };
        }

        var (dataset, form, _) = DatasetReader.Read(source, DatasetForm.Of(syntax), options, out var outcome);
        var actual = form == DatasetForm.Of(syntax) || !syntax.IsUncompressed ? syntax : form.ToTransferSyntax();
        return new DicomFile(meta, dataset, actual)
        {
            MetaElements = group, Length = source.End,
            IsTruncated = outcome == ParseOutcome.Truncated
        };
    }

    /// <summary>The inflated dataset of a file; offsets in errors count from its first inflated byte.</summary>
    internal static StreamSource OpenInflated(string path, long offset, DatasetReaderOptions options, CancellationToken cancellationToken)
    {
        var file = OpenStream(path);
        file.Seek(offset, SeekOrigin.Begin);
        return StreamSource.OverInflated(
            new DeflateStream(file, CompressionMode.Decompress), System.IO.Path.GetFullPath(path), options.MaxInflatedLength,
            cancellationToken,
            options.LargeValueThreshold, offset);
    }
}
