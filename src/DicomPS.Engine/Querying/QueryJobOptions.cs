using DicomPS.Dimse;
using DicomPS.Jobs;

namespace DicomPS.Querying;

/// <summary>
/// Whom to ask, and over how many associations. A query is asked again where no answer can be given twice; the node's character set is
/// used.
/// </summary>
public sealed record QueryJobOptions : JobOptions
{
    /// <summary>How many associations work side by side, 1 to 16, when the query is cut into several. Default 1.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>Priority (0000,0700) of the requests; most peers ignore it. Default medium.</summary>
    public DicomPriority Priority { get; init; }

    /// <summary>How long the peer has to end a query after C-CANCEL before the association is aborted. Default 5 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most bytes of answers that may wait in a temporary file for whoever takes them; more ends the query with an error. Default 2
    /// GiB.
    /// </summary>
    public long SpoolLimit { get; init; } = 2L << 30;

    /// <summary>How many answers wait in memory before others go to the file.</summary>
    internal int MostInMemory { get; init; } = AnswerSpool.MostInMemory;

    /// <summary>Told each request as it goes out and each status that comes back; called on any thread. Null is silent.</summary>
    public Action<string>? Trace { get; init; }

    // A node that has not served is called once: who asks sits before it.
    internal override RetryPolicy Policy => base.Policy with { FirstRetries = 0 };

    internal void Check() => Check(Associations, 16, "associations can work");
}
