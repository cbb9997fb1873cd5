namespace DicomPS;

/// <summary>
/// A study of which nothing more comes for the moment: no association that brought instances of it is open, and it has been quiet
/// for a while. When more of it comes later it is told again, as the next batch.
/// </summary>
public sealed record CompletedStudy : Study
{
    /// <summary>A study with what is known of it, without what came.</summary>
    /// <param name="study">What is known of it.</param>
    public CompletedStudy(Study study)
        : base(study)
    {
    }

    /// <summary>How many times the study was complete since the server was started, this time included.</summary>
    public int Batch { get; init; }

    /// <summary>How many instances of it were stored since it was complete last.</summary>
    public int Received { get; init; }

    /// <summary>
    /// How many instances came over the same associations and were not stored. Not all of them need to be of this study: one that
    /// cannot be read names none.
    /// </summary>
    public int Failed { get; init; }

    /// <summary>How many of its associations broke off instead of being released: something may be missing.</summary>
    public int Aborted { get; init; }

    /// <summary>The bytes of the datasets stored since it was complete last.</summary>
    public long Bytes { get; init; }

    /// <summary>When the first of these instances was in its place, in local time.</summary>
    public DateTime? FirstReceived { get; init; }

    /// <summary>When the last of these instances was in its place, in local time.</summary>
    public DateTime? LastReceived { get; init; }

    /// <summary>Who sent them: AE titles with a comma between.</summary>
    public string? CallingAETitle { get; init; }

    /// <summary>The folder of the study; null where the layout gives it none of its own.</summary>
    public string? Path { get; init; }

    /// <summary>The same event with what is known of the study replaced.</summary>
    /// <param name="study">What is known of it.</param>
    public CompletedStudy About(Study study) => new(study)
    {
        Batch = Batch,
        Received = Received,
        Failed = Failed,
        Aborted = Aborted,
        Bytes = Bytes,
        FirstReceived = FirstReceived,
        LastReceived = LastReceived,
        CallingAETitle = CallingAETitle,
        Path = Path,
    };
}
