using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Scu;

/// <summary>What a performed procedure step must have (PS3.4 table F.7.2-1).</summary>
internal static class ProcedureStepRules
{
    // Type 1 at N-CREATE.
    private static readonly DicomTag[] AtStart =
    [
        Tags.PerformedProcedureStepID, Tags.PerformedStationAETitle, Tags.PerformedProcedureStepStartDate,
        Tags.PerformedProcedureStepStartTime, Tags.PerformedProcedureStepStatus, Tags.Modality,
    ];

    // N-SET must not change who the patient is, nor what was scheduled.
    private static readonly HashSet<DicomTag> Settled =
    [
        Tags.ScheduledStepAttributesSequence, Tags.PatientName, Tags.PatientID, Tags.IssuerOfPatientID,
        Tags.IssuerOfPatientIDQualifiersSequence, Tags.OtherPatientIDsSequence, Tags.PatientBirthDate, Tags.PatientSex,
        Tags.ReferencedPatientSequence, Tags.AdmissionID, Tags.PerformedProcedureStepID, Tags.PerformedStationAETitle,
        Tags.PerformedStationName, Tags.PerformedLocation, Tags.PerformedProcedureStepStartDate, Tags.PerformedProcedureStepStartTime,
        Tags.Modality, Tags.StudyID,
    ];

    /// <summary>The first attribute that a step lacks when it begins; null when all are there.</summary>
    /// <param name="step">The Attribute List of N-CREATE.</param>
    public static DicomTag? MissingAtStart(DicomDataset step)
    {
        var scheduled = step.GetItems(Tags.ScheduledStepAttributesSequence);
        if (scheduled.Count == 0)
            return Tags.ScheduledStepAttributesSequence;
        if (scheduled.Any(item => Lacks(item, Tags.StudyInstanceUID)))
            return Tags.StudyInstanceUID;
        return First(step, AtStart);
    }

    /// <summary>The first attribute that a step lacks when it ends; null when all are there.</summary>
    /// <param name="step">The step as it is then.</param>
    public static DicomTag? MissingAtEnd(DicomDataset step)
    {
        if (First(step, Tags.PerformedProcedureStepEndDate, Tags.PerformedProcedureStepEndTime) is { } missing)
            return missing;
        // Note 2: a series must be there, though it may have no images.
        var series = step.GetItems(Tags.PerformedSeriesSequence);
        return series.Count == 0 ? Tags.PerformedSeriesSequence
            : series.Select(item => First(item, Tags.SeriesInstanceUID, Tags.ProtocolName)).FirstOrDefault(tag => tag is { });
    }

    /// <summary>Whether N-SET may change an attribute.</summary>
    /// <param name="tag">The attribute.</param>
    public static bool MayChange(DicomTag tag) => !Settled.Contains(tag);

    private static DicomTag? First(DicomDataset dataset, params DicomTag[] tags)
    {
        foreach (var tag in tags)
        {
            if (Lacks(dataset, tag))
                return tag;
        }

        return null;
    }

    private static bool Lacks(DicomDataset dataset, DicomTag tag) => string.IsNullOrWhiteSpace(dataset.GetString(tag));
}
