using DicomPS.Dimse;
using DicomPS.Jobs;

namespace DicomPS.Sending;

/// <summary>How files are sent.</summary>
public sealed record StoreJobOptions : JobOptions
{
    /// <summary>How many associations work side by side, 1 to 64. Default 1.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>
    /// Whether the files of one study may go over several associations. Default false: a study goes over one, and over another only when
    /// that one broke or had nothing to send for <see cref="JobOptions.IdleRelease"/>. Many receivers take the end of an association as
    /// the end of its studies.
    /// </summary>
    public bool SplitsStudies { get; init; }

    /// <summary>
    /// How many files may be under way over one association before the first is answered, 1 to 256 (PS3.7 D.3.3.3). A peer that does
    /// not agree gets one after the other. Default 1, which proposes nothing: some peers drop associations that propose it.
    /// </summary>
    public int AsyncOperations { get; init; } = 1;

    /// <summary>
    /// Whether an uncompressed file may go in another uncompressed transfer syntax when the peer does not take its own. Default true.
    /// </summary>
    public bool Reencode { get; init; } = true;

    /// <summary>Priority (0000,0700) of the requests; most peers ignore it.</summary>
    public DicomPriority Priority { get; init; }

    internal void Check()
    {
        Check(Associations, 64, "associations can work");
        if (AsyncOperations is < 1 or > 256)
            throw new ArgumentOutOfRangeException("options", AsyncOperations, "Between 1 and 256 files can be under way at once.");
    }
}
