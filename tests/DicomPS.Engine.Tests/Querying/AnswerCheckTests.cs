using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

/// <summary>What a job says of a peer that passes over keys.</summary>
public class AnswerCheckTests
{
    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    [Fact]
    public async Task A_key_that_no_answer_has_is_one_warning_and_nothing_is_known_of_the_answers()
    {
        await using var server = Script(Everything([Bare(1), Bare(2), Bare(3)]));
        var outcome = await AskAsync(server, new QueryRequest { Keys = Key(Tags.ModalitiesInStudy, "MR") });
        Assert.Contains("no ModalitiesInStudy", Assert.Single(outcome.Notices).Message, StringComparison.Ordinal);
        Assert.All(outcome.Results, result => Assert.Null(result.Matches));
        Assert.Equal((0, 3, "ModalitiesInStudy"),
            (outcome.Summary!.NotMatching, outcome.Summary.Unjudged, Assert.Single(outcome.Summary.NotReturned)));
    }

    [Fact]
    public async Task A_key_that_one_answer_has_is_no_warning()
    {
        await using var server = Script(Everything([Bare(1), Study(2, Start, "MR")]));
        var outcome = await AskAsync(server, new QueryRequest { Keys = Key(Tags.ModalitiesInStudy, "MR") });
        Assert.Empty(outcome.Notices);
        Assert.Equal([null, true], outcome.Results.Select(result => result.Matches));
    }

    [Fact]
    public async Task Without_answers_there_is_nothing_to_warn_of()
    {
        await using var server = Script(Everything([]));
        var outcome = await AskAsync(server, new QueryRequest { Keys = Key(Tags.ModalitiesInStudy, "MR") });
        Assert.Empty(outcome.Notices);
    }

    [Fact]
    public async Task Answers_that_contradict_a_key_are_one_warning_which_comes_before_the_first()
    {
        await using var server = Script(Everything([Study(1, Start, "MR"), Study(2, Start, "CT"), Study(3, Start, "US")]));
        var values = new List<QueryValue>();
        await foreach (var value in new QueryJob(Options(server.Port),
            new QueryRequest { Keys = Key(Tags.ModalitiesInStudy, "MR") }).RunAsync(Token))
            values.Add(value);
        var notice = Assert.Single(values.OfType<QueryNotice>());
        Assert.Contains("ModalitiesInStudy CT, although MR was asked for", notice.Message, StringComparison.Ordinal);
        Assert.Equal(1, values.IndexOf(notice));
        Assert.Equal([true, false, false], values.OfType<QueryFound>().Select(found => found.Result.Matches));
        Assert.Equal(2, values.OfType<QuerySummary>().Single().NotMatching);
    }

    [Fact]
    public async Task A_warning_names_no_birth_date()
    {
        var study = Study(1);
        study.Set(Tags.PatientBirthDate, "19700102");
        await using var server = Script(Everything([study]));
        var notice = Assert.Single((await AskAsync(server, new QueryRequest { Keys = Key(Tags.PatientBirthDate, "19700101") })).Notices);
        Assert.Contains("PatientBirthDate", notice.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1970", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_modalities_any_one_is_enough_whichever_was_asked_first()
    {
        await using var server = Script(Everything([Study(1, Start, "MR"), Study(2, Start, "CT"), Study(3, Start, "US")]));
        var outcome =
            await AskAsync(server, new QueryRequest { Targets = [Key(Tags.ModalitiesInStudy, "CT"), Key(Tags.ModalitiesInStudy, "MR")] });
        Assert.Equal([true, true, false], outcome.Results.Select(result => result.Matches));
    }

    [Fact]
    public async Task A_peer_that_ignores_the_windows_of_a_query_that_is_cut_contradicts_only_the_whole()
    {
        await using var server = Script(Everything([Study(1, Start), Study(2, Start.AddDays(2)), Study(3, Start.AddDays(40))]));
        var outcome = await AskAsync(server, new QueryRequest { After = Start, Before = Start.AddDays(5), Split = QuerySplit.Day });
        Assert.Equal([true, true, false], outcome.Results.Select(result => result.Matches));
        Assert.Contains("StudyDate 20240210", Assert.Single(outcome.Notices).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stretch_over_midnight_is_held_against_date_and_time_together()
    {
        var studies = Enumerable.Range(0, 48).Select(hour => Study(hour, Start.AddHours(hour))).ToList();
        await using var server = Script(Everything(studies));
        var outcome = await AskAsync(server, new QueryRequest { After = Start.AddHours(22), Before = Start.AddHours(30) });
        Assert.Equal(Enumerable.Range(22, 8), outcome.Studies.Where(study => study.Matches == true)
            .Select(study => int.Parse(study.StudyInstanceUID![6..], null)));
        Assert.Equal(40, outcome.Results.Count(study => study.Matches == false));
    }

    [Fact]
    public async Task The_peers_own_word_that_it_does_not_support_a_key_is_one_warning()
    {
        await using var server = Script(Everything([Study(1), Study(2)], 0xFF01));
        var outcome = await AskAsync(server, new QueryRequest { Keys = Key(Tags.PatientComments, "urgent") });
        Assert.Equal(["FF01", "PatientComments"],
            outcome.Notices.Select(notice => notice.Message.Contains("FF01", StringComparison.Ordinal) ? "FF01" : "PatientComments"));
    }

    [Fact]
    public async Task An_answer_that_fits_every_key_says_so()
    {
        await using var server = Script(Archive([Study(1, Start)]));
        var keys = Key(Tags.PatientName, "doe*");
        keys.Set(Tags.PatientID, "P1");
        keys.Set(Tags.StudyDate, "20240101");
        Assert.True(Assert.Single((await AskAsync(server, new QueryRequest { Keys = keys })).Results).Matches);
        Assert.True(Assert.Single((await AskAsync(server, new QueryRequest())).Results).Matches);
    }

    [Fact]
    public async Task Each_step_of_a_worklist_item_has_its_own_verdict()
    {
        var item = new DicomDataset();
        item.Set(Tags.PatientID, "P1");
        item.SetSequence(Tags.ScheduledProcedureStepSequence, Key(Tags.Modality, "CT"), Key(Tags.Modality, "MR"));
        await using var server = Script(Everything([item]), Uids.ModalityWorklistInformationModelFind);
        var keys = new DicomDataset();
        keys.Set(Tags.Modality, "MR");
        var outcome = await AskAsync(server, new QueryRequest { Level = QueryLevel.Worklist, Keys = keys });
        Assert.Equal([false, true], outcome.Results.Select(result => result.Matches));
    }

    private static DicomDataset Key(DicomTag tag, string value)
    {
        var keys = new DicomDataset();
        keys.Set(tag, value);
        return keys;
    }

    private static DicomDataset Bare(int number)
    {
        var study = Study(number);
        study.Set(Tags.ModalitiesInStudy, "");
        return study;
    }

    /// <summary>A peer that gives all it has, whatever is asked.</summary>
    private static ServiceHandler Everything(IReadOnlyList<DicomDataset> answers, ushort pending = 0xFF00) => async (call, token) =>
    {
        foreach (var answer in answers)
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(pending), answer, token);
        return call.Command.Respond(0);
    };
}
