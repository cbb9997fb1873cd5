namespace DicomPS;

/// <summary>What the studies of one day came to when two archives were compared. A study may count for several kinds.</summary>
public sealed record ArchiveComparisonDay
{
    /// <summary>The day; null for studies without a date.</summary>
    public DateTime? StudyDate { get; init; }

    /// <summary>How many studies the reference has.</summary>
    public long ReferenceStudies { get; init; }

    /// <summary>How many studies the other has.</summary>
    public long DifferenceStudies { get; init; }

    /// <summary>How many are the same in both.</summary>
    public long Equal { get; init; }

    /// <summary>How many the other lacks.</summary>
    public long Missing { get; init; }

    /// <summary>How many only the other has.</summary>
    public long Extra { get; init; }

    /// <summary>How many the other has in part.</summary>
    public long Partial { get; init; }

    /// <summary>How many the other cannot give at once.</summary>
    public long Offline { get; init; }

    /// <summary>Of how many keys differ.</summary>
    public long Different { get; init; }

    /// <summary>Of how many it cannot be said.</summary>
    public long Unknown { get; init; }

    /// <summary>Whether both archives answered in full for the day, so that what is not counted is not there.</summary>
    public bool IsComplete { get; init; }
}
