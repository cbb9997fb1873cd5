using System.Diagnostics;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

public class QueryFailureTests
{
    [Theory]
    [InlineData("abort")]
    [InlineData("close")]
    [InlineData("release")]
    public async Task A_peer_that_leaves_half_way_costs_the_rest_and_not_what_had_come(string how)
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var (id, _) = await ReadRequestAsync(p);
            for (var i = 0; i < 3; i++)
                await RespondAsync(p, id, 0xFF00, Bytes(Study(i)));
            if (how == "close")
            {
                p.Close();
                return;
            }

            await p.SendAsync(how == "abort" ? new Abort(0, 0) : new ReleaseRq());
            await p.ReadToEndAsync();
        });
        var outcome = await AskAsync(Options(peer.Port), new QueryRequest());
        Assert.Equal(3, outcome.Results.Count);
        var problem = Assert.IsAssignableFrom<DicomNetworkException>(Assert.Single(outcome.Problems));
        Assert.Contains("3 answers had come", problem.Message);
        Assert.NotNull(problem.Advice);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_window_whose_association_breaks_is_asked_again_and_gives_nothing_twice(int breaks)
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var studies = Enumerable.Range(0, 12).Select(n => Study(n, start.AddDays(n / 4).AddHours(1))).ToList();
        var left = breaks;
        var whole = Archive(studies);
        await using var server = Script(async (call, token) =>
        {
            if (call.Identifier!.GetString(Tags.StudyDate) != "20240102" || left-- <= 0)
                return await whole(call, token);
            for (var i = 4; i < 7; i++)
                await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), studies[i], token);
            await call.Association.AbortAsync();
            throw new AssociationAbortedException("as planned");
        });
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Day, After = start, Before = start.AddDays(3) },
            o => o with { RetryDelay = TimeSpan.Zero });
        Assert.Empty(outcome.Problems);
        Assert.Equal(studies.Select(study => study.GetString(Tags.StudyInstanceUID)),
            outcome.Studies.Select(study => study.StudyInstanceUID));
        Assert.Contains("the query for 2024-01-02 is asked again", Assert.Single(outcome.Notices).Message);
        Assert.True(outcome.Summary!.IsComplete, outcome.Summary.Text);
    }

    [Fact]
    public async Task A_window_that_breaks_every_association_is_given_up_and_the_others_are_asked()
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var studies = Enumerable.Range(0, 3).Select(n => Study(n, start.AddDays(n))).ToList();
        var asked = 0;
        var whole = Archive(studies);
        await using var server = Script(async (call, token) =>
        {
            if (call.Identifier!.GetString(Tags.StudyDate) != "20240102")
                return await whole(call, token);
            Interlocked.Increment(ref asked);
            await call.Association.AbortAsync();
            throw new AssociationAbortedException("as planned");
        });
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Day, After = start, Before = start.AddDays(3) },
            o => o with { RetryDelay = TimeSpan.Zero });
        Assert.Equal(["1.2.3.0", "1.2.3.2"], outcome.Studies.Select(study => study.StudyInstanceUID));
        Assert.IsType<AssociationAbortedException>(Assert.Single(outcome.Problems));
        Assert.Equal(3, asked);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task A_window_that_the_peer_refuses_is_named()
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        await using var server =
            Script(
                (call, _) => Task.FromResult<ServiceReply>(
                    call.Command.Respond((ushort)(call.Identifier!.GetString(Tags.StudyDate) == "20240102" ? 0xC311 : 0))));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Day, After = start, Before = start.AddDays(3) });
        Assert.Contains("C-FIND for 2024-01-02 with status C311", Assert.Single(outcome.Problems).Message);
    }

    [Fact]
    public async Task Answers_without_a_dataset_and_unreadable_ones_are_counted_and_the_others_given()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var (id, _) = await ReadRequestAsync(p);
            await RespondAsync(p, id, 0xFF00);
            await RespondAsync(p, id, 0xFF00, [0x08, 0x00, 0x20]);
            await RespondAsync(p, id, 0xFF01, Bytes(Study(1)));
            await RespondAsync(p, id, 0x0000);
            await p.ReadAsync<ReleaseRq>();
            await p.SendAsync(new ReleaseRp());
        });
        var outcome = await AskAsync(Options(peer.Port), new QueryRequest());
        Assert.Equal("1.2.3.1", Assert.Single(outcome.Studies).StudyInstanceUID);
        Assert.Equal(2, outcome.Notices.Count);
        Assert.Contains("FF01", outcome.Notices[0].Message);
        Assert.Contains("2 answers", outcome.Notices[1].Message);
        Assert.False(outcome.Summary!.IsComplete);
        await peer.Script;
    }

    [Fact]
    public async Task A_silent_peer_runs_into_the_response_timeout_by_its_name()
    {
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            await p.ReadToEndAsync();
        });
        var options = Options(peer.Port);
        options = options with { Association = options.Association with { ResponseTimeout = TimeSpan.FromMilliseconds(300) } };
        var outcome = await AskAsync(options, new QueryRequest());
        Assert.Equal("response", Assert.IsType<DicomTimeoutException>(Assert.Single(outcome.Problems)).Name);
    }

    [Fact]
    public async Task Nobody_there_is_one_failure_whatever_the_number_of_queries()
    {
        int port;
        await using (var server = Script(Archive([])))
            port = server.Port;
        var outcome = await AskAsync(Options(port), new QueryRequest { Split = QuerySplit.Day, After = DateTime.Today.AddDays(-30) });
        Assert.Single(outcome.Problems);
        Assert.Null(outcome.Results.FirstOrDefault());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_early_ends_the_query_at_the_peer_with_C_CANCEL_and_releases(bool byToken)
    {
        var cancelled = new TaskCompletionSource<int>();
        await using var server = Serve(AnswerMany);
        async IAsyncEnumerable<DicomDataset> AnswerMany(ServiceCall call, DicomDataset keys,
            [EnumeratorCancellation] CancellationToken token)
        {
            var sent = 0;
            using var _ = token.Register(() => cancelled.TrySetResult(sent));
            for (; sent < 200_000; sent++)
            {
                if (sent % 100 == 0)
                    await Task.Yield();
                yield return Study(sent);
            }
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var events = new List<AssociationEventKind>();
        var options = Options(server.Port) with { CancelGrace = TimeSpan.FromMinutes(1) };
        options = options with { Association = options.Association with { Trace = step => { lock (events) events.Add(step.Kind); } } };
        var taken = 0;
        async Task TakeAsync()
        {
            await foreach (var value in new QueryJob(options, new QueryRequest()).RunAsync(stop.Token))
            {
                if (++taken < 5)
                    continue;
                if (!byToken)
                    break;
                stop.Cancel();
            }
        }

        if (byToken)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(TakeAsync);
        else
            await TakeAsync();
        Assert.InRange(await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1), Token), 1, 199_999);
        Assert.Contains(AssociationEventKind.Released, events);
        Assert.DoesNotContain(AssociationEventKind.Aborted, events);
    }

    [Fact]
    public async Task A_peer_that_passes_over_C_CANCEL_is_aborted_after_the_grace()
    {
        var sawCancel = new TaskCompletionSource();
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            await p.AcceptAsync();
            var (id, _) = await ReadRequestAsync(p);
            await RespondAsync(p, id, 0xFF00, Bytes(Study(1)));
            while (await p.ReadPduAsync() is { } pdu)
            {
                if (pdu is PData)
                    sawCancel.TrySetResult();
                if (pdu is Abort)
                    return;
            }
        });
        var events = new List<AssociationEventKind>();
        var options = Options(peer.Port);
        options = options with
        {
            CancelGrace = TimeSpan.FromMilliseconds(300),
            Association = options.Association with { Trace = step => { lock (events) events.Add(step.Kind); } },
        };
        await foreach (var value in new QueryJob(options, new QueryRequest()).RunAsync(Token))
            break;
        await sawCancel.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Contains(AssociationEventKind.Aborted, events);
        await peer.Script.WaitAsync(TimeSpan.FromMinutes(1), Token);
    }
}
