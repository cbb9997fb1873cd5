using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Dimse;

/// <summary>Several requests in flight over one association, and which answer is whose.</summary>
public class DimseExchangeTests
{
    private static readonly byte[] Success = [0, 0], Failure = [0x10, 0x01];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CommandSet Echo => new() { Field = CommandField.CEchoRequest, AffectedSopClassUid = ScriptedPeer.Verification };

    [Fact]
    public async Task Answers_go_to_the_requests_whose_ids_they_repeat_whatever_their_order()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            for (var i = 0; i < 3; i++)
                await p.ReadMessageAsync();
            await AnswerAsync(p, 3, Success);
            await AnswerAsync(p, 1, Failure);
            await AnswerAsync(p, 1, Failure);
            await AnswerAsync(p, 2, Success);
            await p.ReadToEndAsync();
        });
        await using var association = await ConnectAsync(peer.Port);
        var exchange = new DimseExchange(association);
        var sent = new List<CommandSet>();
        for (var i = 0; i < 3; i++)
            sent.Add(await exchange.SendAsync(association.AcceptedContexts[0], Echo, null, Token));
        Assert.Equal([1, 2, 3], sent.Select(request => (int)request.MessageId));
        ushort?[] said = [.. await AllAsync(sent.Select(request => exchange.ResponseAsync(request, Token)))];
        Assert.Equal([0x0110, 0, 0], said.Select(status => (int)status!));
    }

    [Fact]
    public async Task An_answer_that_fits_none_of_those_in_flight_names_them()
    {
        object? seen = null;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            await p.ReadMessageAsync();
            await p.ReadMessageAsync();
            await AnswerAsync(p, 7, Success);
            seen = await p.ReadPduAsync();
        });
        await using var association = await ConnectAsync(peer.Port);
        var exchange = new DimseExchange(association);
        for (var i = 0; i < 2; i++)
            await exchange.SendAsync(association.AcceptedContexts[0], Echo, null, Token);
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => exchange.NextAsync(Token));
        Assert.Equal("The peer answered C-ECHO 1 and C-ECHO 2 with a C-ECHO response to 7. The association was aborted.", problem.Message);
        Assert.Equal(NetworkProblem.ProtocolViolation, problem.Problem);
        await peer.Script;
        Assert.IsType<Abort>(seen);
    }

    [Fact]
    public async Task An_answer_of_another_operation_fits_no_request_of_its_id()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            await p.ReadMessageAsync();
            await p.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, 1, Success));
            await p.ReadToEndAsync();
        });
        await using var association = await ConnectAsync(peer.Port);
        var exchange = new DimseExchange(association);
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(
            () => exchange.AskAsync(association.AcceptedContexts[0], Echo, null, Token));
        Assert.Contains("answered C-ECHO 1 with a C-STORE response to 1", problem.Message);
    }

    [Fact]
    public async Task A_response_that_nobody_asked_for_ends_the_association_of_a_server_too()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = DicomServer.Start(new DicomServerOptions
        {
            Trace = e =>
            {
                if (e.Problem is { })
                    told.TrySetResult(e.Text);
            }
        }, new ServiceTable([EchoScp.Row]));
        await using var peer = await ScriptedPeer.ConnectAsync(server.Port);
        Assert.IsType<AssociateAc>(await peer.AssociateAsync());
        await peer.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, 4, Success));
        Assert.IsType<Abort>(await peer.ReadPduAsync());
        Assert.Contains("The peer sent a C-STORE response to 4, which nobody asked for.", await told.Task);
    }

    [Fact]
    public void A_message_id_is_not_given_twice_at_a_time()
    {
        var requests = new RequestsInFlight();
        requests.Add(Echo with { MessageId = 5 });
        Assert.Throws<InvalidOperationException>(() => requests.Add(Echo with { MessageId = 5 }));
        Assert.True(requests.TryMatch((Echo with { MessageId = 5 }).Respond(0), out var answered));
        Assert.Equal(5, answered!.MessageId);
        requests.Add(Echo with { MessageId = 5 });
    }

    private static async Task<List<ushort?>> AllAsync(IEnumerable<Task<CommandSet>> responses)
    {
        var statuses = new List<ushort?>();
        foreach (var response in responses)
            statuses.Add((await response).Status);
        return statuses;
    }

    private static Task AnswerAsync(ScriptedPeer peer, ushort messageId, byte[] status) =>
        peer.SendCommandAsync(RawPeer.Response(CommandField.CEchoResponse, messageId, status));

    private static Task<Association> ConnectAsync(int port) => Association.ConnectAsync(new AssociationOptions
    {
        Host = "127.0.0.1",
        Port = port,
        PresentationContexts = [new PresentationContextProposal(ScriptedPeer.Verification, [ScriptedPeer.ImplicitLittleEndian])],
    }, Token);
}
