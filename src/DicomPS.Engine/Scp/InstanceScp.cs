using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;

namespace DicomPS.Scp;

/// <summary>An instance that came with a C-STORE request, in a file that is deleted after the answer unless the handler moved it.</summary>
/// <param name="Received">Where it lies and what it is.</param>
/// <param name="Header">Its elements up to the pixels.</param>
public sealed record IncomingInstance(ReceivedInstance Received, DicomDataset Header);

/// <summary>Decides about an instance that came.</summary>
/// <param name="call">The request.</param>
/// <param name="instance">The instance.</param>
/// <param name="cancellationToken">Cancelled when nobody waits for the answer any more.</param>
/// <returns>The response.</returns>
public delegate Task<ServiceReply> StoreHandler(ServiceCall call, IncomingInstance instance, CancellationToken cancellationToken);

/// <summary>Answers C-STORE (PS3.4 B, PS3.7 9.1.1) as a handler says, which gets the instance as a file.</summary>
/// <param name="store">Decides.</param>
/// <param name="folder">Where instances lie meanwhile; full path.</param>
/// <param name="maximumObjectBytes">The largest dataset taken.</param>
public sealed class InstanceScp(StoreHandler store, string folder, long maximumObjectBytes = long.MaxValue)
{
    private readonly InstanceReceiver _receiver = new(new InstanceReceiverOptions
    {
        Folder = folder,
        PathFor = (_, _) => Path.Combine(folder, $"dicomps-{Guid.NewGuid():N}.dcm"),
        LastTag = Tags.SeriesInstanceUID,
        MaximumObjectBytes = maximumObjectBytes,
    });

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="sopClassUid">A SOP class of instances.</param>
    public ServiceRow Row(string sopClassUid) =>
        new(sopClassUid, CommandField.CStoreRequest, StoreAsync, ServerStatuses.UnreadableStore, ServerStatuses.FailedStore);

    private async Task<ServiceReply> StoreAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var request = call.Association.Request;
        var titles = new AssociationTitles(request.CallingAETitle, request.CalledAETitle, call.Association.RemoteEndPoint.ToString());
        var received = await _receiver.ReceiveAsync(call.Reader, call.Message, titles, cancellationToken).ConfigureAwait(false);
        try
        {
            var header = DicomFileProbe.Read(received.Path, Tags.PixelData).Header;
            return await store(call, new IncomingInstance(received, header), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(received.Path);
        }
    }
}
