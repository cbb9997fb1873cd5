using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>Turns the identifiers of responses into objects.</summary>
internal static class QueryResults
{
    private static readonly DicomDataset?[] Whole = [null];

    /// <summary>
    /// What of one response becomes an object each: the steps of a worklist item, otherwise the whole, which is null here.
    /// </summary>
    /// <param name="level">What was asked for.</param>
    /// <param name="answer">The identifier of the response.</param>
    public static IReadOnlyList<DicomDataset?> Parts(QueryLevel level, DicomDataset answer) =>
        level == QueryLevel.Worklist && answer.GetItems(Tags.ScheduledProcedureStepSequence) is { Count: > 0 } steps ? [.. steps] : Whole;

    /// <summary>The object of one part of a response.</summary>
    /// <param name="level">What was asked for.</param>
    /// <param name="answer">The identifier of the response.</param>
    /// <param name="part">The step, or null.</param>
    /// <param name="asked">The identifier of the request: a unique key above the level that has one value there is the answer's
    /// too.</param>
    /// <param name="node">Who answered.</param>
    /// <param name="model">The model of another service, or null.</param>
    public static QueryResult One(QueryLevel level, DicomDataset answer, DicomDataset? part, DicomDataset asked,
        DicomNode? node, ObjectModel? model = null) => level switch
        {
            QueryLevel.Object => Object(answer, asked, node, model!),
            QueryLevel.Patient => Patient(answer, node),
            QueryLevel.Study => Study(answer, node),
            QueryLevel.Series => Series(answer, asked, node),
            QueryLevel.Worklist => Step(answer, part ?? [], node),
            _ => Instance(answer, asked, node),
        };

    /// <summary>What makes an object the same as another.</summary>
    public static string? IdentityOf(QueryResult result) => result switch
    {
        Patient patient => patient.PatientID is { } id ? $"{id}\\{patient.IssuerOfPatientID}" : null,
        Study study => study.StudyInstanceUID,
        Series series => series.SeriesInstanceUID,
        Instance instance => instance.SOPInstanceUID,
        ServiceObject other => other.Identifier is { } key ? $"{key}\\{other.Name}\\{other.Date:O}" : null,
        WorklistItem { ProcedureStepID: { } step } item =>
            string.Join("\\", item.StudyInstanceUID, item.RequestedProcedureID, step, item.StationAETitle),
        _ => null,
    };

    // Fewer than none is no number: what is not told is not taken for one.
    private static int? Count(DicomDataset answer, DicomTag tag) => answer.GetInt32(tag) is { } count and >= 0 ? count : null;

    private static Patient Patient(DicomDataset answer, DicomNode? node) => new()
    {
        PatientName = answer.GetText(Tags.PatientName),
        PatientID = answer.GetText(Tags.PatientID),
        IssuerOfPatientID = answer.GetText(Tags.IssuerOfPatientID),
        PatientBirthDate = answer.GetDate(Tags.PatientBirthDate),
        PatientSex = answer.GetText(Tags.PatientSex),
        Studies = Count(answer, Tags.NumberOfPatientRelatedStudies),
        Series = Count(answer, Tags.NumberOfPatientRelatedSeries),
        Instances = Count(answer, Tags.NumberOfPatientRelatedInstances),
        RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
        Availability = answer.GetText(Tags.InstanceAvailability),
        Node = node,
        Dataset = answer,
    };

    private static Study Study(DicomDataset answer, DicomNode? node) => new()
    {
        PatientName = answer.GetText(Tags.PatientName),
        PatientID = answer.GetText(Tags.PatientID),
        PatientBirthDate = answer.GetDate(Tags.PatientBirthDate),
        PatientSex = answer.GetText(Tags.PatientSex),
        StudyDate = answer.GetDateTime(Tags.StudyDate, Tags.StudyTime),
        AccessionNumber = answer.GetText(Tags.AccessionNumber),
        Modalities = answer.GetText(Tags.ModalitiesInStudy),
        StudyDescription = answer.GetText(Tags.StudyDescription),
        ReferringPhysician = answer.GetText(Tags.ReferringPhysicianName),
        StudyID = answer.GetText(Tags.StudyID),
        Series = Count(answer, Tags.NumberOfStudyRelatedSeries),
        Instances = Count(answer, Tags.NumberOfStudyRelatedInstances),
        StudyInstanceUID = answer.GetText(Tags.StudyInstanceUID),
        RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
        Availability = answer.GetText(Tags.InstanceAvailability),
        Node = node,
        Dataset = answer,
    };

    private static Series Series(DicomDataset answer, DicomDataset asked, DicomNode? node) => new()
    {
        Modality = answer.GetText(Tags.Modality),
        SeriesNumber = answer.GetInt32(Tags.SeriesNumber),
        SeriesDate = answer.GetDateTime(Tags.SeriesDate, Tags.SeriesTime),
        SeriesDescription = answer.GetText(Tags.SeriesDescription),
        BodyPartExamined = answer.GetText(Tags.BodyPartExamined),
        ProtocolName = answer.GetText(Tags.ProtocolName),
        Instances = Count(answer, Tags.NumberOfSeriesRelatedInstances),
        PatientID = ReturnedOrAsked(answer, asked, Tags.PatientID),
        StudyInstanceUID = ReturnedOrAsked(answer, asked, Tags.StudyInstanceUID),
        SeriesInstanceUID = answer.GetText(Tags.SeriesInstanceUID),
        RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
        Availability = answer.GetText(Tags.InstanceAvailability),
        Node = node,
        Dataset = answer,
    };

