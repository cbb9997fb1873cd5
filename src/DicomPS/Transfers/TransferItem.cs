namespace DicomPS.Transfers;

/// <summary>A study of a transfer.</summary>
public sealed record TransferItem
{
    /// <summary>Waiting, Running, Transferred, Done, Differs, Failed, Skipped or Cancelled.</summary>
    public required string State { get; init; }

    /// <summary>Study Instance UID (0020,000D).</summary>
    public required string StudyInstanceUID { get; init; }

    /// <summary>Patient's Name (0010,0010), as it was added.</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient ID (0010,0020), as it was added.</summary>
    public string? PatientID { get; init; }

    /// <summary>Study Date and Time as ISO text, as they were added.</summary>
    public string? StudyDate { get; init; }

    /// <summary>Accession Number (0008,0050), as it was added.</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Modalities in Study (0008,0061), as they were added.</summary>
    public string? Modalities { get; init; }

    /// <summary>Study Description (0008,1030), as it was added.</summary>
    public string? StudyDescription { get; init; }

    /// <summary>How many instances the study had when it was added; null when that was not said.</summary>
    public long? Instances { get; init; }

    /// <summary>How many the source had when it was asked last; null when it was not.</summary>
    public long? SourceInstances { get; init; }

    /// <summary>How many the destination had when it was asked last; null when it was not.</summary>
    public long? DestinationInstances { get; init; }

    /// <summary>What has a higher one comes first.</summary>
    public long Priority { get; init; }

    /// <summary>How often it was tried or verified.</summary>
    public long Attempts { get; init; }

    /// <summary>When it is tried or verified next; null at once, or never. Local time.</summary>
    public DateTime? Due { get; init; }

    /// <summary>When it was added, in local time.</summary>
    public DateTime Added { get; init; }

    /// <summary>When it was begun first, in local time.</summary>
    public DateTime? Begun { get; init; }

    /// <summary>When it was at its end, in local time.</summary>
    public DateTime? Ended { get; init; }

    /// <summary>The bytes that were sent; null where nobody tells them, as with C-MOVE.</summary>
    public long? Bytes { get; init; }

    /// <summary>The kind of the last failure, in a word; null without one.</summary>
    public string? Reason { get; init; }

    /// <summary>What failed last, in a sentence; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The transfer.</summary>
    public required string Name { get; init; }

    /// <summary>Where its tables are.</summary>
    public required string Store { get; init; }

    /// <summary>UID and state.</summary>
    public override string ToString() => SafeText.Clean($"{StudyInstanceUID}: {State}");
}
