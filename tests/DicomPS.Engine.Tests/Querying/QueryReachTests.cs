using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Jobs;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

public class QueryReachTests
{
    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly List<DicomDataset> Studies = [.. Enumerable.Range(0, 6).Select(n => Study(n, Start.AddDays(n).AddHours(1)))];

    private static readonly QueryRequest Days = new() { Split = QuerySplit.Day, After = Start, Before = Start.AddDays(6) };

    [Fact]
    public async Task A_node_that_served_and_is_gone_is_waited_for()
    {
        var gone = new TaskCompletionSource<bool>();
        var whole = Archive(Studies);
        await using var server = Script(async (call, token) =>
        {
            if (call.Identifier!.GetString(Tags.StudyDate) != "20240103")
                return await whole(call, token);
            await call.Association.AbortAsync();
            gone.TrySetResult(true);
            throw new AssociationAbortedException("as planned");
        });
        var options = Options(server.Port) with { RetryDelay = TimeSpan.FromMilliseconds(50) };
        var job = new QueryJob(options, Days);
        var values = new List<QueryValue>();
        var asking = Task.Run(async () =>
        {
            await foreach (var value in job.RunAsync(Token))
                values.Add(value);
        }, Token);
        await gone.Task;
        await server.StopAsync(TimeSpan.Zero);
        while (job.Trouble is null)
            await Task.Delay(10, Token);
        Assert.Contains("Nothing listens", job.Trouble);
        await using var again = DicomServer.Start(new DicomServerOptions { Port = server.Port },
            new ServiceTable([new FindScp((call, keys, _) => Find(keys)).Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));
        await asking;
        Assert.Null(job.Trouble);
        Assert.Equal(6, values.OfType<QueryFound>().Count());
        Assert.Empty(values.OfType<QueryFailed>());
        Assert.True(values.OfType<QuerySummary>().Single().IsComplete);
    }

    [Fact]
    public async Task A_node_with_room_for_one_association_answers_all_over_it()
    {
        await using var server = DicomServer.Start(new DicomServerOptions { MaximumAssociations = 1 },
            new ServiceTable([new FindScp((call, keys, _) => Find(keys)).Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));
        var outcome = await AskAsync(server, Days, o => o with { Associations = 3, RetryCount = 0, RetryDelay = TimeSpan.Zero });
        Assert.Equal(6, outcome.Results.Count);
        Assert.Empty(outcome.Problems);
        Assert.All(outcome.Notices, notice => Assert.Contains("goes on over fewer", notice.Message));
        Assert.True(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task Jobs_that_share_what_is_known_of_a_lost_node_do_not_call_it_again()
    {
        int port;
        await using (var server = Script(Archive([])))
            port = server.Port;
        var calls = 0;
        var options = Options(port) with { Reach = new PeerReach() };
        options = options with
        {
            Association = options.Association with { Trace = step => calls += step.Kind == AssociationEventKind.NameResolved ? 1 : 0 },
        };
        var first = await AskAsync(options, new QueryRequest());
        var second = await AskAsync(options, Days with { Split = QuerySplit.None });
        Assert.Equal(1, calls);
        Assert.Same(Assert.Single(first.Problems), Assert.Single(second.Problems));
        Assert.Same(options.Reach.Problem, second.Problems[0]);
        await using var back = DicomServer.Start(new DicomServerOptions { Port = port }, new ServiceTable([]));
        Assert.Single((await AskAsync(options with { Reach = new PeerReach() }, new QueryRequest())).Problems);
        Assert.Equal(2, calls);
    }

    private static async IAsyncEnumerable<DicomDataset> Find(DicomDataset keys)
    {
        await Task.Yield();
        foreach (var study in Studies.Where(study => Matches(study, keys)))
            yield return study;
    }
}
