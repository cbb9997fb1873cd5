namespace DicomPS.Matching;

/// <summary>The information models of query and retrieve (PS3.4 C.6, Y, Z).</summary>
public enum InformationModel
{
    /// <summary>Patient Root (PS3.4 C.6.1): patient, study, series, instance.</summary>
    PatientRoot,
    /// <summary>Study Root (PS3.4 C.6.2): study, series, instance; the study carries the patient's attributes.</summary>
    StudyRoot,
    /// <summary>Patient/Study Only (PS3.4 C.6.3); retired, and met with old peers.</summary>
    PatientStudyOnly,
    /// <summary>Composite Instance Root (PS3.4 Y): instances by nothing but their UID, for retrieval.</summary>
    CompositeInstanceRoot,
    /// <summary>Composite Instance Retrieve Without Bulk Data (PS3.4 Z): the same without pixels; C-GET only.</summary>
    WithoutBulkData,
}

/// <summary>The names of the information models.</summary>
internal static class InformationModels
{
    /// <summary>The model in the words of the standard, such as Study Root.</summary>
    /// <param name="model">The model.</param>
    public static string NameOf(InformationModel model) => model switch
    {
        InformationModel.PatientRoot => "Patient Root",
        InformationModel.StudyRoot => "Study Root",
        InformationModel.PatientStudyOnly => "Patient/Study Only",
        InformationModel.CompositeInstanceRoot => "Composite Instance Root",
        _ => "Composite Instance Retrieve Without Bulk Data",
    };
}
