using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Scu;

/// <summary>What peers answer that is no answer, and what each request makes of it.</summary>
public sealed class ResponseTests : IDisposable
{
    private const string Find = Uids.StudyRootQueryRetrieveInformationModelFind, Move = Uids.StudyRootQueryRetrieveInformationModelMove,
        Get = Uids.StudyRootQueryRetrieveInformationModelGet;
    private static readonly byte[] Success = [0, 0];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<CommandField, string, string> Lacking()
    {
        var rows = new TheoryData<CommandField, string, string>();
        foreach (var field in new[] { CommandField.CEchoResponse, CommandField.CStoreResponse, CommandField.CFindResponse,
            CommandField.CMoveResponse, CommandField.CGetResponse, CommandField.NActionResponse })
        {
            rows.Add(field, "no status", "Status (0000,0900)");
            rows.Add(field, "empty status", "Status (0000,0900)");
            rows.Add(field, "status of one byte", "Status (0000,0900)");
            rows.Add(field, "status of four bytes", "Status (0000,0900)");
            rows.Add(field, "no message id", "Message ID Being Responded To (0000,0120)");
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Lacking))]
    public async Task A_response_without_what_each_must_have_is_no_success_and_what_lacks_is_named(CommandField field, string what,
        string named)
    {
        object? seen = null;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var request = (await p.ReadMessageAsync())!.Value;
            await p.SendCommandAsync(RawPeer.Response(field, what == "no message id" ? null : request.Command.MessageId, what switch
            {
                "no status" => null,
                "empty status" => [],
                "status of one byte" => [0],
                "status of four bytes" => [0, 0, 0, 0],
                _ => Success,
            }), request.Context);
            seen = await p.ReadPduAsync();
            await p.ReadToEndAsync();
        });
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => RequestAsync(field, peer.Port));
        Assert.Contains($"response has no {named}.", problem.Message);
        Assert.Equal((DicomStage.Dimse, NetworkProblem.ProtocolViolation), (problem.Stage, problem.Problem));
        Assert.NotNull(problem.Advice);
        await peer.Script;
        Assert.IsType<Abort>(seen);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("1.2.3.9", true)]
    [InlineData("1.2.777", false)]
    public async Task A_store_counts_when_the_response_names_the_instance_or_none(string? named, bool counts)
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var request = (await p.ReadMessageAsync())!.Value;
            await p.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, request.Command.MessageId, Success, instance: named),
                request.Context);
            await p.ReadMessageAsync();
        });
        if (counts)
            Assert.Equal(Statuses.Success, (await StoreAsync(peer.Port, 1))[0].Status);
        else
            Assert.Contains("for another instance, 1.2.777",
                (await Assert.ThrowsAsync<DicomNetworkException>(() => StoreAsync(peer.Port, 1))).Message);
    }

    [Fact]
    public async Task A_refusal_stays_one_whatever_instance_it_names()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var request = (await p.ReadMessageAsync())!.Value;
            await p.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, request.Command.MessageId, [0, 0xA9],
                instance: "1.2.777"), request.Context);
            await p.ReadMessageAsync();
        });
        Assert.Equal((ushort)0xA900, (await StoreAsync(peer.Port, 1))[0].Status);
    }

    [Fact]
    public async Task Responses_that_come_twice_harm_no_later_request_of_the_association()
    {
        var stored = new List<string?>();
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            while (await p.ReadMessageAsync() is { } request)
            {
                stored.Add(request.Command.AffectedSopInstanceUid);
                for (var i = 0; i < 2; i++)
                    await p.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, request.Command.MessageId, Success),
                        request.Context);
            }
        });
        Assert.All(await StoreAsync(peer.Port, 3), response => Assert.Equal(Statuses.Success, response.Status));
        await peer.Script;
        Assert.Equal(["1.2.3.9", "1.2.3.9", "1.2.3.9"], stored);
    }

    [Fact]
    public async Task A_response_to_a_request_that_was_never_made_breaks_the_association()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var request = (await p.ReadMessageAsync())!.Value;
            await p.SendCommandAsync(RawPeer.Response(CommandField.CStoreResponse, (ushort)(request.Command.MessageId + 5), Success),
                request.Context);
            await p.ReadToEndAsync();
        });
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => StoreAsync(peer.Port, 1));
        Assert.Contains("answered C-STORE 1 with a C-STORE response to 6", problem.Message);
    }

    [Theory]
    [InlineData(CommandField.CMoveResponse)]
    [InlineData(CommandField.CGetResponse)]
    public async Task A_second_final_response_harms_nothing_after_it(CommandField field)
    {
        var asked = 0;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            while (await p.ReadMessageAsync() is { } request)
            {
                asked++;
                for (var i = 0; i < 2; i++)
                    await p.SendCommandAsync(RawPeer.Response(field, request.Command.MessageId, Success), request.Context);
            }
        });
        await using var scu = await QueryScu.ConnectAsync(Options(peer.Port, SopClass(field)), TimeSpan.FromSeconds(60), Token);
        for (var i = 0; i < 3; i++)
            Assert.Equal(Statuses.Success, (await AskAsync(scu, field))[^1].Command.Status);
        await scu.ReleaseAsync(Token);
        await peer.Script;
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task An_end_that_announces_a_dataset_and_sends_none_is_the_end_and_the_association_serves_on()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            while (await p.ReadMessageAsync() is { } request)
                await p.SendCommandAsync(RawPeer.Response(CommandField.CFindResponse, request.Command.MessageId, Success, RawPeer.Some),
                    request.Context);
        });
        await using var scu = await QueryScu.ConnectAsync(Options(peer.Port, Find), TimeSpan.FromSeconds(60), Token);
        for (var i = 0; i < 2; i++)
        {
            var final = Assert.Single(await AskAsync(scu, CommandField.CFindResponse));
            Assert.Equal((Statuses.Success, true, null), (final.Command.Status!.Value, final.LacksDataset, final.Dataset));
        }

        await scu.ReleaseAsync(Token);
        await peer.Script;
    }

    [Fact]
    public async Task A_dataset_that_comes_after_all_is_passed_over_before_the_next_answer()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            byte[]? late = null;
            while (await p.ReadMessageAsync() is { } request)
            {
                if (late is { })
                    await p.SendDatasetAsync(late, request.Context);
                await p.SendCommandAsync(RawPeer.Response(CommandField.CFindResponse, request.Command.MessageId, Success,
                    late is null ? RawPeer.Some : RawPeer.None), request.Context);
                late = Bytes(1);
            }
        });
        await using var scu = await QueryScu.ConnectAsync(Options(peer.Port, Find), TimeSpan.FromSeconds(60), Token);
        Assert.True((await AskAsync(scu, CommandField.CFindResponse))[0].LacksDataset);
        Assert.False((await AskAsync(scu, CommandField.CFindResponse))[0].LacksDataset);
        await scu.ReleaseAsync(Token);
        await peer.Script;
    }

    [Fact]
    public async Task The_failed_instances_count_where_the_peer_puts_them_into_the_command_set()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var request = (await p.ReadMessageAsync())!.Value;
            // As Orthanc 1.10.1 does: group 0008 between group length and the command's own elements, or behind them.
            await p.SendCommandAsync(
                [
                    .. RawPeer.Response(CommandField.CGetResponse, request.Command.MessageId, [0, 0xB0]),
                    .. RawPeer.Command((0x00001022, RawPeer.Short(2)), (0x00080000, RawPeer.Long(20)),
                        (0x00080058, RawPeer.Text("1.2.3\\1.2.44")), (0x00100010, RawPeer.Text("X"))),
                ], request.Context);
            await p.ReadToEndAsync();
        });
        await using var scu = await QueryScu.ConnectAsync(Options(peer.Port, Get), TimeSpan.FromSeconds(60), Token);
        var final = Assert.Single(await AskAsync(scu, CommandField.CGetResponse));
        Assert.Equal(((ushort?)0xB000, (ushort?)2), (final.Command.Status, final.Command.Failed));
        Assert.Equal(["1.2.3", "1.2.44"], final.Dataset!.GetStrings(Tags.FailedSOPInstanceUIDList));
    }

    [Theory]
    [InlineData(CommandField.CStoreResponse)]
    [InlineData(CommandField.NEventReportResponse)]
    public async Task A_server_lets_no_response_without_a_status_through(CommandField field)
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
        await peer.SendCommandAsync(RawPeer.Response(field, 1, null));
        Assert.IsType<Abort>(await peer.ReadPduAsync());
        Assert.Contains("response has no Status (0000,0900)", await told.Task);
    }

    [Fact]
    public async Task Who_leaves_a_get_early_still_answers_the_instances_that_come_until_its_end()
    {
        var answered = new List<ushort?>();
        await using var archive = ScriptedArchive.Start(async call =>
        {
            await call.PendingAsync(3, 0);
            await call.WaitForCancelAsync();
            for (var i = 0; i < 3; i++)
                answered.Add(await call.StoreAsync(Instances.Dataset()));
            await call.FinalAsync(0xFE00, completed: 3, remaining: 0);
        });
        var options = Options(archive.Port, Get, Uids.CTImageStorage) with { };
        options =
            options with
            {
                PresentationContexts = [options.PresentationContexts[0],
                options.PresentationContexts[1] with { ScuRole = false, ScpRole = true }]
            };
        await using var scu = await QueryScu.ConnectAsync(options, TimeSpan.FromSeconds(20), Token);
        await foreach (var response in scu.GetAsync(scu.ContextFor(Get)!, Identifier(),
            (_, message, _) => Task.FromResult(message.Command.Respond(0)), DicomPriority.Medium, Token))
        {
            Assert.True(response.IsPending);
            break;
        }

        Assert.Equal(AssociationState.Established, scu.Association.State);
        Assert.Equal(new ushort?[] { 0, 0, 0 }, answered);
        await scu.ReleaseAsync(Token);
    }

    [Fact]
    public void Message_ids_begin_again_with_1_and_never_are_0()
    {
        var writer = new DimseWriter(null!);
        var ids = Enumerable.Range(0, 65_537).Select(_ => writer.NextMessageId()).ToList();
        Assert.DoesNotContain((ushort)0, ids);
        Assert.Equal([65535, 1, 2], ids.Skip(65_534).Select(id => (int)id));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Bytes(int number) =>
        DatasetWriter.ToArray(Querying.QueryBench.Study(number), TransferSyntax.ExplicitVRLittleEndian);

    private static string SopClass(CommandField field) => field switch
    {
        CommandField.CFindResponse => Find,
        CommandField.CMoveResponse => Move,
        _ => Get,
    };

    private static AssociationOptions Options(int port, params string[] sopClasses) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        PresentationContexts = [.. sopClasses.Select(uid => new PresentationContextProposal(uid, ["1.2.840.10008.1.2.1"]))],
    };

    private static DicomDataset Identifier()
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "STUDY");
        identifier.Set(Tags.StudyInstanceUID, "1.2.3");
        return identifier;
    }

    private async Task RequestAsync(CommandField response, int port)
    {
        switch (response)
        {
            case CommandField.CEchoResponse:
                var node = new DicomNode { AETitle = "PEER", HostName = "127.0.0.1", Port = port };
                var echo = await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), 1, Token);
                throw (Exception?)echo.GetException() ?? new InvalidOperationException("The echo succeeded.");
            case CommandField.CStoreResponse:
                await StoreAsync(port, 1);
                break;
            case CommandField.NActionResponse:
                await using (var commitment = await CommitmentScu.ConnectAsync(Options(port), _ => true, Token))
                    await commitment.RequestAsync(new CommitmentRequest("1.2.3.4", [CommitmentPeer.First]), Token);
                break;
            default:
                await using (var scu = await QueryScu.ConnectAsync(Options(port, SopClass(response)), TimeSpan.FromSeconds(60), Token))
                    await AskAsync(scu, response);
                break;
        }
    }

    private static async Task<List<ExchangeResponse>> AskAsync(QueryScu scu, CommandField response)
    {
        var context = scu.ContextFor(SopClass(response))!;
        var running = response switch
        {
            CommandField.CFindResponse => scu.FindAsync(context, Identifier(), null, DicomPriority.Medium, Token),
            CommandField.CMoveResponse => scu.MoveAsync(context, Identifier(), "TARGET", null, DicomPriority.Medium, Token),
            _ => scu.GetAsync(context, Identifier(), (_, message, _) => Task.FromResult(message.Command.Respond(0)),
                DicomPriority.Medium, Token),
        };
        var responses = new List<ExchangeResponse>();
        await foreach (var one in running)
            responses.Add(one);
        return responses;
    }

    private async Task<List<CommandSet>> StoreAsync(int port, int times)
    {
        var file = DicomFileProbe.Read(await Instances.WriteAsync(_folder, Instances.Dataset(instance: "1.2.3.9")));
        await using var scu = await StoreScu.ConnectAsync(Options(port, Uids.CTImageStorage), Token);
        var responses = new List<CommandSet>();
        for (var i = 0; i < times; i++)
            responses.Add(await scu.SendAsync(file, scu.RouteFor(file, reencode: false)!, DicomPriority.Medium, null, Token));
        await scu.ReleaseAsync(Token);
        return responses;
    }
}
