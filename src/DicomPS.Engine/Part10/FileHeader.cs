using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serialization;

namespace DicomPS.Part10;

/// <summary>What a list of files shows of each: who, what, and how large. What the file does not say is null.</summary>
public sealed record FileHeader
{
    /// <summary>Number of Frames, Rows and Columns are the last elements that it has (PS3.3 C.7.6.3).</summary>
    private static readonly DicomTag DefaultStop = new(Tags.Columns.Value + 1);

    /// <summary>The file, as it was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Date (0008,0020).</summary>
    public DateTime? StudyDate { get; init; }

    /// <summary>Modality (0008,0060).</summary>
    public string? Modality { get; init; }

    /// <summary>Study Description (0008,1030).</summary>
    public string? StudyDescription { get; init; }

    /// <summary>Series Description (0008,103E).</summary>
    public string? SeriesDescription { get; init; }

    /// <summary>Study Instance UID (0020,000D).</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E).</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018), or that of the meta information.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>The SOP class by name.</summary>
    public string? SOPClass { get; init; }

    /// <summary>SOP Class UID (0008,0016), or that of the meta information.</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>The transfer syntax by name.</summary>
    public string? TransferSyntax { get; init; }

    /// <summary>The transfer syntax, of the bytes when they contradict the meta information.</summary>
    public string? TransferSyntaxUID { get; init; }

    /// <summary>Rows (0028,0010).</summary>
    public int? Rows { get; init; }

    /// <summary>Columns (0028,0011).</summary>
    public int? Columns { get; init; }

    /// <summary>Number of Frames (0028,0008).</summary>
    public int? NumberOfFrames { get; init; }

    /// <summary>The length of the whole file.</summary>
    public long Bytes { get; init; }

    /// <summary>Reads the header of a file and stops before the pixels. That the rest is there is not checked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="throughTag">An element that is wanted as well, wherever it stands; the header ends with Columns (0028,0011) unless
    /// told.</param>
    /// <param name="elements">The elements that were read; of group 0002 too. Long values are left in the file.</param>
    /// <param name="isTruncated">Whether the file ends before its header does.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="DicomDataException">This is no DICOM file, or its bytes cannot be understood.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static FileHeader Read(
        string path, DicomTag? throughTag, out DicomDataset elements, out bool isTruncated, CancellationToken cancellationToken = default)
    {
        if (path is null)
            throw new ArgumentNullException(nameof(path));

        var stop = throughTag is { } last && last >= DefaultStop
            ? (last.Value == uint.MaxValue ? null : (DicomTag?)new DicomTag(last.Value + 1))
            : DefaultStop;
        var file = DicomFile.Open(path, new DatasetReaderOptions
        {
            StopAt = stop, AllowTruncated = true, MaxElements = 500_000,
            MaxInflatedLength = long.MaxValue
        }, cancellationToken);
        elements = file.Dataset;
        isTruncated = file.IsTruncated;
        var dataset = file.Dataset;
        var sopClass = dataset.GetString(Tags.SOPClassUID) ?? file.Meta.MediaStorageSopClassUid;
        var header = new FileHeader
        {
            Path = path,
            PatientName = dataset.GetText(Tags.PatientName),
            PatientID = dataset.GetText(Tags.PatientID),
            StudyDate = dataset.GetDate(Tags.StudyDate),
            Modality = dataset.GetText(Tags.Modality),
            StudyDescription = dataset.GetText(Tags.StudyDescription),
            SeriesDescription = dataset.GetText(Tags.SeriesDescription),
            StudyInstanceUID = dataset.GetString(Tags.StudyInstanceUID),
            SeriesInstanceUID = dataset.GetString(Tags.SeriesInstanceUID),
            SOPInstanceUID = dataset.GetString(Tags.SOPInstanceUID) ?? file.Meta.MediaStorageSopInstanceUid,
            SOPClass = sopClass is null ? null : DicomDictionary.NameOf(sopClass),
            SOPClassUID = sopClass,
            TransferSyntax = file.TransferSyntax.Name,
            TransferSyntaxUID = file.TransferSyntax.Uid,
            Rows = dataset.GetInt32(Tags.Rows),
            Columns = dataset.GetInt32(Tags.Columns),
            NumberOfFrames = dataset.GetInt32(Tags.NumberOfFrames),
            Bytes = file.Length,
        };
        foreach (var element in file.MetaElements)
            elements.Add(element);

        return header;
    }

    /// <summary>The file and what it is.</summary>
    public override string ToString() => SafeText.Clean($"{Path} ({SOPClass ?? "unknown SOP class"})");
}
