using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Part10;

/// <summary>What sending a file needs to know about it.</summary>
public sealed record ProbedFile
{
    /// <summary>The file, as it was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>The SOP class, from the dataset, or from the meta information when the dataset has none.</summary>
    public required string SopClassUid { get; init; }

    /// <summary>The SOP instance, from the dataset, or from the meta information when the dataset has none.</summary>
    public required string SopInstanceUid { get; init; }

    /// <summary>How the bytes are spelt, which is not always what the meta information says.</summary>
    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>Where the dataset begins, in bytes from the start of the file.</summary>
    public required long DatasetOffset { get; init; }

    /// <summary>Bytes of the dataset as they are in the file, without what some tool appended.</summary>
    public required long DatasetLength { get; init; }

    /// <summary>Whether a value or a fragment of odd length was met: the dataset is padded when it is sent (PS3.5 7.1.1).</summary>
    internal bool HasOddValues { get; init; }

    /// <summary>The first elements.</summary>
    public required DicomDataset Header { get; init; }
}

/// <summary>Reads the start of a file and checks that the rest is there, without reading pixels.</summary>
public static class DicomFileProbe
{
    private const int MaxDepth = 1000;

    /// <summary>Through the series: what presentation contexts, layouts and messages need.</summary>
    private static readonly DicomTag DefaultStop = new(Tags.SeriesInstanceUID.Value + 1);

    /// <summary>Reads a file up to a tag, then steps over the rest to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stopAt">The first tag that <see cref="ProbedFile.Header"/> no longer has; after Series Instance UID (0020,000E)
    /// unless told.</param>
    /// <param name="wanted">Which elements <see cref="ProbedFile.Header"/> has; all up to <paramref name="stopAt"/> unless told.</param>
    /// <exception cref="DicomDataException">This is no DICOM file, or it is cut short, or it cannot be understood.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static ProbedFile Read(string path, DicomTag? stopAt = null, Func<DicomTag, bool>? wanted = null)
    {
        if (path is null)
            throw new ArgumentNullException(nameof(path));

        // A deflated dataset may inflate to any length: it is stepped over, and no long value is kept.
        var options = new DatasetReaderOptions
        {
            StopAt = stopAt ?? DefaultStop,
            MaxDepth = MaxDepth,
            MaxElements = DatasetReaderOptions.MostProbedElements,
            MaxInflatedLength = long.MaxValue,
            Wanted = wanted,
        };
        using var source = StreamSource.OverFile(DicomFile.OpenStream(path), options.LargeValueThreshold);
        var (meta, claimed) = FileStart.Read(source);
        var offset = source.Position;
        DicomDataset header;
        TransferSyntax syntax;
        long length;
        var isOdd = false;
        if (claimed.IsDeflated)
        {
            using var inflated = DicomFile.OpenInflated(path, offset, options, default);
            (header, syntax) = ReadHeader(inflated, claimed, options, out _, out _);
            length = source.End - offset;
        }
        else
        {
            (header, syntax) = ReadHeader(source, claimed, options, out var end, out isOdd);
            length = end - offset;
        }

        return new ProbedFile
        {
            Path = path,
            SopClassUid = Required(header, Tags.SOPClassUID, meta.MediaStorageSopClassUid, source, offset),
            SopInstanceUid = Required(header, Tags.SOPInstanceUID, meta.MediaStorageSopInstanceUid, source, offset),
            TransferSyntax = syntax,
            DatasetOffset = offset,
            DatasetLength = length,
            HasOddValues = isOdd,
            Header = header,
        };
    }

    private static (DicomDataset Header, TransferSyntax Syntax) ReadHeader(
        ByteSource source, TransferSyntax claimed, DatasetReaderOptions options, out long end, out bool isOdd)
    {
        var start = source.Position;
        (var header, var form, isOdd) = DatasetReader.Read(source, DatasetForm.Of(claimed), options, out var outcome);
        var syntax = claimed;
        if (form != DatasetForm.Of(claimed) && claimed.IsKnown)
        {
            // Sent under a name that its bytes contradict, the dataset would be unreadable to the receiver.
            syntax = claimed.IsUncompressed && !claimed.IsDeflated
                ? form.ToTransferSyntax()
                : throw new DicomDataException($"The file says {claimed.Name}, and its dataset is {form.ToTransferSyntax().Name}", start)
                {
                    Path = source.Path,
                    Stage = DicomStage.File,
                    Advice =
                        "Whoever wrote the file put a wrong transfer syntax into its header: have it exported again, or corrected there.",
                };
        }

        end = outcome == ParseOutcome.ReachedStop
            ? DatasetWalker.SkipToEnd(source, form, options.MaxDepth, ref isOdd, syntax, IsImage(header)) : source.Position;
        return (header, syntax);
    }

    private static bool IsImage(DicomDataset header) =>
        DicomDictionary.NameOf(header.GetString(Tags.SOPClassUID) ?? "").IndexOf("Image Storage", StringComparison.Ordinal) >= 0;

    private static string Required(DicomDataset header, DicomTag tag, string? fromMeta, ByteSource source, long offset) =>
        header.GetString(tag) ?? fromMeta
        ?? throw source.Error($"The file has no {DicomDictionary.KeywordOf(tag)}, neither in its dataset nor in its meta information",
            offset);
}
