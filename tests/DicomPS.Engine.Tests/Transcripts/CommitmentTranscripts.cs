namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Storage commitment, asked for and answered, as the wire and the results have it.</summary>
public sealed class CommitmentTranscripts
{
    private const ushort NoSuchInstance = 0x0112;

    [Fact]
    public async Task Commitment_is_reported_over_its_own_association()
    {
        await using var transcript = new Transcript();
        var port = transcript.Listen(async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0);
            await ReportAsync(peer, request.Context, Transaction(request.Dataset));
            await peer.ReleasedAsync();
        });
        await WaitAsync(transcript, await RequestAsync(port));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Commitment_is_reported_over_another_association()
    {
        await using var transcript = new Transcript();
        var transaction = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = transcript.Listen(async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            transaction.SetResult(Transaction(request.Dataset));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        var commitment = await RequestAsync(port, new DicomServerOptions { AETitle = "OURS", Address = System.Net.IPAddress.Loopback });
        await transcript.CallAsync(commitment.LocalPort!.Value, async peer =>
        {
            var role = new RoleSelection(Uids.StorageCommitmentPushModel, Scu: false, Scp: true);
            Assert.IsType<AssociateAc>(await peer.AskAsync([(Uids.StorageCommitmentPushModel, Uids.ExplicitVRLittleEndian)], role));
            await ReportAsync(peer, 1, await transaction.Task);
            await peer.ReleaseAsync();
        });
        await WaitAsync(transcript, commitment);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Commitment_is_refused()
    {
        await using var transcript = new Transcript();
        var port = transcript.Listen(async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0x0213, null, Peer.Comment("too much to do"));
            await peer.ReleasedAsync();
        });
        await WaitAsync(transcript, await RequestAsync(port));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_reports_a_commitment_over_the_same_association()
    {
        await using var transcript = new Transcript();
        var scp = new CommitmentScp((requester, instances, _) =>
        {
            transcript.Say($"{requester} asks for {string.Join(", ", instances.Select(instance => instance.SopInstanceUid))}");
            return Task.FromResult<IReadOnlyList<ushort>>([0, NoSuchInstance]);
        }, new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([scp.Row]));
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.StorageCommitmentPushModel));
            var action = Peer.Data((Tags.TransactionUID, "1.2.9"));
            action.SetSequence(Tags.ReferencedSOPSequence, [Reference(Peer.CT1), Reference(Peer.CT2)]);
            await peer.SendRequestAsync(1, CommandField.NActionRequest, 1, Uids.StorageCommitmentPushModel, Peer.Explicit(action),
                (0x00001001, RawPeer.Text(Uids.StorageCommitmentPushModelInstance)), (0x00001008, RawPeer.Short(1)));
            await peer.RequestAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReleaseAsync();
        });
        await transcript.CheckAsync();
    }

    private static DicomDataset Reference(string instance) =>
        Peer.Data((Tags.ReferencedSOPClassUID, Uids.CTImageStorage), (Tags.ReferencedSOPInstanceUID, instance));

    // The second element group of the request: 0008,1195 in Explicit VR, whose value the engine made.
    private static string Transaction(byte[] dataset)
    {
        Assert.Equal([0x08, 0x00, 0x95, 0x11, (byte)'U', (byte)'I'], dataset.Take(6));
        return System.Text.Encoding.ASCII.GetString(dataset, 8, dataset[6]).TrimEnd('\0');
    }

    private static async Task ReportAsync(ScriptedPeer peer, byte context, string transaction)
    {
        var report = Peer.Data((Tags.TransactionUID, transaction));
        report.SetSequence(Tags.ReferencedSOPSequence, [Reference(Peer.CT1)]);
        var failed = Reference(Peer.CT2);
        failed.SetInts(Tags.FailureReason, Vr.US, [NoSuchInstance]);
        report.SetSequence(Tags.FailedSOPSequence, [failed]);
        await peer.SendRequestAsync(context, CommandField.NEventReportRequest, 1, Uids.StorageCommitmentPushModel, Peer.Explicit(report),
            (0x00001000, RawPeer.Text(Uids.StorageCommitmentPushModelInstance)), (0x00001002, RawPeer.Short(2)));
        await peer.RequestAsync();
    }

    private static Task<StorageCommitment> RequestAsync(int port, DicomServerOptions? listener = null) => StorageCommitment.RequestAsync(
        new CommitmentOptions { Association = Transcript.Call(port), Node = Transcript.Node(port), Listener = listener },
        [new CommitmentItem(Uids.CTImageStorage, Peer.CT1), new CommitmentItem(Uids.CTImageStorage, Peer.CT2)], Transcript.Token);

    private static async Task WaitAsync(Transcript transcript, StorageCommitment commitment)
    {
        await commitment.WhenCompleted().WaitAsync(Transcript.Patience, Transcript.Token);
        transcript.Add(commitment);
        foreach (var result in commitment.Results())
            transcript.Add(result);
    }
}
