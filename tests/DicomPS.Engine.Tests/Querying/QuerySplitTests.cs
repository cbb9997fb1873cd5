using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

public class QuerySplitTests
{
    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xB001)]
    public async Task An_answer_that_may_be_cut_short_is_said_to_be(int status)
    {
        await using var server = Script(Archive([.. Enumerable.Range(0, 150).Select(n => Study(n, Start))], 100, (ushort)status));
        var outcome = await AskAsync(server, new QueryRequest());
        Assert.Equal(100, outcome.Results.Count);
        var notice = Assert.Single(outcome.Notices);
        Assert.Contains("100", notice.Message);
        Assert.Contains("-Split", notice.Advice);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task A_peer_out_of_resources_after_some_answers_keeps_them_and_is_told()
    {
        await using var server = Script(Archive([.. Enumerable.Range(0, 9).Select(n => Study(n, Start))], 5, 0xA700));
        var outcome = await AskAsync(server, new QueryRequest());
        Assert.Equal(5, outcome.Results.Count);
        Assert.Contains("A700", Assert.Single(outcome.Notices).Message);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xB001)]
    [InlineData(0xA700)]
    [InlineData(0xFE00)]
    public async Task Auto_finds_all_behind_a_limit_each_once(int status)
    {
        // Crowded days, one of them with a crowded hour in two modalities.
        var random = new Random(3);
        var studies =
            Enumerable.Range(0, 3000).Select(n => Study(n, Start.AddHours(random.Next(0, 24 * 20)), n % 2 == 0 ? "CT" : "MR")).ToList();
        studies.AddRange(Enumerable.Range(3000, 180).Select(n => Study(n, Start.AddDays(5).AddHours(9), n % 2 == 0 ? "CT" : "MR")));
        await using var server = Script(Archive(studies, 100, (ushort)status));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto });
        Assert.Equal(studies.Count, outcome.Results.Count);
        Assert.Equal(studies.Count, outcome.Studies.Select(study => study.StudyInstanceUID).Distinct().Count());
        Assert.True(outcome.Summary!.IsComplete, outcome.Summary.Text);
        Assert.Empty(outcome.Notices);
        Assert.Empty(outcome.Problems);
        Assert.True(outcome.Summary.Duplicates > 0);
    }

    [Fact]
    public async Task Auto_asks_once_when_nothing_is_cut_short()
    {
        await using var server = Script(Archive([.. Enumerable.Range(0, 99).Select(n => Study(n, Start))], 100));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto });
        Assert.Equal((99L, 1, true), (outcome.Summary!.Answers, outcome.Summary.Queries, outcome.Summary.IsComplete));
    }

    [Fact]
    public async Task What_cannot_be_cut_any_further_is_named_and_the_answer_not_called_complete()
    {
        await using var server = Script(Archive([.. Enumerable.Range(0, 150).Select(n => Study(n, Start.AddHours(7)))], 100));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto, After = Start, Before = Start.AddDays(1) });
        Assert.Equal(100, outcome.Results.Count);
        Assert.False(outcome.Summary!.IsComplete);
        Assert.Contains("2024-01-01 07:00:00", Assert.Single(outcome.Notices).Message);
    }

    [Fact]
    public async Task What_has_no_time_is_found_by_no_hour_and_the_answer_not_called_complete()
    {
        var studies = Enumerable.Range(0, 300).Select(n => Study(n, Start.AddMinutes(n * 4))).ToList();
        foreach (var study in studies.Where((_, at) => at % 3 == 0))
            study.Set(Tags.StudyTime, "");
        await using var server = Script(Archive(studies, 100));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto, After = Start, Before = Start.AddDays(1) });
        // All with a time, and of the others those that the first answer had.
        Assert.Equal(200 + 34, outcome.Results.Count);
        Assert.False(outcome.Summary!.IsComplete);
        Assert.Contains("34 answers for 2024-01-01 came without a time", Assert.Single(outcome.Notices).Message);
    }

    [Fact]
    public async Task A_day_that_was_asked_for_by_hours_is_complete_but_for_what_has_no_time()
    {
        var studies = Enumerable.Range(0, 150).Select(n => Study(n, Start.AddMinutes(n * 9))).ToList();
        await using var server = Script(Archive(studies, 100));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto, After = Start, Before = Start.AddDays(1) });
        Assert.Equal((150, true), (outcome.Results.Count, outcome.Summary!.IsComplete));
        Assert.Contains("but for what has no time", outcome.Summary.Text);
    }

    [Fact]
    public async Task A_peer_that_passes_over_the_time_is_not_asked_for_every_hour()
    {
        var studies = Enumerable.Range(0, 150).Select(n => Study(n, Start.AddMinutes(n * 9), n % 2 == 0 ? "CT" : "MR")).ToList();
        var archive = Archive(studies, 100);
        await using var server = Script((call, token) =>
        {
            call.Identifier!.Remove(Tags.StudyTime);
            return archive(call, token);
        });
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Auto, After = Start, Before = Start.AddDays(1) });
        Assert.Equal(150, outcome.Results.Count);
        Assert.InRange(outcome.Summary!.Queries, 1, 3 + 2 * QueryKeys.Modalities.Length);
    }

    [Theory]
    [InlineData(QuerySplit.Day, 31, 1)]
    [InlineData(QuerySplit.Week, 5, 1)]
    [InlineData(QuerySplit.Month, 1, 1)]
    [InlineData(QuerySplit.Day, 31, 3)]
    public async Task Windows_cover_the_range_and_may_run_over_several_associations(QuerySplit split, int queries, int associations)
    {
        var studies = Enumerable.Range(0, 62).Select(n => Study(n, Start.AddHours(n * 12))).ToList();
        await using var server = Script(Archive(studies));
        var outcome = await AskAsync(server, new QueryRequest { Split = split, After = Start, Before = Start.AddMonths(1) },
            o => o with { Associations = associations });
        Assert.Equal(studies.Select(study => study.GetString(Tags.StudyInstanceUID)).Order(),
            outcome.Studies.Select(study => study.StudyInstanceUID).Order());
        Assert.Equal((queries, true), (outcome.Summary!.Queries, outcome.Summary.IsComplete));
        Assert.InRange(server.Associations, 1, associations);
    }

    [Fact]
    public async Task A_peer_with_room_for_one_association_is_asked_over_one()
    {
        var studies = Enumerable.Range(0, 31).Select(n => Study(n, Start.AddDays(n))).ToList();
        var archive = Archive(studies);
        await using var server = DicomServer.Start(new DicomServerOptions { MaximumAssociations = 1 }, new ServiceTable(
            [new ServiceRow(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, async (call, token) =>
            {
                await Task.Delay(20, token);
                return await archive(call, token);
            }, 0xC310, 0xC311) { RunsBeside = true }]));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Day, After = Start, Before = Start.AddMonths(1) },
            o => o with { Associations = 3 });
        Assert.Equal(31, outcome.Results.Count);
        Assert.Empty(outcome.Problems);
        Assert.All(outcome.Notices, notice => Assert.Contains("further association", notice.Message));
        Assert.True(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task One_failed_window_leaves_the_others_and_makes_the_answer_incomplete()
    {
        var archive = Archive([.. Enumerable.Range(0, 31).Select(n => Study(n, Start.AddDays(n)))]);
        await using var server = Script((call, token) => call.Identifier!.GetString(Tags.StudyDate) == "20240110"
            ? call.Reply(0xC001)
            : archive(call, token));
        var outcome = await AskAsync(server, new QueryRequest { Split = QuerySplit.Day, After = Start, Before = Start.AddMonths(1) });
        Assert.Equal(30, outcome.Results.Count);
        Assert.Single(outcome.Problems);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_before_anything_is_sent()
    {
        var dated = new DicomDataset();
        dated.Set(Tags.StudyDate, "20240101");
        var timed = new DicomDataset();
        timed.Set(Tags.StudyTime, "10-11");
        Assert.All(
        [
            new QueryRequest { Keys = dated, Split = QuerySplit.Auto },
            new QueryRequest { Keys = dated, After = Start },
            new QueryRequest { Keys = timed, After = Start.AddHours(1) },
            new QueryRequest { Split = QuerySplit.Day },
            new QueryRequest { After = Start, Before = Start },
            new QueryRequest { Level = QueryLevel.Patient, Split = QuerySplit.Auto },
        ], request => Assert.ThrowsAny<ArgumentException>(() => new QueryJob(Options(1), request)));
    }
}
