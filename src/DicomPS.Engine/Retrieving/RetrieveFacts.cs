namespace DicomPS.Retrieving;

/// <summary>What is known of a retrieve when it has ended: what the peer said, and what was seen here.</summary>
internal sealed record RetrieveFacts
{
    /// <summary>How the instances were fetched.</summary>
    public RetrieveMethod Method { get; init; }

    /// <summary>The AE title that they were to go to; null for C-GET.</summary>
    public string? Destination { get; init; }

    /// <summary>Whether the peer has sent others there before, in the same run, so that it knows and reaches it.</summary>
    internal bool HasSentThere { get; init; }

    /// <summary>The status of the final response; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>Number of Remaining Sub-operations, from the last response that had it.</summary>
    public int? Remaining { get; init; }

    /// <summary>Number of Completed Sub-operations, from the last response that had it.</summary>
    public int? Completed { get; init; }

    /// <summary>Number of Failed Sub-operations, from the last response that had it.</summary>
    public int? Failed { get; init; }

    /// <summary>Number of Warning Sub-operations, from the last response that had it.</summary>
    public int? Warning { get; init; }

    /// <summary>How many sub-operations the pending responses announced at the most, done and to be done; null when none said.</summary>
    public int? Announced { get; init; }

    /// <summary>
    /// Whether what was announced grew although nothing had been done in between, so that it cannot all be counts of instances.
    /// </summary>
    public bool Wavers { get; init; }

    /// <summary>Whether the counts are those of the last pending response, because the final one has none.</summary>
    public bool OnlyPending { get; init; }

    /// <summary>How many instances were asked for by their UID; null where only the peer knows how many there are.</summary>
    public int? Asked { get; init; }

    /// <summary>How many UIDs Failed SOP Instance UID List (0008,0058) had.</summary>
    public int FailedUids { get; init; }

    /// <summary>Whether this side stopped it.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>What broke it, or null.</summary>
    public DicomException? Exception { get; init; }

    /// <summary>What arrived; null when the instances went elsewhere.</summary>
    public RetrieveArrivals? Arrived { get; init; }
}

/// <summary>A verdict and what to do about it.</summary>
/// <param name="Verdict">What the retrieve came to.</param>
/// <param name="Advice">What to know or do, or null.</param>
internal sealed record RetrieveJudgement(RetrieveVerdict Verdict, string? Advice);
