using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Engine.Tests.Support;

/// <summary>One message of storage commitment, right or wrong, over an association of its own, and the answer to it.</summary>
internal static class CommitmentPeer
{
    public static readonly SopReference First = new(Uids.CTImageStorage, "1.2.3.1"), Second = new(Uids.MRImageStorage, "1.2.3.2"),
        Third = new(Uids.CTImageStorage, "1.2.3.3");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static AssociationOptions Options(int port, string callingAETitle = "SCU") =>
        new() { Host = "127.0.0.1", Port = port, CallingAETitle = callingAETitle };

    public static CommandSet ActionRequest { get; } = new()
    {
        Field = CommandField.NActionRequest,
        MessageId = 7,
        RequestedSopClassUid = Uids.StorageCommitmentPushModel,
        RequestedSopInstanceUid = Uids.StorageCommitmentPushModelInstance,
        ActionTypeId = 1,
    };

    public static CommandSet EventRequest { get; } = new()
    {
        Field = CommandField.NEventReportRequest,
        MessageId = 7,
        AffectedSopClassUid = Uids.StorageCommitmentPushModel,
        AffectedSopInstanceUid = Uids.StorageCommitmentPushModelInstance,
        EventTypeId = 2,
    };

    /// <summary>Reports as a PACS does that opens an association for it.</summary>
    public static Task<CommandSet> ReportAsync(int port, CommitmentReport report, TlsClientOptions? tls = null) =>
        SendAsync(port, EventRequest, CommitmentMessages.Write(report), tls);

    public static async Task<CommandSet> SendAsync(int port, CommandSet command, DicomDataset? dataset, TlsClientOptions? tls = null)
    {
        await using var association = await Association.ConnectAsync(Options(port) with
        {
            Tls = tls,
            PresentationContexts = [CommitmentScu.Proposal with { ScuRole = true, ScpRole = true }]
        }, Token);
        var writer = new DimseWriter(association);
        if (dataset is null)
            await writer.SendAsync(association.AcceptedContexts[0], command, Token);
        else
            await writer.SendAsync(association.AcceptedContexts[0], command, dataset, Token);
        var answer = await new DimseReader(association).ReceiveAsync(Token);
        await association.ReleaseAsync(Token);
        return Assert.IsType<DimseMessage>(answer).Command;
    }
}
