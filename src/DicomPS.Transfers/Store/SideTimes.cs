namespace DicomPS.Transfers.Store;

/// <summary>What the time of a try was spent on, as far as a worker sees it.</summary>
/// <param name="Source">Waiting for the source alone.</param>
/// <param name="Destination">Waiting for the destination alone.</param>
/// <param name="Both">Waiting for a C-MOVE, in which both have their part.</param>
internal readonly record struct SideTimes(TimeSpan Source, TimeSpan Destination, TimeSpan Both)
{
    /// <summary>All of it.</summary>
    public TimeSpan All => Source + Destination + Both;

    /// <summary>The time of both.</summary>
    public SideTimes Plus(SideTimes other) => new(Source + other.Source, Destination + other.Destination, Both + other.Both);
}
