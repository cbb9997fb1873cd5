using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Json;

/// <summary>A dataset that was read from JSON, with what a table shows of it.</summary>
public sealed record JsonInstance
{
    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Date (0008,0020).</summary>
    public DateTime? StudyDate { get; init; }

    /// <summary>Modality (0008,0060), or Modalities in Study (0008,0061).</summary>
    public string? Modality { get; init; }

    /// <summary>Study Description (0008,1030).</summary>
    public string? StudyDescription { get; init; }

    /// <summary>Series Description (0008,103E).</summary>
    public string? SeriesDescription { get; init; }

    /// <summary>Study Instance UID (0020,000D).</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Series Instance UID (0020,000E).</summary>
    public string? SeriesInstanceUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018).</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>The SOP class by name.</summary>
    public string? SOPClass { get; init; }

    /// <summary>SOP Class UID (0008,0016).</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>All elements.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>The row of a dataset.</summary>
    /// <param name="dataset">The dataset.</param>
    public static JsonInstance Of(DicomDataset dataset)
    {
        if (dataset is null)
            throw new ArgumentNullException(nameof(dataset));

        var sopClass = dataset.GetString(Tags.SOPClassUID);
        return new JsonInstance
        {
            PatientName = dataset.GetText(Tags.PatientName),
            PatientID = dataset.GetText(Tags.PatientID),
            StudyDate = dataset.GetDate(Tags.StudyDate),
            Modality = dataset.GetText(Tags.Modality) ?? dataset.GetText(Tags.ModalitiesInStudy),
            StudyDescription = dataset.GetText(Tags.StudyDescription),
            SeriesDescription = dataset.GetText(Tags.SeriesDescription),
            StudyInstanceUID = dataset.GetString(Tags.StudyInstanceUID),
            SeriesInstanceUID = dataset.GetString(Tags.SeriesInstanceUID),
            SOPInstanceUID = dataset.GetString(Tags.SOPInstanceUID),
            SOPClass = sopClass is null ? null : DicomDictionary.NameOf(sopClass),
            SOPClassUID = sopClass,
            Dataset = dataset,
        };
    }

    /// <summary>Whose it is, what, and how many elements.</summary>
    public override string ToString() =>
        SafeText.Clean(
            string.Join(", ", new[] { PatientName, SOPClass ?? Modality, Dataset.ToString() }.Where(part => !string.IsNullOrEmpty(part))));
}
