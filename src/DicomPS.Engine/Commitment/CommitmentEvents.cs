using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Commitment;

/// <summary>Takes storage commitment reports, whichever association they come over (PS3.4 J.3.3, PS3.7 10.1.1).</summary>
internal static class CommitmentEvents
{
    /// <summary>Reads the report and says how to answer it.</summary>
    /// <param name="reader">Where its dataset is read from.</param>
    /// <param name="message">The N-EVENT-REPORT request.</param>
    /// <param name="take">Told of the report; false when nobody waits for its transaction.</param>
    /// <param name="cancellationToken">Gives up; the association is of no use afterwards.</param>
    public static async Task<CommandSet> AnswerAsync(DimseReader reader, DimseMessage message, Func<CommitmentReport, bool> take,
        CancellationToken cancellationToken)
    {
        var command = message.Command;
        if (command.AffectedSopClassUid is { } uid && uid != Uids.StorageCommitmentPushModel)
            return Refuse(Statuses.NoSuchSopClass, "Not the Storage Commitment Push Model");
        if (command.AffectedSopInstanceUid is { } instance && instance != Uids.StorageCommitmentPushModelInstance)
            return Refuse(Statuses.NoSuchSopInstance, "Not the well-known instance of storage commitment");
        if (command.EventTypeId is not (CommitmentMessages.AllCommitted or CommitmentMessages.FailuresExist))
            return Refuse(Statuses.NoSuchEventType, $"Storage commitment has no event type {command.EventTypeId}");
        if (!command.HasDataset)
            return Refuse(CommitmentMessageException.Status, "The report has no dataset");
        try
        {
            var report = CommitmentMessages.ReadReport(
                await reader.ReadDatasetAsync(message, null, cancellationToken).ConfigureAwait(false));
            return take(report)
                ? command.Respond(Statuses.Success)
                : Refuse(CommitmentMessageException.Status,
                    "No request with this Transaction UID waits here") with
                { OffendingElements = [Tags.TransactionUID.Value] };
        }
        catch (CommitmentMessageException wrong)
        {
            return Refuse(CommitmentMessageException.Status, wrong.Message) with { OffendingElements = wrong.OffendingElements };
        }
        catch (DicomDataException unreadable)
        {
            return Refuse(Statuses.ProcessingFailure, unreadable.Message);
        }

        CommandSet Refuse(ushort status, string why) => command.Respond(status) with { ErrorComment = why };
    }
}
