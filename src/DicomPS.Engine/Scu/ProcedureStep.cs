using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Scu;

/// <summary>
/// A performed procedure step (MPPS) as it was sent or got, and what the peer said of it. What is not known is null; several values are
/// one text with backslashes between them.
/// </summary>
public sealed record ProcedureStep
{
    /// <summary>The SOP instance UID of the step.</summary>
    public required string SOPInstanceUID { get; init; }

    /// <summary>
    /// Performed Procedure Step Status (0040,0252): IN PROGRESS, COMPLETED or DISCONTINUED; null where the peer did not take what was sent.
    /// </summary>
    public string? PerformedProcedureStepStatus { get; init; }

    /// <summary>Modality (0008,0060).</summary>
    public string? Modality { get; init; }

    /// <summary>Performed Station AE Title (0040,0241).</summary>
    public string? PerformedStationAETitle { get; init; }

    /// <summary>Performed Procedure Step Start Date and Time (0040,0244 and 0040,0245), as the clock on the wall showed them.</summary>
    public DateTime? PerformedStartDate { get; init; }

    /// <summary>Performed Procedure Step End Date and Time (0040,0250 and 0040,0251), as the clock on the wall showed them.</summary>
    public DateTime? PerformedEndDate { get; init; }

    /// <summary>Patient's Name (0010,0010).</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Accession Number (0008,0050) of what is performed.</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Scheduled Procedure Step ID (0040,0009) of what is performed.</summary>
    public string? ProcedureStepID { get; init; }

    /// <summary>Performed Procedure Step ID (0040,0253).</summary>
    public string? PerformedProcedureStepID { get; init; }

    /// <summary>How many series Performed Series Sequence (0040,0340) has.</summary>
    public int? Series { get; init; }

    /// <summary>How many instances they have.</summary>
    public int? Instances { get; init; }

    /// <summary>Study Instance UID (0020,000D) of what is performed.</summary>
    public string? StudyInstanceUID { get; init; }

    /// <summary>Whether the peer took it: status Success or Warning.</summary>
    public bool Success { get; init; }

    /// <summary>The status by name; NotSent when it never went out, Unknown when no answer came.</summary>
    public required string Status { get; init; }

    /// <summary>The status (0000,0900) of the answer; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>Error Comment (0000,0902) of the answer; null where it has none.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The node.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>What was sent, or the step as it was got. No property, because a cell of Export-Csv has no room for it.</summary>
    public DicomDataset? GetDataset() => Dataset;

    internal DicomDataset? Dataset { get; init; }

    /// <summary>The step in words.</summary>
    public override string ToString() => SafeText.Clean($"{SOPInstanceUID}: {PerformedProcedureStepStatus ?? Status}");

    /// <summary>The step with what a dataset says of it.</summary>
    /// <param name="dataset">The step, or a change of it; what it does not say stays as it is.</param>
    internal ProcedureStep With(DicomDataset dataset)
    {
        var hasSeries = dataset.Contains(Tags.PerformedSeriesSequence);
        var series = dataset.GetItems(Tags.PerformedSeriesSequence);
        return this with
        {
            Dataset = dataset,
            PerformedProcedureStepStatus = dataset.GetString(Tags.PerformedProcedureStepStatus) ?? PerformedProcedureStepStatus,
            Modality = dataset.GetString(Tags.Modality) ?? Modality,
            PerformedStationAETitle = dataset.GetString(Tags.PerformedStationAETitle) ?? PerformedStationAETitle,
            PerformedStartDate = dataset.GetDateTime(Tags.PerformedProcedureStepStartDate, Tags.PerformedProcedureStepStartTime)
                ?? PerformedStartDate,
            PerformedEndDate = dataset.GetDateTime(Tags.PerformedProcedureStepEndDate, Tags.PerformedProcedureStepEndTime)
                ?? PerformedEndDate,
            PatientName = dataset.GetString(Tags.PatientName) ?? PatientName,
            PatientID = dataset.GetString(Tags.PatientID) ?? PatientID,
            AccessionNumber = Scheduled(dataset, Tags.AccessionNumber) ?? AccessionNumber,
            ProcedureStepID = Scheduled(dataset, Tags.ScheduledProcedureStepID) ?? ProcedureStepID,
            PerformedProcedureStepID = dataset.GetString(Tags.PerformedProcedureStepID) ?? PerformedProcedureStepID,
            StudyInstanceUID = Scheduled(dataset, Tags.StudyInstanceUID) ?? StudyInstanceUID,
            Series = hasSeries ? series.Count : Series,
            Instances = hasSeries ? series.Sum(ProcedureStepSeries.CountOf) : Instances,
        };
    }

    private static string? Scheduled(DicomDataset dataset, DicomTag tag)
    {
        var values = dataset.GetItems(Tags.ScheduledStepAttributesSequence).Select(item => item.GetString(tag)).OfType<string>()
            .Distinct().ToList();
        return values.Count == 0 ? null : string.Join("\\", values);
    }
}
