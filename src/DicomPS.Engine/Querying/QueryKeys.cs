using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>
/// The keys of each level: what is returned, what every peer must know, which time it has (PS3.4 C.6, K.6).
/// </summary>
internal static class QueryKeys
{
    /// <summary>The date and the time that a window of a level is about; none for patients.</summary>
    public static (DicomTag Date, DicomTag Time)? TimeOf(QueryLevel level) => level switch
    {
        QueryLevel.Study => (Tags.StudyDate, Tags.StudyTime),
        QueryLevel.Series => (Tags.SeriesDate, Tags.SeriesTime),
        QueryLevel.Image => (Tags.ContentDate, Tags.ContentTime),
        QueryLevel.Worklist => (Tags.ScheduledProcedureStepStartDate, Tags.ScheduledProcedureStepStartTime),
        _ => null,
    };

    /// <summary>The key that holds the modality at a level; none for patients and instances.</summary>
    public static DicomTag? ModalityOf(QueryLevel level) => level switch
    {
        QueryLevel.Study => Tags.ModalitiesInStudy,
        QueryLevel.Series or QueryLevel.Worklist => Tags.Modality,
        _ => null,
    };

    /// <summary>What is asked to be returned, in the step of a worklist or beside it.</summary>
    public static DicomTag[] Returned(QueryRequest request) => request.Level switch
    {
        QueryLevel.Object => [.. request.Object!.Keys],
        QueryLevel.Patient => PatientReturned,
        QueryLevel.Study => StudyReturned,
        QueryLevel.Series => SeriesReturned,
        QueryLevel.Image => InstanceReturned,
        _ => WorklistReturned,
    };

    /// <summary>What every peer has to know at a level: the keys of type U and R, and what the answer may always carry.</summary>
    public static DicomTag[] Required(QueryRequest request) => request.Level switch
    {
        QueryLevel.Object => [request.Object!.UniqueKey, request.Object.NameKey],
        QueryLevel.Patient => [Tags.PatientName, Tags.PatientID],
        QueryLevel.Study => [Tags.StudyDate, Tags.StudyTime, Tags.AccessionNumber, Tags.PatientName, Tags.PatientID, Tags.StudyID,
            Tags.StudyInstanceUID],
        QueryLevel.Series => [Tags.Modality, Tags.SeriesNumber, Tags.SeriesInstanceUID],
        QueryLevel.Image => [Tags.InstanceNumber, Tags.SOPInstanceUID],
        _ => [Tags.PatientName, Tags.PatientID, Tags.AccessionNumber, Tags.StudyInstanceUID, Tags.RequestedProcedureID],
    };

    /// <summary>What is asked to be returned of a scheduled procedure step.</summary>
    public static DicomTag[] StepReturned { get; } =
    [
        Tags.Modality, Tags.ScheduledStationAETitle, Tags.ScheduledProcedureStepStartDate, Tags.ScheduledProcedureStepStartTime,
        Tags.ScheduledPerformingPhysicianName, Tags.ScheduledProcedureStepDescription, Tags.ScheduledProcedureStepID,
        Tags.ScheduledStationName, Tags.ScheduledProcedureStepLocation, Tags.ScheduledProcedureStepStatus,
    ];

    /// <summary>What every worklist has to know of a step.</summary>
    public static DicomTag[] StepRequired { get; } =
    [
        Tags.Modality, Tags.ScheduledStationAETitle, Tags.ScheduledProcedureStepStartDate, Tags.ScheduledProcedureStepStartTime,
        Tags.ScheduledPerformingPhysicianName, Tags.ScheduledProcedureStepDescription, Tags.ScheduledProcedureStepID,
    ];

    /// <summary>The Defined Terms of Modality (PS3.3 C.7.3.1.1.1) under which peers hold studies.</summary>
    public static string[] Modalities { get; } =
    [
        "CT", "MR", "US", "CR", "DX", "MG", "NM", "PT", "XA", "RF", "OT", "SC", "SR", "PR", "KO", "RTIMAGE", "RTSTRUCT", "RTPLAN", "RTDOSE",
        "RTRECORD", "SEG", "REG", "DOC", "ECG", "EPS", "HD", "IO", "PX", "ES", "GM", "SM", "XC", "OP", "OPT", "OPV", "OPM", "OAM",
        "OCT", "IVUS",
        "IVOCT", "BI", "BMD", "AR", "AU", "DG", "EEG", "EMG", "EOG", "FID", "KER", "LEN", "LS", "M3D", "PLAN", "POS", "RESP", "RG",
        "RWV", "SMR",
        "SRF", "STAIN", "TEXTUREMAP", "TG", "VA", "ASMT", "ANN", "CFM", "CTPROTOCOL", "DMS", "OPTBSV", "OPTENF", "OSS", "PA", "RTINTENT",
        "RTRAD", "RTSEGANN", "XAPROTOCOL", "HC", "CD", "DD", "DF", "DM", "DS", "FA", "MA", "MS", "OPR", "ST", "VF",
    ];

    private static DicomTag[] PatientReturned { get; } =
    [
        Tags.RetrieveAETitle, Tags.InstanceAvailability, Tags.PatientName, Tags.PatientID, Tags.IssuerOfPatientID, Tags.PatientBirthDate,
        Tags.PatientSex, Tags.NumberOfPatientRelatedStudies, Tags.NumberOfPatientRelatedSeries, Tags.NumberOfPatientRelatedInstances,
    ];

    private static DicomTag[] StudyReturned { get; } =
    [
        Tags.StudyDate, Tags.StudyTime, Tags.AccessionNumber, Tags.RetrieveAETitle, Tags.InstanceAvailability, Tags.ModalitiesInStudy,
        Tags.ReferringPhysicianName, Tags.StudyDescription, Tags.PatientName, Tags.PatientID, Tags.PatientBirthDate, Tags.PatientSex,
        Tags.StudyInstanceUID, Tags.StudyID, Tags.NumberOfStudyRelatedSeries, Tags.NumberOfStudyRelatedInstances,
    ];

    private static DicomTag[] SeriesReturned { get; } =
    [
        Tags.SeriesDate, Tags.SeriesTime, Tags.RetrieveAETitle, Tags.InstanceAvailability, Tags.Modality, Tags.SeriesDescription,
        Tags.BodyPartExamined, Tags.ProtocolName, Tags.SeriesInstanceUID, Tags.SeriesNumber, Tags.NumberOfSeriesRelatedInstances,
    ];

    private static DicomTag[] InstanceReturned { get; } =
    [
        Tags.SOPClassUID, Tags.SOPInstanceUID, Tags.ContentDate, Tags.ContentTime, Tags.RetrieveAETitle, Tags.InstanceAvailability,
        Tags.InstanceNumber, Tags.NumberOfFrames, Tags.Rows, Tags.Columns,
    ];

    private static DicomTag[] WorklistReturned { get; } =
    [
        Tags.AccessionNumber, Tags.ReferringPhysicianName, Tags.PatientName, Tags.PatientID, Tags.PatientBirthDate, Tags.PatientSex,
        Tags.StudyInstanceUID, Tags.RequestedProcedureDescription, Tags.RequestedProcedureID, Tags.RequestedProcedurePriority,
    ];
}
