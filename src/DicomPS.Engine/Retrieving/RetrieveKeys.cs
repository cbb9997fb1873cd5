namespace DicomPS.Retrieving;

/// <summary>The information model of a C-MOVE or C-GET (PS3.4 C.6, Y, Z).</summary>
public enum RetrieveModel
{
    /// <summary>Patient, study, series, instance.</summary>
    PatientRoot,
    /// <summary>Study, series, instance.</summary>
    StudyRoot,
    /// <summary>Patient and study; retired, and known to old peers only.</summary>
    PatientStudyOnly,
    /// <summary>Instances by nothing but their UID (PS3.4 Y).</summary>
    CompositeInstanceRoot,
    /// <summary>Instances by their UID without pixels and other bulk data (PS3.4 Z); C-GET only.</summary>
    WithoutBulkData,
}

/// <summary>The level of a C-MOVE or C-GET: Query/Retrieve Level (0008,0052).</summary>
public enum RetrieveLevel
{
    /// <summary>Everything of a patient.</summary>
    Patient,
    /// <summary>Whole studies.</summary>
    Study,
    /// <summary>Whole series.</summary>
    Series,
    /// <summary>Single instances.</summary>
    Image,
}

/// <summary>
/// What is to be retrieved, as the caller knows it. Model and level follow from which keys are there; see
/// <see cref="RetrieveTarget.For"/>.
/// </summary>
public sealed record RetrieveKeys
{
    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Instance UID (0020,000D); several only at the level STUDY.</summary>
    public IReadOnlyList<string> StudyInstanceUID { get; init; } = [];

    /// <summary>Series Instance UID (0020,000E); several only at the level SERIES.</summary>
    public IReadOnlyList<string> SeriesInstanceUID { get; init; } = [];

    /// <summary>SOP Instance UID (0008,0018), one or several.</summary>
    public IReadOnlyList<string> SOPInstanceUID { get; init; } = [];

    /// <summary>The model; null lets the keys decide.</summary>
    public RetrieveModel? Model { get; init; }

    /// <summary>The level; null takes the deepest level that there is a key for.</summary>
    public RetrieveLevel? Level { get; init; }

    /// <summary>SOP classes that the instances are known to be of, so that C-GET proposes them first; may be empty.</summary>
    public IReadOnlyList<string> SOPClassUID { get; init; } = [];
}