    private static Instance Instance(DicomDataset answer, DicomDataset asked, DicomNode? node)
    {
        var sopClass = answer.GetText(Tags.SOPClassUID);
        return new()
        {
            InstanceNumber = answer.GetInt32(Tags.InstanceNumber),
            SOPClass = sopClass is null ? null : DicomDictionary.NameOf(sopClass),
            ContentDate = answer.GetDateTime(Tags.ContentDate, Tags.ContentTime),
            Rows = answer.GetInt32(Tags.Rows),
            Columns = answer.GetInt32(Tags.Columns),
            NumberOfFrames = answer.GetInt32(Tags.NumberOfFrames),
            PatientID = ReturnedOrAsked(answer, asked, Tags.PatientID),
            StudyInstanceUID = ReturnedOrAsked(answer, asked, Tags.StudyInstanceUID),
            SeriesInstanceUID = ReturnedOrAsked(answer, asked, Tags.SeriesInstanceUID),
            SOPClassUID = sopClass,
            SOPInstanceUID = answer.GetText(Tags.SOPInstanceUID),
            RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
            Availability = answer.GetText(Tags.InstanceAvailability),
            Node = node,
            Dataset = answer,
        };
    }

    private static ServiceObject Object(DicomDataset answer, DicomDataset asked, DicomNode? node, ObjectModel model)
    {
        var sopClass = answer.GetText(Tags.SOPClassUID);
        return new()
        {
            Service = $"{model.Service}",
            Model = model.Name,
            Name = answer.GetText(model.NameKey),
            Description = model.DescriptionKey is { } described ? answer.GetText(described) : null,
            Date = model.MomentKey is { } moment ? answer.GetDateTime(moment) : null,
            Identifier = ReturnedOrAsked(answer, asked, model.UniqueKey),
            PatientID = model.HasPatient ? ReturnedOrAsked(answer, asked, Tags.PatientID) : null,
            SOPClass = sopClass is null ? null : DicomDictionary.NameOf(sopClass),
            SOPClassUID = sopClass,
            SOPInstanceUID = model.StorageClasses.Count > 0 ? ReturnedOrAsked(answer, asked, Tags.SOPInstanceUID) : null,
            RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
            Availability = answer.GetText(Tags.InstanceAvailability),
            Node = node,
            Dataset = answer,
        };
    }

    private static WorklistItem Step(DicomDataset answer, DicomDataset step, DicomNode? node) => new()
    {
        ScheduledDate = step.GetDateTime(Tags.ScheduledProcedureStepStartDate, Tags.ScheduledProcedureStepStartTime),
        Modality = step.GetText(Tags.Modality),
        StationAETitle = step.GetText(Tags.ScheduledStationAETitle),
        StationName = step.GetText(Tags.ScheduledStationName),
        PerformingPhysician = step.GetText(Tags.ScheduledPerformingPhysicianName),
        ProcedureStepDescription = step.GetText(Tags.ScheduledProcedureStepDescription),
        ProcedureStepID = step.GetText(Tags.ScheduledProcedureStepID),
        ProcedureStepLocation = step.GetText(Tags.ScheduledProcedureStepLocation),
        ProcedureStepStatus = step.GetText(Tags.ScheduledProcedureStepStatus),
        PatientName = answer.GetText(Tags.PatientName),
        PatientID = answer.GetText(Tags.PatientID),
        PatientBirthDate = answer.GetDate(Tags.PatientBirthDate),
        PatientSex = answer.GetText(Tags.PatientSex),
        AccessionNumber = answer.GetText(Tags.AccessionNumber),
        RequestedProcedureID = answer.GetText(Tags.RequestedProcedureID),
        RequestedProcedureDescription = answer.GetText(Tags.RequestedProcedureDescription),
        RequestedProcedurePriority = answer.GetText(Tags.RequestedProcedurePriority),
        ReferringPhysician = answer.GetText(Tags.ReferringPhysicianName),
        StudyInstanceUID = answer.GetText(Tags.StudyInstanceUID),
        RetrieveAETitle = answer.GetText(Tags.RetrieveAETitle),
        Availability = answer.GetText(Tags.InstanceAvailability),
        Node = node,
        Dataset = answer,
    };

    // An answer matches the one value that was asked for, whether the peer repeats it or not (PS3.4 C.4.1.1.3.2).
    private static string? ReturnedOrAsked(DicomDataset answer, DicomDataset asked, DicomTag tag) =>
        answer.GetText(tag) ?? (asked.GetStrings(tag) is [var one] && one.IndexOfAny(['*', '?']) < 0 && one.Length > 0 ? one : null);
}
