namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Files sent by a <see cref="StoreJob"/> as the wire and the results have it.</summary>
public sealed class StoreTranscripts
{
    [Fact]
    public async Task Store_succeeds()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], peer => ServeAsync(peer, 0));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_sends_two_files_over_one_association()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image(), Peer.Image(Peer.CT2)], peer => ServeAsync(peer, 0, 0));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_succeeds_with_a_warning()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0xB000, null, (0x00000901, [0x10, 0x00, 0x10, 0x00]),
                Peer.Comment("name made upper case"));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_is_refused_for_want_of_room()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0xA700, null, Peer.Comment("disk is full"));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_finds_its_context_refused()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync(Uids.CTImageStorage);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_is_answered_for_another_instance()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0, null, (0x00001000, RawPeer.Text(Peer.CT3)));
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_is_answered_for_another_message()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0, null, (0x00000120, RawPeer.Short(77)));
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_loses_its_peer_before_the_answer()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.RequestAsync();
            peer.Close();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_is_tried_again_after_an_abort()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.TakeAsync();
            await peer.RequestAsync();
            await peer.SendAsync(new Abort(0, 0));
        }, peer => ServeAsync(peer, 0));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_is_tried_again_after_a_refusal_for_the_moment()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.SendAsync(new AssociateRj(2, 3, 2));
        }, peer => ServeAsync(peer, 0));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_changes_the_syntax_for_a_peer_that_takes_another_one()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            var request = await peer.ReadAsync<AssociateRq>();
            var answer = ScriptedPeer.Answer(request);
            await peer.SendAsync(answer with
            {
                PresentationContexts = [.. answer.PresentationContexts.Select(context =>
                    context.TransferSyntax == Uids.ImplicitVRLittleEndian ? context : context with { Result = 4 })],
            });
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Store_splits_for_a_peer_with_short_PDUs()
    {
        await using var transcript = new Transcript();
        await SendAsync(transcript, [Peer.Image()], async peer =>
        {
            await peer.AcceptAsync(maximumPdu: 150);
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    // Each association gets one of two files: neither is answered before both are there. Which one is up to the system.
    [Fact]
    public async Task Store_sends_two_files_over_two_associations()
    {
        await using var transcript = new Transcript { IsSorted = true };
        var both = new CountdownEvent(2);
        async Task ServeOneAsync(ScriptedPeer peer)
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            both.Signal();
            await Task.Run(() => both.Wait(Transcript.Patience));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        }

        await SendAsync(transcript, [Peer.Image(), Peer.Image(Peer.CT2)],
            options => options with { Associations = 2, SplitsStudies = true }, ServeOneAsync, ServeOneAsync);
        await transcript.CheckAsync();
    }

    private static async Task ServeAsync(ScriptedPeer peer, params ushort[] statuses)
    {
        await peer.TakeAsync();
        foreach (var status in statuses)
            await peer.AnswerAsync(await peer.RequestAsync(), status);
        await peer.ReleasedAsync();
    }

    private static Task SendAsync(Transcript transcript, DicomDataset[] instances, params Func<ScriptedPeer, Task>[] scripts) =>
        SendAsync(transcript, instances, options => options, scripts);

    private static async Task SendAsync(
        Transcript transcript, DicomDataset[] instances, Func<StoreJobOptions, StoreJobOptions> change,
        params Func<ScriptedPeer, Task>[] scripts)
    {
        var port = transcript.Listen(scripts);
        var options = new StoreJobOptions
        {
            Association = Transcript.Call(port),
            Node = Transcript.Node(port),
            RetryCount = scripts.Length - 1,
            RetryDelay = TimeSpan.FromMilliseconds(20),
        };
        await using var job = new StoreJob(change(options));
        foreach (var instance in instances)
            await job.AddAsync(await Instances.WriteAsync(transcript.Folder, instance), Transcript.Token);
        job.CompleteAdding();
        var results = new List<StoreResult>();
        await foreach (var result in job.ResultsAsync(Transcript.Token))
            results.Add(result);
        foreach (var result in results.OrderBy(result => result.Path, StringComparer.Ordinal))
            transcript.Add(result);
    }
}
