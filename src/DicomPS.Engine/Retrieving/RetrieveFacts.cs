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

/// <summary>What arrived here.</summary>
/// <param name="Stored">Instances that lie in their place, each counted once.</param>
/// <param name="Kept">Instances that were here before, refused as duplicates.</param>
/// <param name="NotStored">Instances that came and could not be stored.</param>
internal sealed record RetrieveArrivals(int Stored, int Kept = 0, int NotStored = 0)
{
    /// <summary>How often an instance came again in the last try, which a peer counts as further ones.</summary>
    public int Repeated { get; init; }

    /// <summary>How many of those stored came from an address that is not the peer's, and did not name the request.</summary>
    public int Elsewhere { get; init; }

    /// <summary>The addresses that these came from, in words; null without any.</summary>
    public string? ElsewhereFrom { get; init; }

    /// <summary>How many of those stored came once more with other bytes.</summary>
    public int Changed { get; init; }

    /// <summary>Instances that were not asked for and were set aside.</summary>
    public int Aside { get; init; }

    /// <summary>What the first of them belongs to, in words.</summary>
    public string? AsideOf { get; init; }

    /// <summary>How many of those stored, of what was asked for by Patient ID, carry another one.</summary>
    public int OtherPatients { get; init; }

    /// <summary>The first of these Patient IDs.</summary>
    public string? OtherPatient { get; init; }

    /// <summary>How many of those not stored came broken and were set aside.</summary>
    public int Broken { get; init; }

    /// <summary>What is wrong with the last of them.</summary>
    public string? WhyBroken { get; init; }

    /// <summary>The port that was listened on; 0 for C-GET.</summary>
    public int Port { get; init; }

    /// <summary>The associations that were open on it while the request ran; null for C-GET.</summary>
    public long? Associations { get; init; }

    /// <summary>The last thing that went wrong on this side, or null.</summary>
    public string? LastError { get; init; }
}

/// <summary>A verdict and what to do about it.</summary>
/// <param name="Verdict">What the retrieve came to.</param>
/// <param name="Advice">What to know or do, or null.</param>
internal sealed record RetrieveJudgement(RetrieveVerdict Verdict, string? Advice);
