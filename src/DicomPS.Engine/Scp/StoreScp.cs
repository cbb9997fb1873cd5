using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>Answers C-STORE (PS3.4 B, PS3.7 9.1.1): Success only when the instance is whole and in its place.</summary>
/// <param name="receiver">Takes the instances.</param>
/// <param name="stored">Told of each instance in its place, and waited for before the peer is told Success; what it throws fails the
/// request.</param>
/// <param name="failed">Told of each that was not stored, also when a fault plan had it fail before it was looked at.</param>
internal sealed class StoreScp(InstanceReceiver receiver, Func<ReceivedInstance, CancellationToken, Task> stored,
    Action<ServiceCall, Exception> failed)
{
    /// <summary>The rows for a <see cref="ServiceTable"/>: every storage SOP class of the standard.</summary>
    public IEnumerable<ServiceRow> Rows() =>
        DicomDictionary.SopClasses(SopClassService.Storage)
            .Concat(DicomDictionary.SopClasses(SopClassService.MediaStorage).Where(c => c.Uid != Uids.MediaStorageDirectoryStorage))
            .Concat(DicomDictionary.SopClasses(SopClassService.NonPatientObject)).Select(c => Row(c.Uid));

    /// <summary>The row for one SOP class, known or not.</summary>
    /// <param name="sopClassUid">The SOP class.</param>
    public ServiceRow Row(string sopClassUid) =>
        new(sopClassUid, CommandField.CStoreRequest, StoreAsync, ServerStatuses.UnreadableStore, ServerStatuses.FailedStore)
        {
            Unserved = failed
        };

    private async Task<ServiceReply> StoreAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var request = call.Association.Request;
        var titles = new AssociationTitles(request.CallingAETitle, request.CalledAETitle, call.Association.RemoteEndPoint.ToString());
        try
        {
            var instance = await receiver.ReceiveAsync(call.Reader, call.Message, titles, cancellationToken).ConfigureAwait(false);
            (call.Subject.PatientId, call.Subject.StudyUid) = (instance.PatientID, instance.StudyInstanceUID);
            if (instance.IsHeavy)
                await receiver.InTurnAsync(() => stored(instance, cancellationToken), cancellationToken).ConfigureAwait(false);
            else
                await stored(instance, cancellationToken).ConfigureAwait(false);
            return call.Command.Respond(Statuses.Success);
        }
        catch (Exception problem)
        {
            failed(call, problem);
            throw;
        }
    }
}
