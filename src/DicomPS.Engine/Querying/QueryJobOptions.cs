using DicomPS.Associations;
using DicomPS.Jobs;

namespace DicomPS.Querying;

/// <summary>Whom to ask, and over how many associations.</summary>
public sealed record QueryJobOptions
{
    /// <summary>Whom to call, with timeouts, TLS and user identity; the presentation contexts are set by the job.</summary>
    public required AssociationOptions Association { get; init; }

    /// <summary>The node: results name it, and its character set is used; null where there is none.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>How many associations work side by side, 1 to 16, when the query is cut into several. Default 1.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>How long the peer has to end a query after C-CANCEL before the association is aborted. Default 5 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a query whose association broke is asked again, 0 or more; answers that had come are not given twice, and
    /// where they could not be told from new ones it is not asked again. Default 2.
    /// </summary>
    public int RetryCount { get; init; } = 2;

    /// <summary>The wait before the first new try; each further one waits twice as long, at most a minute. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The most bytes of answers that may wait in a temporary file for whoever takes them; more ends the query with an error. Default 2
    /// GiB.
    /// </summary>
    public long SpoolLimit { get; init; } = 2L << 30;

    /// <summary>What is known of the node: jobs that share this do not call one that another has just lost. Default: its own.</summary>
    public PeerReach Reach { get; init; } = new();

    /// <summary>Told each request as it goes out and each status that comes back; called on any thread. Null is silent.</summary>
    public Action<string>? Trace { get; init; }
}
