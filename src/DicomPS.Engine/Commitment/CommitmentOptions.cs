using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Scp;

namespace DicomPS.Commitment;

/// <summary>How storage commitment is asked for.</summary>
public sealed record CommitmentOptions : JobOptions
{
    /// <summary>
    /// How long the report may take. Default 5 min; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Where the peer may call back with the report; requests that name the same port share the listener, which ends with the
    /// last of them. Null, the default, listens nowhere: the report has to come over the association of the request.
    /// </summary>
    public DicomServerOptions? Listener { get; init; }

    /// <summary>
    /// Whether a server of this process that runs anyway takes reports where the peer calls back, see
    /// <see cref="StorageCommitment.Take"/>. Default false.
    /// </summary>
    public bool IsServedElsewhere { get; init; }

    // A node that has not served is called once: who asks sits before it.
    internal override RetryPolicy Policy => base.Policy with { FirstRetries = 0 };
}

/// <summary>An instance that storage commitment is asked for.</summary>
/// <param name="SopClassUid">Its SOP class.</param>
/// <param name="SopInstanceUid">Its SOP instance UID.</param>
/// <param name="Path">Its file on this side, for the results; null when there is none.</param>
public sealed record CommitmentItem(string SopClassUid, string SopInstanceUid, string? Path = null)
{
    /// <summary>Whether both UIDs have the form of one, so that a peer will read the request.</summary>
    public bool IsValid => CommitmentMessages.IsUid(SopClassUid) && CommitmentMessages.IsUid(SopInstanceUid);
}

/// <summary>What became of the request for one instance.</summary>
public sealed record CommitmentResult
{
    /// <summary>Whether the peer reported that it has the instance for good.</summary>
    public required bool Committed { get; init; }

    /// <summary>
    /// Committed; Failed, as the peer reported; Unknown, when no report names it; NotRequested, when the request did not get through.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>SOP Instance UID.</summary>
    public required string SOPInstanceUID { get; init; }

    /// <summary>SOP Class UID.</summary>
    public required string SOPClassUID { get; init; }

    /// <summary>The file on this side, where it is known.</summary>
    public string? Path { get; init; }

    /// <summary>Why it is not committed; null when it is.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Failure Reason (0008,1197) as the peer sent it; otherwise null.</summary>
    public int? FailureReasonCode { get; init; }

    /// <summary>The request that it was part of.</summary>
    public required string TransactionUID { get; init; }

    /// <summary>Who was asked.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>The instance and its status, with the reason where it is not committed.</summary>
    public override string ToString() =>
        SafeText.Clean($"{Path ?? SOPInstanceUID}: {(FailureReason is null ? Status : $"{Status}, {FailureReason}")}");
}
