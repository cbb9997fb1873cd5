using DicomPS.Associations;

namespace DicomPS.Transfers.Store;

/// <summary>A study to add.</summary>
internal sealed record NewItem
{
    /// <summary>The parameters that <see cref="Value"/> has the values of.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["study_uid", "patient_id", "patient_name", "study_date", "accession_number",
        "modalities", "description", "expected_instances", "priority"];

    public required string StudyUid { get; init; }

    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    /// <summary>As ISO text: a date, or date and time.</summary>
    public string? StudyDate { get; init; }

    public string? AccessionNumber { get; init; }

    public string? Modalities { get; init; }

    public string? Description { get; init; }

    public long? Instances { get; init; }

    public long Priority { get; init; }

    /// <summary>Whether the destination was seen to lack some of it.</summary>
    public bool Lacks { get; init; }

    public object? Value(int column) => column switch
    {
        0 => StudyUid,
        1 => PatientId,
        2 => PatientName,
        3 => StudyDate,
        4 => AccessionNumber,
        5 => Modalities,
        6 => Description,
        7 => Instances,
        _ => Priority,
    };
}

/// <summary>A study that is in a transfer, and came again with another patient.</summary>
/// <param name="StudyUid">The study.</param>
/// <param name="Known">The Patient ID that the transfer has.</param>
/// <param name="Given">The one that came.</param>
internal sealed record OtherPatient(string StudyUid, string Known, string Given);

/// <summary>A node with its limits and its breaker.</summary>
internal sealed record NodeRow
{
    public required long Id { get; init; }

    public required DicomNode Node { get; init; }

    public required long Throttle { get; init; }

    public long? PerHour { get; init; }

    public long? BytesPerSecond { get; init; }

    /// <summary>How a worker has instances of it: Get, or Move to its own port.</summary>
    public string RetrieveBy { get; init; } = "Get";

    public string? Windows { get; init; }

    public string? TimeZone { get; init; }

    public long OpenFrom { get; init; }

    public long OpenUntil { get; init; }

    public long Failures { get; init; }

    public long? HeldSince { get; init; }

    public string? HeldWhy { get; init; }

    public long? NextProbe { get; init; }

    /// <summary>The database's clock.</summary>
    public long Now { get; init; }

    /// <summary>How many associations are open to it, or about to be.</summary>
    public long Taken { get; init; }
}

/// <summary>A transfer.</summary>
internal sealed record TransferRow
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required NodeRow Source { get; init; }

    public required NodeRow Destination { get; init; }

    public required string Method { get; init; }

    public required string Verify { get; init; }

    /// <summary>Of a hundred instances of a study, how many are got back from both sides, one at least.</summary>
    public long VerifySample { get; init; }

    public TimeSpan VerifyDelay { get; init; }

    /// <summary>Active, Suspended or Stopped.</summary>
    public required string State { get; init; }

    public DateTime Created { get; init; }

    public string CreatedBy { get; init; } = "";

    public long Links { get; init; }

    public string LastHash { get; init; } = "";
}

/// <summary>A study of a transfer.</summary>
internal sealed record ItemRow
{
    public required long Id { get; init; }

    public required string StudyUid { get; init; }

    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    public string? StudyDate { get; init; }

    public string? AccessionNumber { get; init; }

    public string? Modalities { get; init; }

    public string? Description { get; init; }

    public long? ExpectedInstances { get; init; }

    public long? SourceInstances { get; init; }

    public long? DestinationInstances { get; init; }

    public long Priority { get; init; }

    public required string State { get; init; }

    /// <summary>When it is due; null at once, or never.</summary>
    public DateTime? Due { get; init; }

    public long Attempts { get; init; }

    public long Tries { get; init; }

    public long? Worker { get; init; }

    public DateTime Added { get; init; }

    public DateTime? Started { get; init; }

    public DateTime? Transferred { get; init; }

    public DateTime? Finished { get; init; }

    public long? Bytes { get; init; }

    public string? ErrorKind { get; init; }

    public string? Error { get; init; }
}

/// <summary>What came of a try, as it is written down.</summary>
internal abstract record Outcome
{
    /// <summary>What the item is now.</summary>
    public required string State { get; init; }

    /// <summary>The kind of the failure; null without one.</summary>
    public string? Kind { get; init; }

    public string? Status { get; init; }

    public long? StatusCode { get; init; }

    public long? Completed { get; init; }

    public long? Failed { get; init; }

    public long? Warning { get; init; }

    public long? Bytes { get; init; }

    public long? SourceInstances { get; init; }

    public long? DestinationInstances { get; init; }

    public string? Error { get; init; }
}

/// <summary>A try that has ended.</summary>
internal sealed record AttemptRow : Outcome
{
    public long Link { get; init; }

    public required long Item { get; init; }

    public required string StudyUid { get; init; }

    public required long Number { get; init; }

    /// <summary>Move, Forward or Verify; Ask where both sides were found alike and nothing was moved.</summary>
    public required string Phase { get; init; }

    public required long Worker { get; init; }

    public long Started { get; init; }

    public long Finished { get; init; }

    public string Hash { get; init; } = "";
}

/// <summary>What the two sides do not have alike.</summary>
internal sealed record DifferenceRow
{
    public long Id { get; init; }

    public long? Item { get; init; }

    public required string StudyUid { get; init; }

