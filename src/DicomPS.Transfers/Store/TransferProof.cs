namespace DicomPS.Transfers.Store;

/// <summary>Whether the tables of a transfer prove what they say.</summary>
/// <param name="Attempts">How many tries there are.</param>
/// <param name="Broken">The first try whose hash does not fit; null when all fit.</param>
/// <param name="Unproven">How many studies are said to be done, and their last try does not say so.</param>
/// <param name="Stray">How many tries have no study in the transfer any more, or one of another UID.</param>
internal sealed record TransferProof(long Attempts, long? Broken, long Unproven, long Stray)
{
    /// <summary>Whether nothing speaks against them.</summary>
    public bool IsWhole => Broken is null && Unproven == 0 && Stray == 0;

    /// <summary>What speaks against them, in a sentence; null for nothing.</summary>
    public string? Problem => Broken is { } link
            ? $"The tables were changed: try number {link} does not follow from the one before, or not from the name, the nodes, the "
                + "method and the verification of the transfer."
        : Unproven > 0 ? $"{Unproven} studies are said to be done, and no last try of them ended so."
        : Stray > 0 ? $"{Stray} tries are of studies that the transfer does not have any more." : null;
}
