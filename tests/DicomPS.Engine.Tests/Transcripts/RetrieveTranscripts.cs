namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>C-MOVE and C-GET of a <see cref="RetrieveJob"/> as the wire and the results have it.</summary>
public sealed class RetrieveTranscripts
{
    private static readonly DicomDataset Failures = Peer.Data((Tags.FailedSOPInstanceUIDList, Peer.CT2));

    [Fact]
    public async Task Move_counts_its_suboperations()
    {
        await using var transcript = new Transcript();
        await MoveAsync(transcript, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, null, Peer.Counts(2, 1, 0, 0));
            await peer.AnswerAsync(request, 0xFF00, null, Peer.Counts(1, 2, 0, 0));
            await peer.AnswerAsync(request, 0, null, Peer.Counts(null, 3, 0, 0));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Move_names_a_destination_that_is_not_known()
    {
        await using var transcript = new Transcript();
        await MoveAsync(transcript, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0xA801, null, Peer.Comment("who is OTHER?"));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Move_fails_in_part_and_names_what_failed()
    {
        await using var transcript = new Transcript();
        await MoveAsync(transcript, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, null, Peer.Counts(1, 1, 0, 0));
            await peer.AnswerAsync(request, 0xB000, Peer.Explicit(Failures), Peer.Counts(null, 1, 1, 0));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Move_finds_its_context_refused()
    {
        await using var transcript = new Transcript();
        await MoveAsync(transcript, async peer =>
        {
            await peer.TakeAsync(Uids.StudyRootQueryRetrieveInformationModelMove);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Move_is_stopped()
    {
        await using var transcript = new Transcript();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await RetrieveAsync(transcript, options => options with { Destination = "OTHER", CancelGrace = Transcript.Patience },
            async (job, peer) =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, null, Peer.Counts(2, 1, 0, 0));
            begun.SetResult();
            var cancel = await peer.RequestAsync();
            Assert.Equal(CommandField.CCancelRequest, cancel.Command.Field);
            await peer.AnswerAsync(request, 0xFE00, null, Peer.Counts(2, 1, 0, 0));
            await peer.ReleasedAsync();
        }, async job =>
        {
            await begun.Task.WaitAsync(Transcript.Patience, Transcript.Token);
            // The pending response is read when the counts are there.
            while (job.Progress.Completed == 0)
                await Task.Delay(5, Transcript.Token);
            await job.StopAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Move_to_this_side_brings_two_instances()
    {
        await using var transcript = new Transcript();
        await RetrieveAsync(transcript, options => options with { Storage = Storage(transcript) }, async (job, peer) =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await transcript.CallAsync(job.ListenerPort!.Value, async sender =>
            {
                Assert.IsType<AssociateAc>(await sender.AskAsync(Uids.CTImageStorage));
                foreach (var (uid, id) in new[] { (Peer.CT1, (ushort)1), (Peer.CT2, (ushort)2) })
                {
                    await sender.StoreAsync(1, id, Peer.Image(uid));
                    await sender.RequestAsync();
                }

                await sender.ReleaseAsync();
            });
            await peer.AnswerAsync(request, 0, null, Peer.Counts(null, 2, 0, 0));
            await peer.ReleasedAsync();
        });
        transcript.AddFiles(Storage(transcript).Folder);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Get_brings_two_instances()
    {
        await using var transcript = new Transcript();
        await GetAsync(transcript, async (peer, request, context) =>
        {
            await peer.StoreAsync(context, 1, Peer.Image());
            await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, null, Peer.Counts(1, 1, 0, 0));
            await peer.StoreAsync(context, 2, Peer.Image(Peer.CT2));
            await peer.RequestAsync();
            await peer.AnswerAsync(request, 0, null, Peer.Counts(null, 2, 0, 0));
        });
        await transcript.CheckAsync();
    }

    // The second one says in its command that it is another instance.
    [Fact]
    public async Task Get_refuses_one_of_two_instances()
    {
        await using var transcript = new Transcript();
        await GetAsync(transcript, async (peer, request, context) =>
        {
            await peer.StoreAsync(context, 1, Peer.Image());
            await peer.RequestAsync();
            await peer.StoreAsync(context, 2, Peer.Image(Peer.CT2), Peer.Explicit(Peer.Image(Peer.CT3)));
            await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xB000, Peer.Explicit(Failures), Peer.Counts(null, 1, 1, 0));
        });
        await transcript.CheckAsync();
    }

    private static StorageServerOptions Storage(Transcript transcript) => new()
    {
        Folder = Path.Combine(transcript.Folder.Path, "in"),
        Server = new DicomServerOptions { AETitle = "OURS", Address = System.Net.IPAddress.Loopback },
    };

    private static async Task GetAsync(
        Transcript transcript, Func<ScriptedPeer, (CommandSet Command, byte Context, byte[] Dataset), byte, Task> send)
    {
        await RetrieveAsync(transcript, options => options with { Method = RetrieveMethod.Get, Storage = Storage(transcript) },
            async (_, peer) =>
        {
            var association = await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await send(peer, request, association.PresentationContexts.First(context => context.AbstractSyntax == Uids.CTImageStorage).Id);
            await peer.ReleasedAsync();
        });
        transcript.AddFiles(Storage(transcript).Folder);
    }

    private static Task MoveAsync(Transcript transcript, Func<ScriptedPeer, Task> script) =>
        RetrieveAsync(transcript, options => options with { Destination = "OTHER" }, (_, peer) => script(peer));

    private static async Task RetrieveAsync(
        Transcript transcript, Func<RetrieveJobOptions, RetrieveJobOptions> change, Func<RetrieveJob, ScriptedPeer, Task> script,
        Func<RetrieveJob, Task>? meanwhile = null)
    {
        var started = new TaskCompletionSource<RetrieveJob>(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = transcript.Listen(async peer => await script(await started.Task, peer));
        var options = change(new RetrieveJobOptions { Association = Transcript.Call(port), Node = Transcript.Node(port), RetryCount = 0 });
        await using var job = new RetrieveJob(options);
        started.SetResult(job);
        await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [Peer.Study1], SOPClassUID = [Uids.CTImageStorage] }, Transcript.Token);
        job.CompleteAdding();
        if (meanwhile is { })
            await meanwhile(job);
        await foreach (var result in job.ResultsAsync(Transcript.Token))
            transcript.Add(result);
    }
}
