namespace DicomPS.Comparing;

/// <summary>What is known of some windows that were compared to their end.</summary>
internal sealed record ComparedPart
{
    /// <summary>The places of the windows in the plan.</summary>
    public required IReadOnlyList<int> Windows { get; init; }

    /// <summary>What differs in them; empty where that is read by itself.</summary>
    public IReadOnlyList<ArchiveDifference> Rows { get; init; } = [];

    /// <summary>What their studies came to, day by day; a day may be there several times.</summary>
    public required IReadOnlyList<ArchiveComparisonDay> Days { get; init; }

    /// <summary>Studies that are in another window at the other side, and were compared.</summary>
    public required IReadOnlyList<string> Settled { get; init; }

    /// <summary>Which compared keys each side has ever answered with a value, the reference's first: a 1 or a 0 for each.</summary>
    public required string Seen { get; init; }

    /// <summary>How many studies the reference has in them.</summary>
    public required long ReferenceStudies { get; init; }

    /// <summary>How many the other has.</summary>
    public required long DifferenceStudies { get; init; }
}

/// <summary>
/// Where a comparison keeps what it has done, so that another run goes on with it. What is written there is given to whoever reads the
/// comparison only afterwards: what was given is never lost, and given again from there. For one thread at a time.
/// </summary>
internal abstract class ComparisonJournal
{
    /// <summary>What the runs before have done, all of it together and without its rows; null when they have done nothing.</summary>
    public abstract Task<ComparedPart?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The rows that they gave, in their order.</summary>
    public abstract IAsyncEnumerable<ArchiveDifference> RowsAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a part, all of it or nothing.</summary>
    public abstract Task WriteAsync(ComparedPart part, CancellationToken cancellationToken);

    /// <summary>All was asked that could be: the next run begins anew.</summary>
    public abstract Task EndAsync(CancellationToken cancellationToken);
}
