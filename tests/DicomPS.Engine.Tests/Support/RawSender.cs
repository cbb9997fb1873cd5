using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Support;

/// <summary>
/// A storage SCU made of bare PDUs that calls from an address of its own, as a stranger or a second interface of a PACS does.
/// </summary>
internal static class RawSender
{
    /// <summary>Sends instances, one after the other, and gives the statuses of the answers.</summary>
    /// <param name="from">The address to call from, such as 127.0.0.2.</param>
    /// <param name="port">The port to call.</param>
    /// <param name="instances">What to send, in Explicit VR Little Endian.</param>
    /// <param name="originator">What each names as its C-MOVE; null for nothing.</param>
    public static async Task<List<ushort?>> SendAsync(string from, int port, IEnumerable<DicomDataset> instances,
        (string Title, ushort Id)? originator = null)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await using var peer = ScriptedPeer.Over(socket);
        await peer.SendAsync(ScriptedPeer.Request() with
        {
            CallingAETitle = "STRANGER",
            PresentationContexts = [new PresentationContextRq(1, Uids.CTImageStorage, ["1.2.840.10008.1.2.1"])],
        });
        await peer.ReadAsync<AssociateAc>();
        var statuses = new List<ushort?>();
        foreach (var instance in instances)
        {
            var command = CommandWriter.Encode(new CommandSet
            {
                Field = CommandField.CStoreRequest,
                MessageId = (ushort)(statuses.Count + 1),
                AffectedSopClassUid = instance.GetString(Tags.SOPClassUID),
                AffectedSopInstanceUid = instance.GetString(Tags.SOPInstanceUID),
                MoveOriginatorAETitle = originator?.Title,
                MoveOriginatorMessageId = originator?.Id,
                HasDataset = true,
            });
            var dataset = DatasetWriter.ToArray(instance, TransferSyntax.ExplicitVRLittleEndian);
            await peer.SendAsync(new PData([new Pdv(1, true, true, command)]));
            await peer.SendAsync(new PData([new Pdv(1, false, true, dataset)]));
            var answer = await peer.ReadAsync<PData>();
            statuses.Add(CommandReader.Decode(answer.Values[0].Bytes.Span).Status);
        }

        await peer.SendAsync(new ReleaseRq());
        await peer.ReadAsync<ReleaseRp>();
        return statuses;
    }

    /// <summary>Stores an instance over the first context of an association, and gives the status of the answer.</summary>
    /// <param name="association">The association.</param>
    /// <param name="dataset">What to send, in Explicit VR Little Endian.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ushort> StoreAsync(Association association, DicomDataset dataset, CancellationToken cancellation)
    {
        var request = new CommandSet
        {
            Field = CommandField.CStoreRequest,
            MessageId = 1,
            AffectedSopClassUid = Uids.CTImageStorage,
            AffectedSopInstanceUid = dataset.GetString(Tags.SOPInstanceUID),
            Priority = DicomPriority.Medium,
            HasDataset = true,
        };
        await association.SendDataAsync(1, true, CommandWriter.Encode(request), true, cancellation);
        await association.SendDataAsync(1, false, DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian), true,
            cancellation);
        await association.FlushAsync(cancellation);
        return (await new DimseReader(association).ReceiveAsync(cancellation))!.Command.Status!.Value;
    }
}
