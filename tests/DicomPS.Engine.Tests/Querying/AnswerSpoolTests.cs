using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Text;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>The place where answers wait for whoever takes them.</summary>
public class AnswerSpoolTests
{
    private static readonly DicomDataset Asked = [];

    [Fact]
    public void Everything_comes_out_in_the_order_in_which_it_came_however_it_is_taken()
    {
        using var spool = Make();
        var random = new Random(7);
        int added = 0, taken = 0;
        while (taken < 120_000)
        {
            for (var i = random.Next(40_000); i > 0 && added < 120_000; i--, added++)
            {
                if (added % 1000 == 999)
                    spool.Add(new QueryNotice($"{added}", null));
                else
                    spool.Add(Found(added, added % 2 == 0), Asked, 0);
            }

            for (var i = random.Next(30_000); i > 0 && spool.TryRead(out var value); i--, taken++)
            {
                if (value is QueryNotice notice)
                    Assert.Equal($"{taken}", notice.Message);
                else
                    Assert.Equal(($"1.2.3.{taken}", taken % 2 == 0),
                        (((Study)((QueryFound)value).Result).StudyInstanceUID, ((QueryFound)value).Result.Matches));
            }
        }

        Assert.False(spool.TryRead(out _));
    }

    [Fact]
    public void What_waited_in_the_file_is_the_same_object_as_what_did_not()
    {
        var answer = Study(1, new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Unspecified), "CT\\MR");
        answer.SetCharacterSet("ISO_IR 192");
        answer.Set(Tags.PatientName, "山田^太郎");
        answer.SetSequence(Tags.ProcedureCodeSequence, With(Tags.CodeValue, "X"));
        var fallen = Study(2);
        fallen.Text = SpecificCharacterSet.Parse(["ISO_IR 144"], out _);
        fallen.Set(Tags.PatientName, "Иванов");
        var longer = Study(3);
        longer.Set(Tags.PatientComments, new string('x', 100_000));
        using var spool = Make(SpecificCharacterSet.Parse(["ISO_IR 144"], out _));
        for (var i = 0; i < AnswerSpool.MostInMemory; i++)
            spool.Add(Found(i), Asked, 0);
        foreach (var dataset in (DicomDataset[])[answer, fallen, longer])
            spool.Add(new QueryFound(QueryResults.One(QueryLevel.Study, dataset, null, Asked, null)), Asked, 0);
        for (var i = 0; i < AnswerSpool.MostInMemory; i++)
            Assert.True(spool.TryRead(out _));
        var study = Next(spool);
        Assert.Equal(("山田^太郎", "CT\\MR", new DateTime(2024, 1, 2, 3, 4, 5)), (study.PatientName, study.Modalities, study.StudyDate));
        Assert.Equal("X", Assert.Single(study.Dataset!.GetItems(Tags.ProcedureCodeSequence)).GetString(Tags.CodeValue));
        Assert.Equal("Иванов", Next(spool).PatientName);
        Assert.Equal(100_000, Next(spool).Dataset!.GetText(Tags.PatientComments)!.Length);
    }

    [Fact]
    public async Task What_does_not_fit_any_more_is_an_error_behind_what_was_kept()
    {
        const int limit = 100_000;
        var done = new TaskCompletionSource();
        // It has no end of its own: it stops when it is told to.
        await using var server = Script(Telling(
            async (call, token) =>
            {
                for (var i = 0; i < 10_000_000; i++)
                {
                    await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), Study(i), CancellationToken.None);
                    token.ThrowIfCancellationRequested();
                }

                return call.Command.Respond(0);
            }, done));
        var outcome = new List<QueryValue>();
        var job = new QueryJob(Options(server.Port) with { SpoolLimit = limit }, new QueryRequest());
        await foreach (var value in job.RunAsync(Token))
        {
            // Nothing is taken until the room is full and the peer was told to stop.
            await done.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
            outcome.Add(value);
        }

        var given = outcome.OfType<QueryFound>().Select(found => ((Study)found.Result).StudyInstanceUID).ToList();
        Assert.InRange(given.Count, AnswerSpool.MostInMemory, AnswerSpool.MostInMemory + (limit / 20));
        Assert.Equal(Enumerable.Range(0, given.Count).Select(number => $"1.2.3.{number}"), given);
        var failed = Assert.Single(outcome.OfType<QueryFailed>());
        Assert.IsType<AnswerSpoolException>(failed.Problem);
        Assert.NotNull(failed.Problem.Advice);
        Assert.False(Assert.IsType<QuerySummary>(outcome[^1]).IsComplete);
    }

    [Fact]
    public async Task The_peer_is_read_to_its_end_while_nothing_is_taken()
    {
        const int count = 30_000;
        var done = new TaskCompletionSource();
        await using var server = Script(Telling(Archive([.. Enumerable.Range(0, count).Select(number => Study(number))]), done));
        var taken = 0;
        await foreach (var value in new QueryJob(Options(server.Port), new QueryRequest()).RunAsync(Token))
        {
            if (taken == 0)
                await done.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
            if (value is QueryFound found)
                Assert.Equal($"1.2.3.{taken++}", ((Study)found.Result).StudyInstanceUID);
        }

        Assert.Equal(count, taken);
    }

    [Fact]
    public void The_file_has_no_name()
    {
        using var file = new SpoolFile(1 << 20);
        file.Append(new byte[70_000]);
        Assert.NotNull(file.File);
        if (OperatingSystem.IsWindows())
            return;
        Assert.False(File.Exists(file.File.Name));
    }

    [Fact]
    public void What_a_crash_left_is_deleted()
    {
        var left = Path.Combine(Path.GetTempPath(), $"{SpoolFile.Prefix}{Guid.NewGuid():N}.tmp");
        File.WriteAllText(left, "left");
        using var file = new SpoolFile(1 << 20);
        file.Append(new byte[70_000]);
        Assert.False(File.Exists(left));
    }

    /// <summary>The handler, and a word when it has given its last answer, whatever made it that.</summary>
    private static ServiceHandler Telling(ServiceHandler handler, TaskCompletionSource done) => async (call, token) =>
    {
        try
        {
            return await handler(call, token);
        }
        finally
        {
            done.TrySetResult();
        }
    };

    private static AnswerSpool Make(TextCodec? fallback = null) => new(QueryLevel.Study, null, null, fallback, 1L << 30);

    private static QueryFound Found(int number, bool? matches = null) =>
        new(QueryResults.One(QueryLevel.Study, Study(number), null, Asked, null) with { Matches = matches });

    private static Study Next(AnswerSpool spool)
    {
        Assert.True(spool.TryRead(out var value));
        return (Study)((QueryFound)value).Result;
    }

    private static DicomDataset With(DicomTag tag, string value)
    {
        var dataset = new DicomDataset();
        dataset.Set(tag, value);
        return dataset;
    }
}
