using DicomPS.Associations;
using DicomPS.Dimse;

namespace DicomPS.Sending;

/// <summary>How files are sent.</summary>
public sealed record StoreJobOptions
{
    /// <summary>Whom to call, with timeouts, TLS and user identity; the presentation contexts are set by the job.</summary>
    public required AssociationOptions Association { get; init; }

    /// <summary>The node as the results name it; null to leave it out.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>How many associations work side by side, 1 to 64. Default 1.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>How often a file, or a connection, is tried again after a failure that may pass, 0 or more. Default 2.</summary>
    public int RetryCount { get; init; } = 2;

    /// <summary>The wait before the first new try; each further one waits twice as long, at most a minute. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether an uncompressed file may go in another uncompressed transfer syntax when the peer does not take its own. Default true.
    /// </summary>
    public bool Reencode { get; init; } = true;

    /// <summary>Priority (0000,0700) of the requests; most peers ignore it.</summary>
    public DicomPriority Priority { get; init; }

    /// <summary>How long an association without work is kept. Default 10 s.</summary>
    public TimeSpan IdleRelease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a node that could not be reached in all tries is taken for unreachable, so that the files behind fail at once. Default
    /// 30 s.
    /// </summary>
    public TimeSpan Unreachable { get; init; } = TimeSpan.FromSeconds(30);
}
