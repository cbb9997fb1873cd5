using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>What is told of each target of a query: what was found for it, and whether it can be said that there is no more.</summary>
public class QueryTargetTests
{
    private static readonly DicomDataset[] Studies = [.. Enumerable.Range(1, 5).Select(number => Study(number))];

    [Fact]
    public async Task Each_target_has_its_answers_and_its_end()
    {
        await using var server = Script(Archive(Studies));
        var told = await TellAsync(server, Patient("P1"), Patient("P9"), Patient("P3"));
        Assert.Equal("0: 1.2.3.1, complete; 1: complete; 2: 1.2.3.3, complete", Text(told));
    }

    [Fact]
    public async Task What_fits_two_targets_comes_for_both_and_what_two_pieces_of_one_find_comes_once()
    {
        var both = Study(1, modality: "CT\\MR");
        await using var server = Script(Archive([both]));
        var one = Patient("P1");
        one.Set(Tags.ModalitiesInStudy, "CT", "MR");
        var told = await TellAsync(server, one, Uids("1.2.3.1"));
        Assert.Equal("0: 1.2.3.1, complete; 1: 1.2.3.1, complete", Text(told));
    }

    [Fact]
    public async Task A_target_that_fails_is_not_complete_and_the_others_are()
    {
        var archive = Archive(Studies);
        await using var server = Script((call, token) => call.Identifier!.GetString(Tags.PatientID) == "P2"
            ? Task.FromResult(new ServiceReply(call.Command.Respond(0xC001))) : archive(call, token));
        var told = await TellAsync(server, Patient("P1"), Patient("P2"), Patient("P3"));
        Assert.Equal("0: 1.2.3.1, complete; 1: incomplete; 2: 1.2.3.3, complete", Text(told));
        Assert.Contains("C001", told.OfType<QueryTargetEnded>().Single(ended => !ended.IsComplete).Problem!.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_list_of_which_a_peer_looks_at_little_is_asked_one_by_one(int looked)
    {
        var archive = Archive(Studies);
        await using var server = Script((call, token) =>
        {
            var keys = call.Identifier!;
            if (keys.GetStrings(Tags.StudyInstanceUID) is { Length: > 1 } list)
                keys.Set(Tags.StudyInstanceUID, looked == 0 ? "1.2.99" : list[0]);
            return archive(call, token);
        });
        var told = await TellAsync(server, Uids("1.2.3.1", "1.2.3.8", "1.2.3.2", "1.2.3.3"));
        Assert.Equal("0: 1.2.3.1, 1.2.3.2, 1.2.3.3, complete", Text(told));
    }

    [Fact]
    public async Task An_answer_to_another_target_is_none_to_its_own()
    {
        // The peer passes over the UID and gives everything.
        var everything = new DicomDataset[] { Study(1), Study(2) };
        await using var server = Script((call, token) =>
        {
            call.Identifier!.Remove(Tags.StudyInstanceUID);
            return Archive(everything)(call, token);
        });
        var told = await TellAsync(server, Uids("1.2.3.1"), Uids("1.2.3.7"));
        Assert.Equal([true, false, false, false],
            told.OfType<QueryFound>().OrderBy(found => found.Target).Select(found => found.Result.Matches));
    }

    [Fact]
    public async Task Who_cannot_be_reached_ends_no_target()
    {
        int port;
        await using (var server = Script(Archive(Studies)))
            port = server.Port;
        var told = await TellAsync(port, Patient("P1"));
        Assert.Empty(told.OfType<QueryTargetEnded>());
        Assert.True(Assert.Single(told.OfType<QueryFailed>()).IsUnreachable);
    }

    [Fact]
    public void What_waits_in_the_file_keeps_its_target()
    {
        var asked = Study(0);
        using var spool = new AnswerSpool(QueryLevel.Study, null, null, null, 1 << 24);
        for (var i = 0; i <= AnswerSpool.MostInMemory; i++)
            spool.Add(new QueryFound(QueryResults.One(QueryLevel.Study, Study(i), null, asked, null)) { Target = i }, asked, 0);
        for (var i = 0; i <= AnswerSpool.MostInMemory; i++)
        {
            Assert.True(spool.TryRead(out var value));
            Assert.Equal(i, ((QueryFound)value).Target);
        }
    }

    private static Task<List<QueryValue>> TellAsync(DicomServer server, params DicomDataset[] targets) => TellAsync(server.Port, targets);

    private static async Task<List<QueryValue>> TellAsync(int port, params DicomDataset[] targets)
    {
        var all = new List<QueryValue>();
        await foreach (var value in new QueryJob(Options(port),
            new QueryRequest { Targets = targets, TellsTargets = true }).RunAsync(Token))
            all.Add(value);
        return all;
    }

    private static string Text(List<QueryValue> told) => string.Join("; ", told
        .Select(value => value switch
        {
            QueryFound found => (found.Target, ((Study)found.Result).StudyInstanceUID!),
            QueryTargetEnded ended => (ended.Target, ended.IsComplete ? "complete" : "incomplete"),
            _ => (-1, ""),
        })
        .Where(line => line.Item1 >= 0)
        .GroupBy(line => line.Item1, line => line.Item2)
        .Select(target => $"{target.Key}: {string.Join(", ", target)}"));

    private static DicomDataset Patient(string id)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.PatientID, id);
        return keys;
    }

    private static DicomDataset Uids(params string[] uids)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, uids);
        return keys;
    }
}
