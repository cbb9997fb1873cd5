using System.Runtime.CompilerServices;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Text;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

public class QueryJobTests
{
    [Fact]
    public async Task A_study_has_its_values_in_their_types_and_what_was_not_returned_is_null()
    {
        var study = Study(1, new DateTime(2024, 3, 10, 23, 59, 30, DateTimeKind.Unspecified), "CT\\MR");
        study.Set(Tags.PatientBirthDate, "19700101");
        study.Set(Tags.NumberOfStudyRelatedSeries, "3");
        study.Set(Tags.RetrieveAETitle, "A\\B");
        await using var server = Script(Archive([study]));
        var outcome = await AskAsync(server, new QueryRequest());
        var found = Assert.Single(outcome.Studies);
        Assert.Equal(("DOE^1", "P1", "CT\\MR", "1.2.3.1", "A\\B", 3),
            (found.PatientName, found.PatientID, found.Modalities, found.StudyInstanceUID, found.RetrieveAETitle, found.Series));
        Assert.Equal(new DateTime(2024, 3, 10, 23, 59, 30), found.StudyDate);
        Assert.Equal(new DateTime(1970, 1, 1), found.PatientBirthDate);
        Assert.Null(found.AccessionNumber);
        Assert.Null(found.Instances);
        Assert.Equal("PACS", found.Node!.AETitle);
        Assert.Equal("CT\\MR", found.Dataset!.GetText(Tags.ModalitiesInStudy));
        Assert.True(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task Empty_names_and_dates_are_null()
    {
        var study = Study(1);
        study.Set(Tags.PatientName, "");
        study.Set(Tags.StudyDate, "");
        study.Set(Tags.NumberOfStudyRelatedInstances, "many");
        await using var server = Script(Archive([study]));
        var found = Assert.Single((await AskAsync(server, new QueryRequest())).Studies);
        Assert.Equal((null, null, null), (found.PatientName, found.StudyDate, found.Instances));
    }

    [Fact]
    public async Task The_identifier_has_the_level_the_keys_the_return_keys_and_asks_for_the_character_set()
    {
        DicomDataset? asked = null;
        await using var server = Script(Archive([], asked: keys => asked = keys));
        var keys = new DicomDataset();
        keys.Set(Tags.PatientName, "DOE*");
        await AskAsync(server, new QueryRequest { Keys = keys, ReturnKeys = [Tags.InstitutionName, Tags.ProcedureCodeSequence] });
        Assert.Equal(("STUDY", "DOE*"), (asked!.GetString(Tags.QueryRetrieveLevel), asked.GetString(Tags.PatientName)));
        Assert.All([Tags.SpecificCharacterSet, Tags.StudyInstanceUID, Tags.InstitutionName, Tags.ProcedureCodeSequence,
            Tags.ModalitiesInStudy], tag => Assert.True(asked.Contains(tag)));
        Assert.Null(asked.GetText(Tags.SpecificCharacterSet));
    }

    [Theory]
    [InlineData("Ivanov", "ISO_IR 144", "ISO_IR 144")]
    [InlineData("Иванов", "ISO_IR 144", "ISO_IR 144")]
    [InlineData("山田", "ISO_IR 144", "ISO_IR 192")]
    [InlineData("山田", null, "ISO_IR 192")]
    [InlineData("山田", "\\ISO 2022 IR 87", "\\ISO 2022 IR 87")]
    public async Task A_name_goes_out_in_the_nodes_own_set_when_that_holds_it_and_in_UTF8_otherwise(string name, string? ofNode,
        string declared)
    {
        DicomDataset? asked = null;
        await using var server = Script(Archive([], asked: keys => asked = keys));
        var keys = new DicomDataset();
        keys.Set(Tags.PatientName, name + "*");
        await AskAsync(Options(server.Port, ofNode), new QueryRequest { Keys = keys });
        Assert.Equal((declared, name + "*"), (asked!.GetText(Tags.SpecificCharacterSet), asked.GetString(Tags.PatientName)));
    }

    [Fact]
    public async Task Names_are_read_by_the_set_that_an_answer_declares_or_else_by_the_nodes_own()
    {
        var declared = Study(1);
        declared.SetCharacterSet("ISO_IR 192");
        declared.Set(Tags.PatientName, "山田^太郎");
        var silent = Study(2);
        silent.Text = SpecificCharacterSet.Parse(["ISO_IR 144"], out _);
        silent.Set(Tags.PatientName, "Иванов");
        await using var server = Script(Archive([declared, silent]));
        var outcome = await AskAsync(Options(server.Port, "ISO_IR 144"), new QueryRequest());
        Assert.Equal(["山田^太郎", "Иванов"], outcome.Studies.Select(study => study.PatientName));
    }

    [Fact]
    public async Task A_range_over_midnight_finds_exactly_what_lies_in_it()
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var studies = Enumerable.Range(0, 96).Select(hour => Study(hour, start.AddHours(hour))).ToList();
        await using var server = Script(Archive(studies));
        var outcome = await AskAsync(server, new QueryRequest { After = start.AddHours(22), Before = start.AddHours(54) });
        Assert.Equal(Enumerable.Range(22, 32).Select(hour => $"1.2.3.{hour}"), outcome.Studies.Select(study => study.StudyInstanceUID));
        Assert.Equal(3, outcome.Summary!.Queries);
    }

    [Fact]
    public async Task A_time_of_day_over_midnight_is_asked_in_two_stretches()
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        await using var server = Script(Archive([.. Enumerable.Range(0, 48).Select(hour => Study(hour, start.AddHours(hour)))]));
        var keys = new DicomDataset();
        keys.Set(Tags.StudyTime, "2200-0559");
        var outcome = await AskAsync(server, new QueryRequest { Keys = keys });
        Assert.Equal([0, 1, 2, 3, 4, 5, 22, 23], outcome.Studies.Select(study => study.StudyDate!.Value.Hour).Distinct().Order());
        Assert.Equal(16, outcome.Results.Count);
    }

