namespace DicomPS.Archiving.Index;

/// <summary>How much an index knows, as of its last transaction.</summary>
/// <param name="Studies">Studies.</param>
/// <param name="Series">Series.</param>
/// <param name="Instances">Instances.</param>
/// <param name="Conflicts">How often something came with a UID of something else.</param>
public sealed record IndexTotals(long Studies, long Series, long Instances, long Conflicts)
{
    /// <summary>Nothing.</summary>
    public static IndexTotals None { get; } = new(0, 0, 0, 0);

    internal IndexTotals Plus(IndexTotals more) =>
        new(Studies + more.Studies, Series + more.Series, Instances + more.Instances, Conflicts + more.Conflicts);
}
