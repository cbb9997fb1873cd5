using DicomPS.Matching;

namespace DicomPS.Retrieving;

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

    /// <summary>The model of another service, whose objects have SOP Instance UIDs and nothing above them; null for images.</summary>
    public ObjectModel? Object { get; init; }

    /// <summary>The model; null lets the keys decide.</summary>
    public InformationModel? Model { get; init; }

    /// <summary>The level; null takes the deepest level that there is a key for.</summary>
    public QueryLevel? Level { get; init; }

    /// <summary>SOP classes that the instances are known to be of, so that C-GET proposes them first; may be empty.</summary>
    public IReadOnlyList<string> SOPClassUID { get; init; } = [];
}