    public string? SeriesUid { get; init; }

    public string? InstanceUid { get; init; }

    /// <summary>Missing, Extra, Partial, Offline, Different, NotCommitted or Unknown.</summary>
    public required string Kind { get; init; }

    /// <summary>The keywords of what differs, parted by commas.</summary>
    public string? Attributes { get; init; }

    public string? SourceValue { get; init; }

    public string? DestinationValue { get; init; }

    public DateTime Found { get; init; }
}

/// <summary>How many studies of a transfer are in each state.</summary>
internal sealed record TransferCounts
{
    public long Waiting { get; init; }

    public long Running { get; init; }

    public long Transferred { get; init; }

    public long Done { get; init; }

    public long Differs { get; init; }

    public long Failed { get; init; }

    public long Skipped { get; init; }

    public long Cancelled { get; init; }

    public long All => Waiting + Running + Transferred + Done + Differs + Failed + Skipped + Cancelled;

    /// <summary>What is not at its end.</summary>
    public long Left => Waiting + Running + Transferred;
}

/// <summary>A study that a worker has.</summary>
internal sealed record ClaimedItem
{
    /// <summary>The kind of a failure: the source has fewer instances than the list said.</summary>
    public const string FewerThanListed = "FewerThanListed";

    public required long Id { get; init; }

    public required long Transfer { get; init; }

    public required string StudyUid { get; init; }

    public string? PatientId { get; init; }

    /// <summary>The number of this try; with <see cref="Id"/> and the worker the proof that it is ours.</summary>
    public required long Attempt { get; init; }

    public long Tries { get; init; }

    public long Checks { get; init; }

    public long? ExpectedInstances { get; init; }

    public long? DestinationInstances { get; init; }

    /// <summary>Move, Forward or Verify.</summary>
    public required string Phase { get; init; }

    /// <summary>Whether this transfer moved it, or tried to; for what is to be verified.</summary>
    public bool WasMoved { get; init; }

    /// <summary>Whether it tries a node that is held.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Whether it is verified before its time: the destination may not have indexed it yet.</summary>
    public bool IsEarly { get; init; }

    /// <summary>Whether more instances were listed than there are; false where either is not known.</summary>
    /// <param name="instances">How many there are.</param>
    public bool IsMoreThan(long? instances) => ExpectedInstances > instances;
}

/// <summary>The slots of a worker's lane: one of the source and one of the destination.</summary>
/// <param name="Source">The source.</param>
/// <param name="SourceNumber">Its slot.</param>
/// <param name="Destination">The destination.</param>
/// <param name="DestinationNumber">Its slot.</param>
internal sealed record Slots(long Source, long SourceNumber, long Destination, long DestinationNumber);

/// <summary>What a lane has.</summary>
/// <param name="Item">The study, until its end is written down; null for none.</param>
/// <param name="Slots">The slots; null for none.</param>
internal sealed record Holding(ClaimedItem? Item, Slots? Slots);

/// <summary>How a try ended, and what follows.</summary>
internal sealed record AttemptEnd : Outcome
{
    /// <summary>When it is due again; null at once, or never.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether it lost a try.</summary>
    public bool LosesTry { get; init; }

    /// <summary>How often it was verified and not found alike.</summary>
    public long Checks { get; init; }

    /// <summary>Whether something was moved, now or by a try before.</summary>
    public bool IsMoved { get; init; }

    /// <summary>Whether both sides were alike already, and nothing was sent now.</summary>
    public bool IsFound { get; init; }

    /// <summary>The node that the failure names; null for none.</summary>
    public long? Blamed { get; init; }

    /// <summary>What the time was spent on; it is kept nowhere.</summary>
    public SideTimes Times { get; init; }

    /// <summary>What went over the wire, also of a try that failed; it is kept nowhere.</summary>
    public SideBytes Load { get; init; }

    /// <summary>Whether both nodes have served.</summary>
    public bool Served { get; init; }

    public IReadOnlyList<DifferenceRow> Differences { get; init; } = [];

    /// <summary>With texts that every database keeps as they are, so that the chain has what the table has.</summary>
    public AttemptEnd Storable() => this with
    {
        Kind = StoreText.Short(Kind),
        Status = StoreText.Short(Status),
        Error = StoreText.Short(Error),
    };
}

/// <summary>What was moved in the last hour.</summary>
/// <param name="Studies">How many studies.</param>
/// <param name="Bytes">How many bytes; null where nobody told them.</param>
/// <param name="From">When the first of these was begun.</param>
/// <param name="Until">When the last of these ended.</param>
/// <param name="Now">The database's clock.</param>
internal sealed record TransferRate(long Studies, long? Bytes, long? From, long? Until, long Now)
{
    /// <summary>The hours that they took; null when there were none.</summary>
    public double? Hours => From is { } from && Until is { } until
        ? Math.Max(1, until - Math.Max(from, Now - 3_600_000)) / 3_600_000.0 : null;
}

/// <summary>A worker that has not ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Host">The machine.</param>
/// <param name="Process">The process.</param>
/// <param name="User">Who runs it.</param>
/// <param name="Started">When it began.</param>
/// <param name="Silent">How long ago it gave a sign of life.</param>
/// <param name="Running">How many studies it has.</param>
internal sealed record WorkerRow(long Id, string Host, long Process, string User, DateTime Started, TimeSpan Silent, long Running);
