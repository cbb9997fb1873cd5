namespace DicomPS.Scu;

/// <summary>An instance that a notification tells of.</summary>
/// <param name="SeriesInstanceUid">Its series.</param>
/// <param name="SopClassUid">Its SOP class.</param>
/// <param name="SopInstanceUid">Its SOP instance UID.</param>
/// <param name="Availability">Instance Availability (0008,0056): ONLINE, NEARLINE, OFFLINE or UNAVAILABLE.</param>
/// <param name="RetrieveAETitle">Retrieve AE Title (0008,0054): the AE titles it can be retrieved from.</param>
public sealed record AvailableInstance(string SeriesInstanceUid, string SopClassUid, string SopInstanceUid, string Availability,
    IReadOnlyList<string> RetrieveAETitle);
