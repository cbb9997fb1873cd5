namespace DicomPS.Jobs;

/// <summary>How a try ended that did not do its work.</summary>
internal enum TryOutcome
{
    /// <summary>No association, for a reason that may pass: nobody listens, no answer in time.</summary>
    NotReached,

    /// <summary>No association, for a reason that stands: this AE title is refused.</summary>
    Rejected,

    /// <summary>
    /// An association that had served before broke before it answered: it had gone stale unnoticed, which is no fault of the item.
    /// </summary>
    Stale,

    /// <summary>The association broke, or the peer is short of something: it may go better.</summary>
    Broken,

    /// <summary>
    /// The peer has no room for this association beside those that it serves: it refused it, or leaves it without an answer.
    /// </summary>
    NoRoom,

    /// <summary>It would end in the same way again.</summary>
    Final,
}

/// <summary>What a job knows of its node.</summary>
internal enum PeerStanding
{
    /// <summary>It has not served yet.</summary>
    New,

    /// <summary>It has served, and serves nobody now.</summary>
    Served,

    /// <summary>It serves another worker, or did until a moment ago.</summary>
    Serving,
}

/// <summary>What follows from a try.</summary>
internal enum RetryVerdict
{
    /// <summary>The item is tried again after the wait.</summary>
    Again,

    /// <summary>The node has no room for one association more; that is asked for again after the wait, as often as it takes.</summary>
    Room,

    /// <summary>The node is lost: what waits behind the item fails as well.</summary>
    Lost,

    /// <summary>The item has failed.</summary>
    Failed,
}

/// <summary>What follows from a try, and after which wait.</summary>
internal readonly record struct RetryStep(RetryVerdict Verdict, TimeSpan Wait = default);

/// <summary>What is tried again, when, and how often: one table for all jobs.</summary>
/// <param name="Retries">How often an item, or a connection, is tried again.</param>
/// <param name="Delay">The wait before the first new try; each further one waits twice as long, at most a minute.</param>
internal sealed record RetryPolicy(int Retries, TimeSpan Delay)
{
    // With the waits of a first second about two minutes: a PACS that is restarted is back by then.
    private const int PatientRetries = 7;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestRoomWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRoomWait = TimeSpan.FromSeconds(2);

    /// <summary>How often a node that has not served yet is called again. Default: as often as all else is tried again.</summary>
    public int FirstRetries { get; init; } = Retries;

    /// <summary>The wait for room: short, since nobody tells when there is some.</summary>
    public RetryStep Room { get; } = new(RetryVerdict.Room,
        Delay < ShortestRoomWait ? ShortestRoomWait : Delay > LongestRoomWait ? LongestRoomWait : Delay);

    /// <summary>What follows from a try.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="tries">How many tries there were, this one counted.</param>
    /// <param name="standing">What is known of the node.</param>
    public RetryStep After(TryOutcome outcome, int tries, PeerStanding standing) => (outcome, standing) switch
    {
        (TryOutcome.NotReached or TryOutcome.Rejected, PeerStanding.Serving) => Room,
        (TryOutcome.NotReached, PeerStanding.New) => tries <= FirstRetries ? Again(tries) : new RetryStep(RetryVerdict.Lost),
        (TryOutcome.NotReached, _) => Retries > 0 && tries <= Math.Max(Retries, PatientRetries) ? Again(tries)
            : new RetryStep(RetryVerdict.Lost),
        (TryOutcome.Rejected, _) => new RetryStep(RetryVerdict.Lost),
        (TryOutcome.NoRoom, _) => Room,
        (TryOutcome.Stale, _) => new RetryStep(RetryVerdict.Again),
        (TryOutcome.Broken, _) when tries <= Retries => Again(tries),
        _ => new RetryStep(RetryVerdict.Failed),
    };

    private RetryStep Again(int tries) =>
        new(RetryVerdict.Again,
            TimeSpan.FromSeconds(Math.Min(Delay.TotalSeconds * Math.Pow(2, Math.Min(tries - 1, 16)), LongestWait.TotalSeconds)));
}
