using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>Requests that delegates answer, and the faults that a server makes on purpose.</summary>
public class ServiceHandlersTests
{
    private const string Find = Uids.StudyRootQueryRetrieveInformationModelFind;
    private readonly ConcurrentQueue<ServerEvent> _events = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<DicomService> Services => [.. Enum.GetValues<DicomService>()];

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_service_has_SOP_classes_and_statuses_of_its_own(DicomService service)
    {
        var operations = ServiceClasses.Operations(service);
        Assert.NotEmpty(operations);
        Assert.All(operations, operation =>
        {
            Assert.NotEmpty(operation.SopClassUids);
            Assert.True(DimseStatus.IsListed(operation.StatusTable, operation.FailureStatus),
                $"{operation.StatusTable} lacks {operation.FailureStatus:X4}");
            Assert.True(DimseStatus.IsListed(operation.StatusTable, operation.UnreadableStatus));
        });
    }

    [Fact]
    public void A_SOP_class_belongs_to_one_service()
    {
        var all = Enum.GetValues<DicomService>().SelectMany(ServiceClasses.Operations).SelectMany(o => o.SopClassUids).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public void Only_what_has_a_handler_is_served()
    {
        var table = new ServiceHandlers { Find = (_, _, _) => Matches() }.ToTable();
        Assert.True(table.Serves(Find));
        Assert.True(table.Serves(Uids.Verification));
        Assert.False(table.Serves(Uids.StudyRootQueryRetrieveInformationModelMove));
        Assert.False(table.Serves(Uids.CTImageStorage));
    }

    [Theory]
    [InlineData(StatusTable.Storage, "A700", 0xA700)]
    [InlineData(StatusTable.Storage, "0xb000", 0xB000)]
    [InlineData(StatusTable.Storage, "C123H", 0xC123)]
    [InlineData(StatusTable.Storage, "Success", 0x0000)]
    [InlineData(StatusTable.Storage, "Refused: Out of Resources", 0xA700)]
    [InlineData(StatusTable.QrFind, "out of resources", 0xA700)]
    [InlineData(StatusTable.QrMove, "MoveDestinationUnknown", 0xA801)]
    [InlineData(StatusTable.QrFind, "No Such SOP Class", 0x0118)]
    public void Statuses_are_read_as_people_write_them(StatusTable table, string text, int expected)
    {
        Assert.True(DimseStatus.TryParse(table, text, out var code));
        Assert.Equal(expected, code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("H")]
    [InlineData("rubbish")]
    [InlineData("12345")]
    public void What_is_no_status_is_not_read(string text) => Assert.False(DimseStatus.TryParse(StatusTable.Storage, text, out _));

    [Fact]
    public async Task Matches_go_out_as_they_are_found()
    {
        var more = new TaskCompletionSource();
        await using var server = Serve(new ServiceHandlers { Find = (_, _, token) => WaitingAsync(more.Task, token) });
        await using var scu = await ConnectAsync(server);
        var found = 0;
        await foreach (var response in FindAsync(scu))
        {
            if (response.IsPending && ++found == 1)
                more.SetResult();
        }

        Assert.Equal(2, found);
    }

    [Fact]
    public async Task A_handler_that_hangs_is_cut_off_and_its_late_answer_dropped()
    {
        var late = new TaskCompletionSource();
        // Long enough for what does not hang, on a busy machine too.
        await using var server =
            Serve(new ServiceHandlers { HandlerTimeout = TimeSpan.FromSeconds(3), Find = (_, _, _) => StubbornAsync(late.Task) });
        await using var scu = await ConnectAsync(server);
        var responses = await AllAsync(scu);
        Assert.Equal([0xFF00, 0xC311], responses.Select(r => (int)r.Command.Status!.Value));
        Assert.Contains("3 s", responses[^1].Command.ErrorComment);
        late.SetResult();
        Assert.Equal([0xFF00, 0xFF00, 0x0000], (await AllAsync(scu)).Select(r => (int)r.Command.Status!.Value));
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_is_cut_off_too()
    {
        using var gate = new ManualResetEventSlim();
        await using var server = Serve(new ServiceHandlers
        {
            HandlerTimeout = TimeSpan.FromMilliseconds(200),
            Echo = (call, _) =>
            {
                gate.Wait(TimeSpan.FromSeconds(60), CancellationToken.None);
                return call.Reply(0);
            },
        });
        var result = await EchoAsync(server);
        gate.Set();
        Assert.False(result.Success);
        Assert.Equal(0x0110, (int?)result.StatusCode);
    }

    [Fact]
    public async Task What_a_handler_throws_becomes_the_failure_of_its_service()
    {
        await using var server = Serve(new ServiceHandlers { Find = (_, _, _) => throw new HandlerException("not today") });
        await using var scu = await ConnectAsync(server);
        var response = Assert.Single(await AllAsync(scu));
        Assert.Equal(0xC311, response.Command.Status!.Value);
        // The peer is told that it failed, and the server's own record why.
        Assert.Equal("The handler failed; see the server's own messages", response.Command.ErrorComment);
        Assert.Contains(_events, e => e.Text.Contains("not today", StringComparison.Ordinal));
    }

    public static TheoryData<Exception> Secrets() =>
    [
        new HandlerException("password=hunter2 at /srv/secret"),
        new InvalidOperationException("password=hunter2 at /srv/secret"),
        new FileNotFoundException("password=hunter2 at /srv/secret"),
        new DicomDataException("password=hunter2 at /srv/secret", 1) { Path = "/srv/secret" },
        new DicomException("password=hunter2 at /srv/secret") { Stage = DicomStage.File },
        new ServiceException(0xC001, "not today") { Detail = "password=hunter2 at /srv/secret" },
    ];

    [Theory]
    [MemberData(nameof(Secrets), DisableDiscoveryEnumeration = true)]
    public async Task What_is_thrown_stays_here_whatever_it_is(Exception thrown)
    {
        await using var server = Serve(new ServiceHandlers { Find = (_, _, _) => throw thrown });
        await using var scu = await ConnectAsync(server);
        var response = Assert.Single(await AllAsync(scu)).Command;
        Assert.Equal(DimseStatusCategory.Failure, DimseStatus.CategoryOf(response.Status));
        Assert.DoesNotContain("secret", response.ErrorComment!, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", response.ErrorComment!, StringComparison.Ordinal);
        Assert.Contains(_events, e => e.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0xFF00)]
    [InlineData(0xFF01)]
    public async Task A_pending_status_is_never_the_last_word(int status)
    {
        await using var server = Serve(new ServiceHandlers
        {
            Find = (_, _, _) => throw new ServiceException((ushort)status, ""),
            Echo = (call, _) => call.Reply((ushort)status),
        });
        await using var scu = await ConnectAsync(server);
        Assert.Equal((ushort?)0xC311, Assert.Single(await AllAsync(scu)).Command.Status);
        Assert.Equal((ushort?)0x0110, (await EchoAsync(server)).StatusCode);
    }

    [Fact]
    public async Task A_match_goes_out_with_the_status_that_it_has()
    {
        await using var server = Serve(new ServiceHandlers { FindMatches = Two });
        await using var scu = await ConnectAsync(server);
        Assert.Equal([0xFF00, 0xFF01, 0], (await AllAsync(scu)).Select(r => (int)r.Command.Status!.Value));

        async IAsyncEnumerable<FindMatch> Two(ServiceCall call, DicomDataset identifier, [EnumeratorCancellation] CancellationToken token)
        {
            await Task.Yield();
            yield return new FindMatch(Match(0));
            yield return new FindMatch(Match(1), 0xFF01);
        }
    }

    [Fact]
    public async Task A_status_that_the_service_lacks_is_sent_and_told()
    {
        await using var server = Serve(new ServiceHandlers { Find = (_, _, _) => throw new ServiceException(0x1234, "") });
        await using var scu = await ConnectAsync(server);
        Assert.Equal(0x1234, Assert.Single(await AllAsync(scu)).Command.Status!.Value);
        Assert.Contains(_events, e => e.Problem is null && e.Text.Contains("1234H, which is no status", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, new[] { 0xFF00, 0x0000 })]
    [InlineData(2, new[] { 0xC100 })]
    public async Task Relevant_patient_answers_at_most_one_match(int matches, int[] statuses)
    {
        const string General = "1.2.840.10008.5.1.4.37.1";
        await using var server =
            Serve(new ServiceHandlers { Services = [DicomService.RelevantPatient], Find = (_, _, _) => Matches(matches) });
        await using var scu = await ConnectAsync(server, General);
        Assert.Equal(statuses, (await AllAsync(scu, General)).Select(r => (int)r.Command.Status!.Value));
    }

    [Fact]
    public async Task An_instance_lies_in_a_file_until_the_handler_has_answered()
    {
        using var folder = new TempFolder();
        string? seen = null;
        var existed = false;
        await using var server = Serve(new ServiceHandlers
        {
            Folder = folder.Path,
            Store = (call, instance, _) =>
            {
                (seen, existed) = (instance.Received.Path, File.Exists(instance.Received.Path));
                Assert.Equal("CT", instance.Header.GetString(Tags.Modality));
                Assert.False(instance.Header.Contains(Tags.PixelData));
                return call.Reply(0xB000);
            },
        });
        Assert.Equal(0xB000, (await StoreAsync(server)).Status!.Value);
        Assert.True(existed);
        Assert.False(File.Exists(seen));
        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task Faults_fail_every_second_request()
    {
        await using var server = Serve(new ServiceHandlers { Find = (_, _, _) => Matches() },
            new FaultPlan { FailEvery = 2, FailStatus = 0xA700 });
        await using var scu = await ConnectAsync(server);
        var last = new List<int>();
        for (var i = 0; i < 4; i++)
            last.Add((await AllAsync(scu))[^1].Command.Status!.Value);
        Assert.Equal([0, 0xA700, 0, 0xA700], last);
    }

    [Fact]
    public async Task Faults_abort_after_so_many_responses()
    {
        await using var server = Serve(new ServiceHandlers { Find = (_, _, _) => Matches(5) }, new FaultPlan { AbortAfter = 2 });
        await using var scu = await ConnectAsync(server);
        var found = 0;
        var ended = await Assert.ThrowsAsync<AssociationAbortedException>(async () =>
        {
            await foreach (var response in FindAsync(scu))
                found++;
        });
        Assert.True(ended.ByPeer);
        Assert.Equal(2, found);
    }

    [Fact]
    public async Task Faults_refuse_so_many_associations_for_the_moment_or_all_for_good()
    {
        await using var once = Serve(new ServiceHandlers(), new FaultPlan { RefuseAssociation = 1 });
        var refused = await Assert.ThrowsAsync<AssociationRejectedException>(() => ConnectAsync(once, Uids.Verification));
        Assert.Equal(2, refused.Result);
        await (await ConnectAsync(once, Uids.Verification)).DisposeAsync();
        await using var always = Serve(new ServiceHandlers(), new FaultPlan { RefuseAssociation = int.MaxValue });
        for (var i = 0; i < 2; i++)
            Assert.Equal(1, (await Assert.ThrowsAsync<AssociationRejectedException>(() => ConnectAsync(always, Uids.Verification))).Result);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1500)]
    public async Task Faults_cut_the_connection_after_so_many_bytes(int bytes)
    {
        await using var server = Serve(new ServiceHandlers { Store = (call, _, _) => call.Reply(0) },
            new FaultPlan { DropAfterBytes = bytes });
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => StoreAsync(server));
    }

    [Fact]
    public async Task Faults_out_of_range_are_refused_at_the_start()
    {
        await Task.CompletedTask;
        Assert.ThrowsAny<ArgumentException>(() => Serve(new ServiceHandlers(), new FaultPlan { FailEvery = 0 }));
        Assert.ThrowsAny<ArgumentException>(() => Serve(new ServiceHandlers(), new FaultPlan { FailStatus = 1 }));
        Assert.ThrowsAny<ArgumentException>(() => Serve(new ServiceHandlers(), new FaultPlan { DelayMilliseconds = -1 }));
    }

    private DicomServer Serve(ServiceHandlers handlers, FaultPlan? faults = null) =>
        DicomServer.Start(new DicomServerOptions { Faults = faults, Trace = _events.Enqueue }, handlers.ToTable());

    private static DicomNode Node(DicomServer server) => new() { AETitle = "SCP", HostName = "127.0.0.1", Port = server.Port };

    private static Task<QueryScu> ConnectAsync(DicomServer server, string sopClass = Find) => QueryScu.ConnectAsync(
        AssociationOptions.For(
            Node(server)) with
        { PresentationContexts = [new PresentationContextProposal(sopClass, [Uids.ExplicitVRLittleEndian])] },
        TimeSpan.FromSeconds(60), Token);

    private static Task<EchoResult> EchoAsync(DicomServer server) =>
        EchoScu.DiagnoseAsync(Node(server), AssociationOptions.For(Node(server)), 1, Token);

    private static async Task<CommandSet> StoreAsync(DicomServer server)
    {
        using var folder = new TempFolder();
        var file = DicomFileProbe.Read(await Instances.WriteAsync(folder, Instances.Dataset()));
        var (proposals, _) = StoreContexts.Propose([new StoreContextKey(file.SopClassUid, file.TransferSyntax.Uid)], reencode: true);
        await using var scu = await StoreScu.ConnectAsync(
            AssociationOptions.For(Node(server)) with { PresentationContexts = proposals }, Token);
        return await scu.SendAsync(file, scu.RouteFor(file, reencode: true)!, DicomPriority.Medium, null, Token);
    }

    private static IAsyncEnumerable<ExchangeResponse> FindAsync(QueryScu scu, string sopClass = Find)
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "STUDY");
        return scu.FindAsync(scu.ContextFor(sopClass)!, identifier, null, DicomPriority.Medium, Token);
    }

    private static async Task<List<ExchangeResponse>> AllAsync(QueryScu scu, string sopClass = Find)
    {
        var responses = new List<ExchangeResponse>();
        await foreach (var response in FindAsync(scu, sopClass))
            responses.Add(response);
        return responses;
    }

    private static async IAsyncEnumerable<DicomDataset> Matches(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return Match(i);
        }
    }

    private static async IAsyncEnumerable<DicomDataset> WaitingAsync(Task more, [EnumeratorCancellation] CancellationToken token)
    {
        yield return Match(0);
        await more.WaitAsync(token);
        yield return Match(1);
    }

    private static async IAsyncEnumerable<DicomDataset> StubbornAsync(Task more)
    {
        yield return Match(0);
        await more;
        yield return Match(1);
    }

    private static DicomDataset Match(int number)
    {
        var match = new DicomDataset();
        match.Set(Tags.StudyInstanceUID, $"1.2.{number}");
        return match;
    }
}
