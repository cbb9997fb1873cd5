using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Jobs;
using DicomPS.Scp;
using DicomPS.Serving;
using static DicomPS.Engine.Tests.Support.CommitmentPeer;

namespace DicomPS.Engine.Tests.Commitment;

/// <summary>Storage commitment as a user asks for it, of peers that report in every way.</summary>
public sealed class StorageCommitmentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_report_over_the_same_association_decides_each_instance()
    {
        var scp = new CommitmentScp((_, instances, _) => Task.FromResult<IReadOnlyList<ushort>>([0, 0x0112]),
            new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([scp.Row]));
        var commitment = await RequestAsync(server, null, First, Second);
        await DoneAsync(commitment);
        Assert.Equal((CommitmentState.Completed, 2, 1, 1, 0),
            (commitment.GetState(), commitment.Instances, commitment.Committed, commitment.Failed, commitment.Unknown));
        Assert.Null(commitment.Error);
        var results = commitment.Results();
        Assert.Equal([(true, "Committed", null), (false, "Failed", "No such object instance (0112H)")],
            results.Select(result => (result.Committed, result.Status, result.FailureReason)));
        Assert.Equal([First.SopInstanceUid, Second.SopInstanceUid], results.Select(result => result.SOPInstanceUID));
    }

    [Fact]
    public async Task A_request_waits_for_room_beside_one_whose_report_is_waited_for()
    {
        var report = new TaskCompletionSource<IReadOnlyList<ushort>>();
        var scp = new CommitmentScp((_, _, _) => report.Task, new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions { MaximumAssociations = 1 }, new ServiceTable([scp.Row]));
        var calls = 0;
        var association = Options(server.Port) with
        {
            Trace = step => Interlocked.Add(ref calls, step.Kind == AssociationEventKind.NameResolved ? 1 : 0),
        };
        var options = new CommitmentOptions { Association = association, RetryDelay = Soon };
        var first = await StorageCommitment.RequestAsync(options, [Item(First)], Token);
        var second = StorageCommitment.RequestAsync(options, [Item(Second)], Token);
        while (Volatile.Read(ref calls) < 4)
            await Task.Delay(10, Token);
        Assert.False(second.IsCompleted);
        report.SetResult([0]);
        await DoneAsync(first);
        await DoneAsync(await second);
        Assert.Equal((1, 1), (first.Committed, (await second).Committed));
    }

    [Fact]
    public async Task A_node_that_served_and_is_gone_is_waited_for_and_one_that_never_did_is_not()
    {
        var scp = new CommitmentScp((_, _, _) => Task.FromResult<IReadOnlyList<ushort>>([0]),
            new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([scp.Row]));
        var options = new CommitmentOptions { Association = Options(server.Port), RetryDelay = Soon };
        await DoneAsync(await StorageCommitment.RequestAsync(options, [Item(First)], Token));
        await server.StopAsync(TimeSpan.Zero);
        var second = StorageCommitment.RequestAsync(options, [Item(Second)], Token);
        while (options.Reach.Trouble is null)
            await Task.Delay(10, Token);
        Assert.Contains("Nothing listens", options.Reach.Trouble);
        var never = await StorageCommitment.RequestAsync(options with { Reach = new PeerReach() }, [Item(First)], Token);
        Assert.Equal(("NotRequested", DicomStage.Tcp), (never.Results()[0].Status, never.GetException()!.Stage));
        await using var again = DicomServer.Start(new DicomServerOptions { Port = server.Port }, new ServiceTable([scp.Row]));
        await DoneAsync(await second);
        Assert.Equal(1, (await second).Committed);
    }

    [Fact]
    public async Task A_report_over_a_new_association_finds_its_request()
    {
        await using var server = Accepting();
        var commitment = await RequestAsync(server, 0, First);
        Assert.Equal(CommitmentState.Pending, commitment.GetState());
        Assert.Equal(0,
            (await ReportAsync(commitment.LocalPort!.Value, new CommitmentReport(commitment.TransactionUID, [First], []))).Status!.Value);
        await DoneAsync(commitment);
        Assert.Equal((CommitmentState.Completed, 1), (commitment.GetState(), commitment.Committed));
    }

    [Fact]
    public async Task A_storage_server_of_this_process_takes_reports_too()
    {
        using var folder = new TempFolder();
        await using var storage = StorageServer.Start(new StorageServerOptions { Folder = folder.Path });
        await using var server = Accepting();
        var commitment = await StorageCommitment.RequestAsync(
            new CommitmentOptions { Association = Options(server.Port), IsServedElsewhere = true }, [Item(First)], Token);
        Assert.Equal(0, (await ReportAsync(storage.Port, new CommitmentReport(commitment.TransactionUID, [First], []))).Status!.Value);
        await DoneAsync(commitment);
        Assert.Equal(1, commitment.Committed);
    }

    [Fact]
    public async Task A_storage_server_refuses_the_context_of_those_that_ask_and_takes_that_of_those_that_report()
    {
        using var folder = new TempFolder();
        await using var storage = StorageServer.Start(new StorageServerOptions { Folder = folder.Path });
        var refused = await Assert.ThrowsAsync<DicomNetworkException>(
            () => CommitmentScu.ConnectAsync(Options(storage.Port), _ => true, Token));
        Assert.Equal(DicomStage.PresentationContext, refused.Stage);
        Assert.Contains("abstract syntax", refused.Message);
        // Nobody waits for this one: the peer hears it as a status.
        Assert.Equal(0x0115, (await ReportAsync(storage.Port, new CommitmentReport("1.2.3", [First], []))).Status!.Value);
        await using var server = Accepting();
        var waiting = await StorageCommitment.RequestAsync(
            new CommitmentOptions { Association = Options(server.Port), IsServedElsewhere = true }, [Item(First)], Token);
        // Old peers report without a word about roles.
        await using (var scu = await CommitmentScu.ConnectAsync(Options(storage.Port), _ => true, Token))
            await scu.Association.ReleaseAsync(Token);
        await waiting.StopAsync();
    }

    [Fact]
    public async Task The_most_instances_go_into_one_request_and_one_report()
    {
        // UIDs of 64 characters: as long as they can be.
        CommitmentItem[] items = [.. Enumerable.Range(0, StorageCommitment.MaximumInstances).Select(n => new CommitmentItem(
            $"1.2.840.10008.5.1.4.1.1.2.{new string('9', 38)}", $"1.2.3.{n:D58}".Replace(".0", ".1", StringComparison.Ordinal)))];
        var scp = new CommitmentScp(
            (_, instances, _) => Task.FromResult<IReadOnlyList<ushort>>(
                [.. instances.Select((_, n) => n == 0 ? (ushort)0 : (ushort)0x0112)]),
            new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([scp.Row]));
        var commitment = await StorageCommitment.RequestAsync(new CommitmentOptions { Association = Options(server.Port) }, items, Token);
        await DoneAsync(commitment);
        Assert.Null(commitment.Error);
        Assert.Equal((items.Length, 1, items.Length - 1, 0),
            (commitment.Instances, commitment.Committed, commitment.Failed, commitment.Unknown));
    }

    [Fact]
    public async Task What_both_lists_name_has_failed_what_none_names_is_unknown_and_strangers_do_not_count()
    {
        await using var server = Accepting();
        var commitment = await RequestAsync(server, 0, First, Second, Third);
        var stranger = new SopReference(Uids.CTImageStorage, "1.2.3.99");
        var wrongClass = Third with { SopClassUid = Uids.MRImageStorage };
        await ReportAsync(commitment.LocalPort!.Value,
            new CommitmentReport(commitment.TransactionUID, [First, Second, stranger, wrongClass],
                [new FailedSopReference(Second, 0x0131)]));
        await DoneAsync(commitment);
        Assert.Equal((1, 1, 1), (commitment.Committed, commitment.Failed, commitment.Unknown));
        Assert.Equal(["Committed", "Failed", "Unknown"], commitment.Results().Select(result => result.Status));
    }

    [Fact]
    public async Task A_report_for_another_transaction_is_refused_and_leaves_the_request_waiting()
    {
        await using var server = Accepting();
        var commitment = await RequestAsync(server, 0, First);
        Assert.Equal(0x0115, (await ReportAsync(commitment.LocalPort!.Value, new CommitmentReport("1.2.3.4", [First], []))).Status!.Value);
        Assert.Equal(CommitmentState.Pending, commitment.GetState());
        await commitment.StopAsync().WaitAsync(Patience, Token);
    }

    [Theory]
    [InlineData("event", 0x0113)]
    [InlineData("class", 0x0118)]
    [InlineData("instance", 0x0112)]
    [InlineData("no dataset", 0x0115)]
    [InlineData("no transaction", 0x0115)]
    public async Task A_report_that_is_wrong_is_refused_with_what_is_wrong(string what, int status)
    {
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([CommitmentReportScp.Row(_ => true)]));
        var dataset = CommitmentMessages.Write(new CommitmentReport("1.2.9", [First], []));
        if (what == "no transaction")
            dataset.Remove(Tags.TransactionUID);
        var command = what switch
        {
            "event" => EventRequest with { EventTypeId = 3 },
            "class" => EventRequest with { AffectedSopClassUid = Uids.StorageCommitmentPullModel },
            "instance" => EventRequest with { AffectedSopInstanceUid = "1.2.3" },
            _ => EventRequest,
        };
        var answer = await SendAsync(server.Port, command, what == "no dataset" ? null : dataset);
        Assert.Equal((CommandField.NEventReportResponse, status), (answer.Field, answer.Status!.Value));
        Assert.NotEmpty(answer.ErrorComment!);
    }

    [Fact]
    public async Task A_refused_request_has_failed_and_says_why()
    {
        await using var server = Accepting(0x0213);
        var commitment = await RequestAsync(server, null, First);
        Assert.Equal(CommitmentState.Failed, commitment.GetState());
        Assert.Equal(0x0213, Assert.IsType<DicomStatusException>(commitment.GetException()).Status);
        var result = Assert.Single(commitment.Results());
        Assert.Equal((false, "NotRequested"), (result.Committed, result.Status));
        Assert.Contains("Resource Limitation", result.FailureReason);
    }

    [Fact]
    public async Task A_peer_without_storage_commitment_is_named()
    {
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([EchoScp.Row]));
        var commitment = await RequestAsync(server, null, First);
        Assert.Equal(DicomStage.PresentationContext, commitment.GetException()!.Stage);
        Assert.Equal("NotRequested", Assert.Single(commitment.Results()).Status);
    }

    [Fact]
    public async Task Without_a_report_in_time_nothing_is_known_and_a_late_report_is_refused()
    {
        await using var server = Accepting();
        await using var late = DicomServer.Start(new DicomServerOptions(),
            new ServiceTable([CommitmentReportScp.Row(StorageCommitment.Take)]));
        var commitment = await StorageCommitment.RequestAsync(
            new CommitmentOptions
            {
                Association = Options(server.Port), Listener = new DicomServerOptions(),
                Timeout = TimeSpan.FromMilliseconds(50)
            }, [Item(First)], Token);
        await DoneAsync(commitment);
        Assert.Equal("commitment", Assert.IsType<DicomTimeoutException>(commitment.GetException()).Name);
        Assert.Equal("Unknown", Assert.Single(commitment.Results()).Status);
        Assert.Equal(0x0115, (await ReportAsync(late.Port, new CommitmentReport(commitment.TransactionUID, [First], []))).Status!.Value);
        Assert.Equal(0, commitment.Committed);
    }

    [Fact]
    public async Task A_peer_that_leaves_without_a_report_is_not_waited_for_where_nobody_listens()
    {
        var server = Accepting();
        var commitment = await RequestAsync(server, null, First);
        await server.StopAsync(TimeSpan.Zero);
        await DoneAsync(commitment);
        Assert.Contains("without a storage commitment report", commitment.Error);
        Assert.Equal("Unknown", Assert.Single(commitment.Results()).Status);
    }

    [Fact]
    public async Task Requests_share_a_port_and_it_is_free_after_the_last()
    {
        await using var server = Accepting();
        var first = await RequestAsync(server, 0, First);
        var port = first.LocalPort!.Value;
        var second = await RequestAsync(server, port, Second);
        await ReportAsync(port, new CommitmentReport(first.TransactionUID, [First], []));
        await DoneAsync(first);
        Assert.Equal(0, (await ReportAsync(port, new CommitmentReport(second.TransactionUID, [Second], []))).Status!.Value);
        await DoneAsync(second);
        // Once what was open there is closed, too.
        using var limit = new CancellationTokenSource(Patience);
        while (!CanBind(port))
            await Task.Delay(50, limit.Token);

        static bool CanBind(int port)
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_report_comes_over_TLS_where_the_port_speaks_it_and_from_nobody_else()
    {
        using var own = Certificates.SelfSigned("localhost");
        using var peer = Certificates.SelfSigned("a PACS");
        await using var server = Accepting();
        var secure =
            new DicomServerOptions
            {
                Tls = new TlsServerOptions
                {
                    Certificate = own, RequireClientCertificate = true,
                    Validation = TlsValidation.Pinned, PinnedThumbprints = [peer.Thumbprint]
                }
            };
        var commitment = await StorageCommitment.RequestAsync(
            new CommitmentOptions { Association = Options(server.Port), Listener = secure }, [Item(First)], Token);
        var port = commitment.LocalPort!.Value;
        var report = new CommitmentReport(commitment.TransactionUID, [First], []);
        var trusting = new TlsClientOptions { Validation = TlsValidation.Pinned, PinnedThumbprints = [own.Thumbprint] };

        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => ReportAsync(port, report));
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => ReportAsync(port, report, trusting));
        // A port speaks in one way.
        var mixed = await Assert.ThrowsAsync<DicomNetworkException>(() => StorageCommitment.RequestAsync(
            new CommitmentOptions { Association = Options(server.Port), Listener = new DicomServerOptions { Port = port } },
            [Item(Second)], Token));
        Assert.Contains("with TLS", mixed.Message);
        Assert.Equal(CommitmentState.Pending, commitment.GetState());

        Assert.Equal(0, (await ReportAsync(port, report, trusting with { ClientCertificates = [peer] })).Status!.Value);
        await DoneAsync(commitment);
        Assert.Equal(1, commitment.Committed);
    }

    [Fact]
    public async Task A_port_that_is_taken_dooms_the_request_before_anything_is_sent()
    {
        await using var server = Accepting();
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => RequestAsync(server, server.Port, First));
        Assert.Contains($"{server.Port}", problem.Message);
        Assert.Equal(0, server.Associations);
    }

    [Fact]
    public async Task The_same_instance_twice_is_asked_for_once_and_answered_twice()
    {
        var scp =
            new CommitmentScp(
                (_, instances, _) => Task.FromResult<IReadOnlyList<ushort>>(new ushort[Assert.Single(instances) == First ? 1 : 0]),
                new CommitmentScpOptions { Settle = TimeSpan.Zero });
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([scp.Row]));
        var commitment = await RequestAsync(server, null, First, First);
        await DoneAsync(commitment);
        Assert.Equal((1, 1), (commitment.Instances, commitment.Committed));
        Assert.Equal([true, true], commitment.Results().Select(result => result.Committed));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Takes requests and never reports.
    private static DicomServer Accepting(ushort status = 0) => DicomServer.Start(new DicomServerOptions(), new ServiceTable(
        [new ServiceRow(Uids.StorageCommitmentPushModel, CommandField.NActionRequest, (call, _) => call.Reply(status), 0x0110, 0x0110)]));

    private static CommitmentItem Item(SopReference instance) => new(instance.SopClassUid, instance.SopInstanceUid);

    private static Task<StorageCommitment> RequestAsync(DicomServer server, int? localPort, params SopReference[] instances) =>
        StorageCommitment.RequestAsync(
        new CommitmentOptions
        {
            Association = Options(server.Port),
            Listener = localPort is { } port ? new DicomServerOptions { Port = port } : null
        },
        [.. instances.Select(Item)],
        Token);

    private static Task DoneAsync(StorageCommitment commitment) => commitment.WhenCompleted().WaitAsync(Patience, Token);
}