    [Fact]
    public async Task A_time_zone_shifts_no_date()
    {
        var study = Study(1, new DateTime(2024, 3, 10, 23, 30, 0, DateTimeKind.Unspecified));
        study.Set(Tags.TimezoneOffsetFromUTC, "-0800");
        await using var server = Script(Archive([study]));
        Assert.Equal(new DateTime(2024, 3, 10, 23, 30, 0), Assert.Single((await AskAsync(server, new QueryRequest())).Studies).StudyDate);
    }

    [Fact]
    public async Task Several_UIDs_go_out_as_lists()
    {
        await using var server = Script(Archive([.. Enumerable.Range(0, 300).Select(n => Study(n))]));
        var outcome = await AskAsync(server, new QueryRequest { Targets = [Listed(Enumerable.Range(50, 220))] });
        Assert.Equal(220, outcome.Results.Count);
        Assert.Equal(3, outcome.Summary!.Queries);
        Assert.Empty(outcome.Notices);
        Assert.True(outcome.Summary.IsComplete);
    }

    [Theory]
    [InlineData(0xA900)]
    [InlineData(0xC001)]
    [InlineData(0x0000)]
    public async Task A_peer_without_list_matching_is_asked_one_by_one(int status)
    {
        var archive = Archive([.. Enumerable.Range(0, 20).Select(n => Study(n))]);
        await using var server = Script((call, token) => call.Identifier!.GetStrings(Tags.StudyInstanceUID).Length > 1
            ? call.Reply((ushort)status)
            : archive(call, token));
        var outcome = await AskAsync(server, new QueryRequest { Targets = [Listed([3, 5, 7, 99])] });
        Assert.Equal(["1.2.3.3", "1.2.3.5", "1.2.3.7"], outcome.Studies.Select(study => study.StudyInstanceUID));
        Assert.Empty(outcome.Problems);
        Assert.Equal(status == 0 ? 0 : 1, outcome.Notices.Count);
    }

