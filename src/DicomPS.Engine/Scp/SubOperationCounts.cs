namespace DicomPS.Scp;

/// <summary>
/// What a handler itself says of how far a C-MOVE or C-GET is, such as one that passes the request on to another server (PS3.7 9.1.3.1,
/// 9.1.4.1). A count that is null is the one that was counted here.
/// </summary>
/// <param name="Completed">Sub-operations that completed.</param>
/// <param name="Failed">Sub-operations that failed.</param>
/// <param name="Warning">Sub-operations that completed with warnings.</param>
public sealed record SubOperationCounts(int? Completed = null, int? Failed = null, int? Warning = null)
{
    /// <summary>
    /// Sub-operations that remain. What is counted here from now on is taken off it. It is told in a pending and in a cancel response
    /// alone (PS3.4 C.4.2.1.6). Null, the default, is what is known here.
    /// </summary>
    public int? Remaining { get; init; }

    /// <summary>The SOP Instance UIDs that failed, beside those that failed here. Default none.</summary>
    public IReadOnlyList<string> FailedSopInstanceUids { get; init; } = [];

    /// <summary>Whether the counts are only taken over, and no pending response tells them. Default false.</summary>
    public bool IsSilent { get; init; }
}
