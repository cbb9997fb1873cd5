namespace DicomPS.Archiving.Index;

/// <summary>A study, as far as its files lie inside the folder of the archive.</summary>
/// <param name="StudyInstanceUid">Study Instance UID (0020,000D).</param>
/// <param name="PatientId">Patient ID (0010,0020), or null.</param>
/// <param name="LastArrival">When the index last took in an instance of it, UTC.</param>
/// <param name="Instances">How many instances it has.</param>
/// <param name="Bytes">The bytes of their files.</param>
public sealed record StoredStudy(string StudyInstanceUid, string? PatientId, DateTime LastArrival, long Instances, long Bytes)
{
    /// <summary>Its row: two patients may have a study of one UID.</summary>
    internal long Row { get; init; }
}