    [Fact]
    public async Task Series_of_several_studies_are_asked_study_by_study_over_one_association()
    {
        var asked = new List<string?>();
        await using var server = Serve(AnswerSeries);
        async IAsyncEnumerable<DicomDataset> AnswerSeries(ServiceCall call, DicomDataset keys,
            [EnumeratorCancellation] CancellationToken token)
        {
            await Task.Yield();
            asked.Add(keys.GetText(Tags.StudyInstanceUID));
            var series = new DicomDataset();
            series.Set(Tags.SeriesInstanceUID, keys.GetText(Tags.StudyInstanceUID) + ".1");
            yield return series;
        }

        var outcome = await AskAsync(server, new QueryRequest { Level = QueryLevel.Series, Targets = [Listed([1, 2, 3])] });
        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3"], asked);
        // The peer left the study out of its answers; the rows name it all the same.
        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3"], outcome.Results.Cast<Series>().Select(series => series.StudyInstanceUID));
        Assert.Equal(1, server.Associations);
    }

    [Fact]
    public async Task Several_patients_are_asked_one_by_one_and_duplicates_dropped()
    {
        await using var server = Script(Archive([Study(1, patient: "A"), Study(2, patient: "B"), Study(3, patient: "C")]));
        var target = new DicomDataset();
        target.Set(Tags.PatientID, "A", "B", "A");
        var outcome = await AskAsync(server, new QueryRequest { Targets = [target] });
        Assert.Equal(["A", "B"], outcome.Studies.Select(study => study.PatientID));
        Assert.Equal(1, outcome.Summary!.Duplicates);
    }

    [Fact]
    public async Task A_peer_that_refuses_optional_keys_is_asked_for_the_required_ones()
    {
        var archive = Archive([Study(1)]);
        await using var server = Script((call, token) => call.Identifier!.Contains(Tags.ModalitiesInStudy)
            ? Task.FromResult<ServiceReply>(call.Command.Respond(0xA900) with { ErrorComment = "what is 0008,0061?" })
            : archive(call, token));
        var outcome = await AskAsync(server, new QueryRequest { ReturnKeys = [Tags.InstitutionName] });
        Assert.Equal("1.2.3.1", Assert.Single(outcome.Studies).StudyInstanceUID);
        Assert.Empty(outcome.Problems);
        var notice = Assert.Single(outcome.Notices);
        Assert.Contains("optional keys", notice.Message);
        Assert.NotNull(notice.Advice);
    }

    [Fact]
    public async Task A_refused_query_is_a_failure_with_the_peers_words_and_an_advice()
    {
        await using var server =
            Script(
                (call, _) => Task.FromResult<ServiceReply>(
                    call.Command.Respond(0xC123) with { ErrorComment = "no such thing", OffendingElements = [0x00100010] }));
        var outcome = await AskAsync(server, new QueryRequest());
        var problem = Assert.IsType<DicomStatusException>(Assert.Single(outcome.Problems));
        Assert.Equal((ushort)0xC123, problem.Status);
        Assert.Contains("no such thing", problem.Message);
        Assert.Contains("PatientName", problem.Message);
        Assert.NotNull(problem.Advice);
        Assert.False(outcome.Summary!.IsComplete);
    }

    [Fact]
    public async Task A_hundred_thousand_answers_take_no_more_memory_than_a_hundred()
    {
        var template = Study(1, new DateTime(2024, 1, 1, 10, 0, 0, DateTimeKind.Unspecified));
        await using var server = Serve(AnswerMany);
        async IAsyncEnumerable<DicomDataset> AnswerMany(ServiceCall call, DicomDataset keys,
            [EnumeratorCancellation] CancellationToken token)
        {
            await Task.Yield();
            for (var i = 0; i < 100_001; i++)
                yield return template;
        }

        // What was taken must be free to go, whatever other tests hold meanwhile.
        var taken = new List<WeakReference>();
        long count = 0, mostAlive = 0;
        await foreach (var value in new QueryJob(Options(server.Port), new QueryRequest()).RunAsync(Token))
        {
            if (value is not QueryFound)
                continue;
            count++;
            taken.Add(new WeakReference(value));
            if (count % 20_000 == 0)
            {
                GC.Collect();
                mostAlive = Math.Max(mostAlive, taken.Count(reference => reference.IsAlive));
            }
        }

        Assert.Equal(100_001, count);
        Assert.InRange(mostAlive, 0, 100);
    }

    private static DicomDataset Listed(IEnumerable<int> numbers)
    {
        var target = new DicomDataset();
        target.Set(Tags.StudyInstanceUID, [.. numbers.Select(n => $"1.2.3.{n}")]);
        return target;
    }
}
