using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>How tries end. Pure.</summary>
internal static class Ends
{
    /// <summary>The wait for a node that was not reached and is not held yet, or for something of this machine.</summary>
    private static readonly TimeSpan NodeWait = TimeSpan.FromSeconds(15);

    /// <summary>The wait of a study for a disk of this machine that is full, or cannot be written to.</summary>
    private static readonly TimeSpan SpoolWait = TimeSpan.FromSeconds(30);

    /// <summary>A try that failed: again later, or not.</summary>
    /// <param name="item">The study.</param>
    /// <param name="kind">What kind of failure it was.</param>
    /// <param name="error">What failed, in a sentence.</param>
    /// <param name="transfer">The transfer.</param>
    /// <param name="jitter">0 to 1.</param>
    public static AttemptEnd Failed(ClaimedItem item, FailureKind kind, string error, TransferRow transfer, double jitter)
    {
        // While it tries a node that is held, a study loses nothing.
        var loses = kind.LosesTry && !(item.IsProbe && kind.Blame != Blame.Nobody);
        var wait = loses ? RetrySchedule.After(item.Tries + 1, jitter) : kind.Kind == "Spool" ? SpoolWait : (TimeSpan?)NodeWait;
        var isOver = loses && (!kind.Again || wait is null);
        var isStopped = kind.Kind == "Stopped";
        return new AttemptEnd
        {
            State = isOver ? "Failed" : "Waiting",
            Wait = isOver || isStopped ? null : wait,
            LosesTry = loses,
            Checks = item.Checks,
            Kind = kind.Kind,
            Error = error,
            Blamed = kind.Blame switch
            {
                Blame.Source => transfer.Source.Id,
                Blame.Destination => transfer.Destination.Id,
                _ => null,
            },
        };
    }
}
