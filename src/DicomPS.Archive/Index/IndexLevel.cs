namespace DicomPS.Archiving;

/// <summary>The levels of the information model, from the outside in (PS3.4 C.6).</summary>
public enum IndexLevel
{
    /// <summary>Patients.</summary>
    Patient,
    /// <summary>Studies.</summary>
    Study,
    /// <summary>Series.</summary>
    Series,
    /// <summary>Composite instances; the level that a query calls IMAGE.</summary>
    Image,
}

/// <summary>The information models of query and retrieve (PS3.4 C.6).</summary>
public enum InformationModel
{
    /// <summary>Patient Root (PS3.4 C.6.1).</summary>
    PatientRoot,
    /// <summary>Study Root (PS3.4 C.6.2): the study carries the patient's attributes.</summary>
    StudyRoot,
    /// <summary>Patient/Study Only (PS3.4 C.6.3), retired.</summary>
    PatientStudyOnly,
    /// <summary>
    /// Composite Instance Root and Composite Instance Retrieve Without Bulk Data (PS3.4 Y, Z): instances by their UID alone, for
    /// retrieval.
    /// </summary>
    CompositeInstance,
}
