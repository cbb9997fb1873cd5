using DicomPS.Associations;

namespace DicomPS.Commitment;

/// <summary>Says of instances whether this side answers for them.</summary>
/// <param name="requester">The AE title that asks.</param>
/// <param name="instances">The instances.</param>
/// <param name="cancellationToken">Cancelled when the server stops.</param>
/// <returns>For each instance, in order, 0 when it is committed, otherwise a Failure Reason of <see cref="CommitmentReasons"/>.</returns>
public delegate Task<IReadOnlyList<ushort>> CommitmentHandler(string requester, IReadOnlyList<SopReference> instances,
    CancellationToken cancellationToken);

/// <summary>How storage commitment is answered and reported.</summary>
public sealed record CommitmentScpOptions
{
    /// <summary>
    /// How to call a requester that has released its association, by its AE title; null for one that is not known. Asked anew at each
    /// try. Null, the default, calls nobody: what cannot go over the association of the request is dropped.
    /// </summary>
    public Func<string, AssociationOptions?>? Requester { get; init; }

    /// <summary>
    /// A folder in which each request has a file until it is reported on, so that a report outlives the process; it must exist. Null,
    /// the default, keeps them in memory alone.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Whether N-ACTION is answered only once the disk itself has that file. Default false: it outlives the process being killed, but
    /// no power cut.
    /// </summary>
    public bool FlushToDisk { get; init; }

    /// <summary>How many instances a request may name, 1 or more. Default 100,000.</summary>
    public int MaximumInstances { get; init; } = 100_000;

    /// <summary>How many requests of one AE title may wait for their report, 1 or more. Default 64; of all titles together 1,024.</summary>
    public int MaximumTransactions { get; init; } = 64;

    /// <summary>How many instances all requests that wait for their report may name together, 1 or more. Default 500,000.</summary>
    public int MaximumOwedInstances { get; init; } = 500_000;

    /// <summary>
    /// How long after its request a report is tried over new associations; then it is dropped and told of as an event. At least once.
    /// Default 3 days.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(3);

    /// <summary>The wait before the second try; each further one waits twice as long, to 5 minutes. Default 5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the requester has to release its association, as most do at once, before the report goes over it. Default 0.5 s.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long the requester may take to answer the report. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
