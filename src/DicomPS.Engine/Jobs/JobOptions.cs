using DicomPS.Associations;

namespace DicomPS.Jobs;

/// <summary>What all jobs have in common: whom they call, and what they try again.</summary>
public abstract record JobOptions
{
    /// <summary>Whom to call, with timeouts, TLS and user identity; the presentation contexts are set by the job.</summary>
    public required AssociationOptions Association { get; init; }

    /// <summary>The node as the results name it; null to leave it out.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>How often an item, or a connection, is tried again after a failure that may pass, 0 or more. Default 2.</summary>
    public int RetryCount { get; init; } = 2;

    /// <summary>The wait before the first new try; each further one waits twice as long, at most a minute. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an association without work is kept. Default 10 s.</summary>
    public TimeSpan IdleRelease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What is known of the node: jobs that share this do not call one that another has just lost, wait for room beside one another, and
    /// for a node that has served. Default: its own.
    /// </summary>
    public PeerReach Reach { get; init; } = new();

    /// <summary>
    /// Whether the number that work side by side follows the rate: it begins with one, grows to what the options allow as long as the
    /// rate grows with it, and falls when the peer refuses associations or becomes slower. Default false: always as many as there is
    /// work for.
    /// </summary>
    public bool IsAdaptive { get; init; }

    /// <summary>What is tried again.</summary>
    internal virtual RetryPolicy Policy => new(RetryCount, RetryDelay);

    /// <summary>Looks at the numbers.</summary>
    /// <param name="workers">How many work side by side.</param>
    /// <param name="most">How many may.</param>
    /// <param name="what">What they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    private protected void Check(int workers, int most, string what)
    {
        if (workers < 1 || workers > most)
            throw new ArgumentOutOfRangeException("options", workers, $"Between 1 and {most} {what} side by side.");
        if (RetryCount < 0)
            throw new ArgumentOutOfRangeException("options", RetryCount, "The number of retries must not be negative.");
    }
}
