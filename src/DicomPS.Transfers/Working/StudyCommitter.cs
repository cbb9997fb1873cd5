using DicomPS.Commitment;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Asks the destination to answer for instances for good (PS3.4 Annex J). Its report comes over the same association, or to the port of
/// this machine that the node has for it.
/// </summary>
internal sealed class StudyCommitter(WorkerOptions options, WorkerPorts ports, NodeRow node)
{
    /// <summary>Asks.</summary>
    /// <returns>What became of each instance.</returns>
    /// <exception cref="DicomException">The request did not get through.</exception>
    /// <exception cref="NoReportException">No report came in time.</exception>
    public async Task<IReadOnlyList<CommitmentResult>> AskAsync(IReadOnlyList<CommitmentItem> items, CancellationToken cancellationToken)
    {
        var asked = new CommitmentOptions
        {
            Association = options.Call(node.Node),
            Node = node.Node,
            RetryCount = 0,
            Timeout = options.CommitmentTimeout,
            IsServedElsewhere = ports.TakesReports(node.Node),
        };
        var results = new List<CommitmentResult>();
        for (var at = 0; at < items.Count; at += StorageCommitment.MaximumInstances)
        {
            CommitmentItem[] part = [.. items.Skip(at).Take(StorageCommitment.MaximumInstances)];
            var request = await StorageCommitment.RequestAsync(asked, part, cancellationToken).ConfigureAwait(false);
            using (cancellationToken.Register(() => request.StopAsync()))
                await request.WhenCompleted().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var answers = request.Results();
            if (request.GetException() is { } problem)
                throw answers[0].Status == "Unknown" ? new NoReportException(problem) : problem;
            results.AddRange(answers);
        }

        return results;
    }

    /// <summary>The kind of a failure to ask.</summary>
    public static FailureKind KindOf(DicomException problem) => problem switch
    {
        // It says nothing of the node's health: as a rule the node calls another port than the worker listens on.
        NoReportException => new("NoReport", Blame.Nobody, Again: true, LosesTry: true),
        { Stage: DicomStage.PresentationContext } => new("CommitmentNotServed", Blame.Nobody, Again: false, LosesTry: true),
        _ => FailureKinds.Of(problem, Blame.Destination),
    };
}

/// <summary>Thrown when a node took a request for storage commitment and did not report.</summary>
internal sealed class NoReportException(DicomException problem) : DicomException($"{problem.Message} {problem.Advice}", problem);
