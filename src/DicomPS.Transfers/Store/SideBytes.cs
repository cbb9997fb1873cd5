namespace DicomPS.Transfers.Store;

/// <summary>How many bytes of instances went over the wire in a try, as far as a worker sees it.</summary>
/// <param name="Source">From or to the source.</param>
/// <param name="Destination">From or to the destination.</param>
internal readonly record struct SideBytes(long Source, long Destination)
{
    /// <summary>Whether none did.</summary>
    public bool IsNone => Source == 0 && Destination == 0;
}
