namespace DicomPS.Transfers;

/// <summary>What a worker did.</summary>
public sealed record TransferWorkerResult
{
    /// <summary>Whether nothing is left to do, and nothing failed or differs, in its transfers.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Studies that it moved.</summary>
    public long Moved { get; init; }

    /// <summary>Studies that it found to be the same on both sides.</summary>
    public long Done { get; init; }

    /// <summary>Studies that the destination had already.</summary>
    public long Skipped { get; init; }

    /// <summary>Studies that it found not to be the same.</summary>
    public long Differs { get; init; }

    /// <summary>Studies that it could not move.</summary>
    public long Failed { get; init; }

    /// <summary>Tries after which a study waits for another one.</summary>
    public long Retried { get; init; }

    /// <summary>Studies of its transfers that are not at their end.</summary>
    public long Left { get; init; }

    /// <summary>When it began, in local time.</summary>
    public DateTime Started { get; init; }

    /// <summary>When it ended, in local time.</summary>
    public DateTime Finished { get; init; }

    /// <summary>How long it worked.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The transfers, parted by commas.</summary>
    public required string Name { get; init; }

    /// <summary>Where their tables are.</summary>
    public required string Store { get; init; }

    /// <summary>The numbers in words.</summary>
    public override string ToString() => $"{Moved} moved, {Done} done, {Failed} failed, {Left} left";
}
