using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Commitment;

/// <summary>Takes storage commitment reports that a peer sends over an association of its own (PS3.4 J.3.3, PS3.7 10.1.1).</summary>
public static class CommitmentReportScp
{
    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="take">Told of each report, on any thread; false when nobody waits for its transaction, which the peer is told.</param>
    /// <param name="waits">
    /// Whether reports are waited for at this moment; null for always. While none is, a peer that does not propose to be the SCP is
    /// refused the presentation context, since it wants to ask and not to report.
    /// </param>
    public static ServiceRow Row(Func<CommitmentReport, bool> take, Func<bool>? waits = null) => new(
        Uids.StorageCommitmentPushModel,
        CommandField.NEventReportRequest,
        async (call, cancellationToken) => await CommitmentEvents.AnswerAsync(call.Reader, call.Message, take, cancellationToken)
            .ConfigureAwait(false),
        Statuses.ProcessingFailure,
        Statuses.ProcessingFailure)
    {
        StatusTable = StatusTable.General,
        Accepts = waits is null ? null : role => role is { Scp: true } || waits(),
    };
}
