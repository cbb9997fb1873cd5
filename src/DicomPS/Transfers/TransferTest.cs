namespace DicomPS.Transfers;

/// <summary>
/// Whether a transfer is at its end: each study was found on both sides when it was verified, and no try was changed since.
/// </summary>
public sealed record TransferTest
{
    /// <summary>The transfer.</summary>
    public required string Name { get; init; }

    /// <summary>How deep its studies are verified: Counts, Uids, Commitment, Headers or Bytes.</summary>
    public required string Verify { get; init; }

    /// <summary>Whether every study is done or was there already, and the chain of the tries is whole.</summary>
    public bool Success { get; init; }

    /// <summary>How many studies it has.</summary>
    public long Studies { get; init; }

    /// <summary>Studies that are the same on both sides, moved by this transfer.</summary>
    public long Done { get; init; }

    /// <summary>Studies that the destination had already.</summary>
    public long Skipped { get; init; }

    /// <summary>Studies that are not the same on both sides.</summary>
    public long Differs { get; init; }

    /// <summary>Studies that could not be moved.</summary>
    public long Failed { get; init; }

    /// <summary>Studies that were given up.</summary>
    public long Cancelled { get; init; }

    /// <summary>Studies that are not at their end.</summary>
    public long Left { get; init; }

    /// <summary>How many tries there were.</summary>
    public long Attempts { get; init; }

    /// <summary>
    /// Whether every try carries the hash of the one before and of what the transfer is, up to the last one, each try has its study, and
    /// what is done follows from a try.
    /// </summary>
    public bool ChainIntact { get; init; }

    /// <summary>What to do; null when there is nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>Where its tables are.</summary>
    public required string Store { get; init; }

    /// <summary>0 when all is well, 1 when something failed or differs, 2 when it is not at its end.</summary>
    public int GetExitCode() => Success ? 0 : Left > 0 && Differs + Failed + Cancelled == 0 && ChainIntact ? 2 : 1;

    /// <summary>The name and whether it is well.</summary>
    public override string ToString() => SafeText.Clean($"{Name}: {(Success ? "complete" : "not complete")}");
}
