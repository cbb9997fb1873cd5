namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>C-ECHO of the engine as the wire and the result have it.</summary>
public sealed class EchoTranscripts
{
    [Fact]
    public async Task Echo_is_answered_twice()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 2, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Echo_meets_a_rejected_association()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.SendAsync(new AssociateRj(1, 1, 7));
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Echo_meets_an_abort()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.TakeAsync();
            await peer.RequestAsync();
            await peer.SendAsync(new Abort(2, 0));
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Echo_meets_a_refused_context()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.TakeAsync(Uids.Verification);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Echo_meets_a_failure_with_a_comment()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0x0122, null, Peer.Comment("not for you"));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Echo_meets_silence()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.TakeAsync();
            await peer.RequestAsync();
        }, TimeSpan.FromSeconds(0.5));
        await transcript.CheckAsync();
    }

    // PS3.8 9.2, table 9-9: as requestor of the association the engine answers first, then waits for the answer to its own request.
    [Fact]
    public async Task Echo_ends_in_a_release_collision()
    {
        await using var transcript = new Transcript();
        await EchoAsync(transcript, 1, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReadAsync<ReleaseRq>();
            await peer.SendAsync(new ReleaseRq());
            await peer.ReadAsync<ReleaseRp>();
            await peer.SendAsync(new ReleaseRp());
        });
        await transcript.CheckAsync();
    }

    private static async Task EchoAsync(Transcript transcript, int count, Func<ScriptedPeer, Task> script, TimeSpan? timeout = null)
    {
        var port = transcript.Listen(script);
        var options = Transcript.Call(port) with { ResponseTimeout = timeout ?? Transcript.Patience };
        transcript.Add(await EchoScu.DiagnoseAsync(Transcript.Node(port), options, count, Transcript.Token));
    }
}
