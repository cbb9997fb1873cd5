using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Sending;

/// <summary>Files under way over one association before the first is answered (PS3.7 D.3.3.3).</summary>
public sealed class AsyncOperationsTests : IDisposable
{
    private static readonly byte[] Success = [0, 0], Refused = [0, 0xC0];
    private readonly TempFolder _sent = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _sent.Dispose();

    [Fact]
    public async Task Answers_in_reverse_order_go_to_the_files_that_they_are_for()
    {
        var files = await ManyAsync(9);
        var asked = new List<AsynchronousOperationsWindow>();
        var refused = "";
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            asked.AddRange((await AgreeAsync(p, 4)).UserItems.OfType<AsynchronousOperationsWindow>());
            // Until the first answer it is not known that there is a window.
            await AnswerAsync(p, await ReadAsync(p, 1), Success);
            foreach (var count in new[] { 4, 4 })
            {
                var requests = await ReadAsync(p, count);
                Assert.Equal(count, requests.Select(request => request.MessageId).Distinct().Count());
                requests.Reverse();
                if (refused.Length > 0)
                    await AnswerAsync(p, requests, Success);
                else
                {
                    refused = requests[0].AffectedSopInstanceUid!;
                    await AnswerAsync(p, [requests[0]], Refused);
                    await AnswerAsync(p, requests.GetRange(1, count - 1), Success);
                }
            }

            await p.ReadMessageAsync();
        });
        var results = await SendAsync(peer.Port, files, 4);
        await peer.Script;
        var window = Assert.Single(asked);
        Assert.Equal((4, 1), (window.MaximumInvoked, window.MaximumPerformed));
        Assert.Equal(8, results.Count(r => r is { Success: true, Status: "Success" }));
        var failed = Assert.Single(results, r => !r.Success);
        Assert.Equal((refused, (ushort?)0xC000), (failed.SOPInstanceUID, failed.StatusCode));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(0, 5)]
    [InlineData(99, 5)]
    public async Task No_more_are_under_way_than_both_sides_agreed_to(int? answer, int most)
    {
        var files = await ManyAsync(7);
        var ahead = 0;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await AgreeAsync(p, answer);
            await AnswerAsync(p, await ReadAsync(p, 1), Success);
            for (var left = 6; left > 0;)
            {
                var requests = await ReadAsync(p, Math.Min(most, left));
                left -= requests.Count;
                // Nothing further comes before an answer.
                await Task.Delay(100, Token);
                ahead = Math.Max(ahead, p.Socket.Available);
                await AnswerAsync(p, requests, Success);
            }

            await p.ReadMessageAsync();
        });
        var results = await SendAsync(peer.Port, files, 5);
        await peer.Script;
        Assert.Equal(7, results.Count(r => r.Success));
        Assert.Equal(0, ahead);
    }

    [Fact]
    public async Task When_the_association_breaks_only_what_was_acknowledged_counts()
    {
        var files = await ManyAsync(6);
        var answered = new List<string>();
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await AgreeAsync(p, 5);
            var first = await ReadAsync(p, 1);
            await AnswerAsync(p, first, Success);
            var requests = await ReadAsync(p, 5);
            await AnswerAsync(p, [requests[3]], Success);
            answered.AddRange([first[0].AffectedSopInstanceUid!, requests[3].AffectedSopInstanceUid!]);
        });
        var results = await SendAsync(peer.Port, files, 5, o => o with { RetryCount = 0 });
        await peer.Script;
        Assert.Equal(answered.Order(), results.Where(r => r.Success).Select(r => r.SOPInstanceUID).Order());
        Assert.All(results.Where(r => !r.Success), r => Assert.Equal(("Unknown", (ushort?)null), (r.Status, r.StatusCode)));
    }

    [Fact]
    public async Task What_was_not_acknowledged_when_the_association_broke_is_sent_again()
    {
        var (seen, aborts) = (0, 0);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([], uid => new ServiceRow(uid,
            CommandField.CStoreRequest, async (call, token) =>
            {
                await call.Reader.ReadDatasetAsync(call.Message, null, token);
                if (Interlocked.Increment(ref seen) % 7 == 0 && Interlocked.Increment(ref aborts) <= 3)
                    await call.Association.AbortAsync();
                return call.Command.Respond(0);
            }, 0xC000, 0xC000)));
        var results = await SendAsync(server.Port, await ManyAsync(40), 8,
            o => o with { RetryCount = 5, RetryDelay = TimeSpan.FromMilliseconds(5) });
        Assert.Equal(40, results.Count(r => r.Success));
        Assert.InRange(server.Associations, 4, 20);
    }

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.2", 8)]
    [InlineData("1.2.840.10008.5.1.4.1.2.2.1", 1)]
    public async Task A_server_agrees_where_it_answers_in_order_and_says_one_where_it_does_not(string sopClass, int window)
    {
        static ServiceRow Row(string uid, CommandField field) =>
            new(uid, field, (call, _) => call.Reply(0), 0xC000, 0xC000) { RunsBeside = field == CommandField.CFindRequest };
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([
            Row("1.2.840.10008.5.1.4.1.1.2", CommandField.CStoreRequest),
            Row("1.2.840.10008.5.1.4.1.2.2.1", CommandField.CFindRequest)]));
        await using var association = await Association.ConnectAsync(Options(server.Port).Association with
        {
            PresentationContexts = [new(sopClass, ["1.2.840.10008.1.2"])],
            ExtraUserItems = [new AsynchronousOperationsWindow(8, 8)],
        }, Token);
        Assert.Equal(window, association.OperationsWindow);
        var answer = Assert.Single(association.Response.UserItems.OfType<AsynchronousOperationsWindow>());
        Assert.Equal((window, 1), (answer.MaximumInvoked, answer.MaximumPerformed));
        await association.ReleaseAsync(Token);
    }

    [Fact]
    public async Task A_storage_server_of_ours_stores_what_comes_ahead_of_its_answers()
    {
        using var received = new TempFolder();
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = received.Path,
            Server = new DicomServerOptions { Port = 0 },
        });
        await using var line = SlowLine.To(server.Port, TimeSpan.FromMilliseconds(40));
        var results = await SendAsync(line.Port, await ManyAsync(100), 32);
        Assert.Equal(100, results.Count(r => r.Success));
        Assert.Equal(1, line.Connections);
        Assert.Equal(100, received.Files().Length);
    }

    private static async Task<AssociateRq> AgreeAsync(ScriptedPeer peer, int? window)
    {
        var request = await peer.ReadAsync<AssociateRq>();
        var answer = ScriptedPeer.Answer(request);
        await peer.SendAsync(window is not { } invoked ? answer
            : answer with { UserItems = [.. answer.UserItems, new AsynchronousOperationsWindow((ushort)invoked, 1)] });
        return request;
    }

    private static async Task<List<CommandSet>> ReadAsync(ScriptedPeer peer, int count)
    {
        var requests = new List<CommandSet>();
        while (requests.Count < count)
            requests.Add((await peer.ReadMessageAsync())!.Value.Command);
        return requests;
    }

    private static async Task AnswerAsync(ScriptedPeer peer, List<CommandSet> requests, byte[] status)
    {
        foreach (var request in requests)
            await peer.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, request.MessageId, status,
                instance: request.AffectedSopInstanceUid));
    }

    private async Task<List<string>> ManyAsync(int count)
    {
        var files = new List<string>();
        for (var i = 0; i < count; i++)
            files.Add(await Instances.WriteAsync(_sent, Instances.Dataset()));
        return files;
    }

    private static StoreJobOptions Options(int port) =>
        new() { Association = AssociationOptions.For(new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = port }) };

    private static async Task<List<StoreResult>> SendAsync(int port, List<string> files, int window,
        Func<StoreJobOptions, StoreJobOptions>? change = null)
    {
        await using var job = new StoreJob((change ?? (o => o))(Options(port) with { AsyncOperations = window }));
        foreach (var file in files)
            await job.AddAsync(file, Token);
        job.CompleteAdding();
        var results = new List<StoreResult>();
        await foreach (var result in job.ResultsAsync(Token))
            results.Add(result);
        Assert.Equal(files.Order(), results.Select(r => r.Path).Order());
        return results;
    }
}
