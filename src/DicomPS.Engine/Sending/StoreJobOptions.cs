using DicomPS.Dimse;
using DicomPS.Jobs;

namespace DicomPS.Sending;

/// <summary>How files are sent.</summary>
public sealed record StoreJobOptions : JobOptions
{
    /// <summary>How many associations work side by side, 1 to 64. Default 1.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>
    /// Whether an uncompressed file may go in another uncompressed transfer syntax when the peer does not take its own. Default true.
    /// </summary>
    public bool Reencode { get; init; } = true;

    /// <summary>Priority (0000,0700) of the requests; most peers ignore it.</summary>
    public DicomPriority Priority { get; init; }

    internal void Check() => Check(Associations, 64, "associations can work");
}
