using System.Collections.Concurrent;
using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Comparing.CompareBench;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Comparing;

/// <summary>A side that does not answer as the standard has it: what it leaves open is unknown, and nothing else is.</summary>
public class HostileSideTests
{
    private static readonly DateTime First = new(2000, 1, 2, 8, 0, 0);
    private static readonly List<DicomDataset> Whole = [.. Enumerable.Range(0, 10).Select(day => Numbered(day, First.AddDays(day)))];

    [Fact]
    public async Task One_UID_of_two_patients_is_equal_to_nothing_and_both_are_named()
    {
        var day = new DateTime(2000, 1, 10, 8, 0, 0);
        List<DicomDataset> mine = [Numbered(1, day, patient: "QA"), Numbered(1, day, patient: "QB"), Numbered(2, day)];
        List<DicomDataset> its = [Numbered(1, day, patient: "QB"), Numbered(2, day)];
        foreach (var isReference in new[] { true, false })
        {
            var outcome = isReference ? await CompareAsync(Archive(mine), Archive(its), options => options with { IncludeEqual = true })
                : await CompareAsync(Archive(its), Archive(mine), options => options with { IncludeEqual = true });
            Assert.Equal("Equal 1.2.3.2; Unknown Days", outcome.Text);
            Assert.Contains("of two patients, QA and QB", outcome.Rows.Single(row => row.Level == "Days").Reason);
            Assert.Equal((1, 1), (outcome.Summary.Total.Equal, outcome.Summary.Total.Unknown));
        }
    }

    [Fact]
    public async Task A_study_twice_in_an_answer_leaves_its_day_unknown()
    {
        var outcome = await OfDaysAsync([.. Whole, Numbered(3, First.AddDays(3))]);
        Assert.Equal("Unknown Days", outcome.Text);
        Assert.Equal(First.AddDays(3).Date, outcome.Rows[0].StudyDate);
        Assert.Contains("more than once", outcome.Rows[0].Reason);
    }

    [Fact]
    public async Task An_answer_without_a_UID_leaves_its_day_unknown()
    {
        var nameless = Numbered(99, First.AddDays(4));
        nameless.Set(Tags.StudyInstanceUID, "");
        var outcome = await OfDaysAsync([.. Whole, nameless]);
        Assert.Equal("Unknown Days", outcome.Text);
        Assert.Equal(First.AddDays(4).Date, outcome.Rows[0].StudyDate);
    }

    [Fact]
    public async Task Answers_from_outside_a_window_are_compared_once()
    {
        // It gives the first study with each day, in whose window it is not.
        var outcome = await OfDaysAsync(Ignoring(Tags.StudyDate, Whole.Take(1), Archive(Whole.Skip(1).ToList())));
        Assert.True(outcome.IsEqual, outcome.Text + outcome.Rows.FirstOrDefault()?.Reason);
    }

    [Fact]
    public async Task A_side_that_does_not_look_at_dates_is_compared_all_the_same()
    {
        var some = Whole.Where(study => study.GetString(Tags.StudyInstanceUID) != "1.2.3.5").ToList();
        var outcome = await OfDaysAsync((call, token) =>
        {
            call.Identifier!.Set(Tags.StudyDate, "");
            return Archive(some)(call, token);
        });
        Assert.Equal("Missing 1.2.3.5", outcome.Text);
        Assert.True(outcome.Summary.IsComplete, outcome.Summary.Text);
        // A comparison gives no answers that somebody could choose among.
        Assert.Contains(outcome.Notices, notice => notice.Message.Contains("StudyDate"));
        Assert.DoesNotContain(outcome.Notices, notice => notice.Advice?.Contains("-Strict") == true);
    }

    [Fact]
    public async Task A_side_that_gives_a_thousand_studies_of_other_days_is_unknown()
    {
        var many = Enumerable.Range(1000, 1203).Select(number => Numbered(number, First.AddYears(-20))).ToList();
        var outcome = await OfDaysAsync(Ignoring(Tags.StudyDate, many, Archive(Whole)));
        Assert.False(outcome.Summary.IsComplete);
        Assert.Contains(outcome.Rows, row => row is { Level: "Days", Difference: "Unknown" } && row.Reason!.Contains("other days"));
        Assert.DoesNotContain(outcome.Rows, row => row.Difference == "Missing");
    }

    [Fact]
    public async Task A_side_that_fails_in_the_middle_of_a_window_is_asked_again_and_then_unknown_there()
    {
        var failures = 0;
        ServiceHandler Failing(int times) => async (call, token) =>
        {
            if (call.Identifier!.GetText(Tags.StudyDate) != "20000104" || Interlocked.Increment(ref failures) > times)
                return await Archive(Whole)(call, token);
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), Numbered(2, First.AddDays(2)), token);
            return call.Command.Respond(0xC001);
        };
        var outcome = await OfDaysAsync(Failing(1));
        Assert.True(outcome.IsEqual, outcome.Text);
        Assert.Contains("asked again", Assert.Single(outcome.Notices).Message);
        failures = 0;
        outcome = await OfDaysAsync(Failing(int.MaxValue));
        Assert.Equal("Unknown Days", outcome.Text);
        Assert.Equal(new DateTime(2000, 1, 4), outcome.Rows[0].StudyDate);
        Assert.Contains("C001", outcome.Rows[0].Reason);
        Assert.Equal(10, outcome.Summary.Total.ReferenceStudies);
    }

    [Fact]
    public async Task A_study_that_a_side_has_under_another_day_is_different_and_one_that_it_cannot_be_asked_for_is_unknown()
    {
        var moved = Whole.Select((study, at) => at == 6 ? Numbered(6, First.AddYears(3)) : study).ToList();
        Assert.Equal("Different 1.2.3.6", (await OfDaysAsync(moved)).Text);
        var outcome = await OfDaysAsync((call, token) => call.Identifier!.GetText(Tags.StudyInstanceUID) is not null
            ? Task.FromResult(new ServiceReply(call.Command.Respond(0xC001))) : Archive(moved)(call, token));
        Assert.Equal("Unknown 1.2.3.6", outcome.Text);
        Assert.False(outcome.Summary.IsComplete);
    }

    [Fact]
    public async Task A_question_by_UID_that_fails_once_is_asked_again()
    {
        var lacking = Archive([.. Whole.Where((_, at) => at is not (3 or 6))]);
        var failures = new ConcurrentDictionary<string, int>();
        ServiceHandler Once(ServiceHandler archive) => (call, token) => call.Identifier!.GetText(Tags.StudyInstanceUID) is { } uids
            && failures.AddOrUpdate(uids, 1, (_, count) => count + 1) == 1
                ? Task.FromResult(new ServiceReply(call.Command.Respond(0xC001))) : archive(call, token);
        var outcome = await OfDaysAsync(Once(lacking));
        Assert.Equal("Missing 1.2.3.3; Missing 1.2.3.6", outcome.Text);
        Assert.True(outcome.Summary.IsComplete, outcome.Summary.Text);
        Assert.Contains(outcome.Notices, notice => notice.Message.Contains("asked again"));
        Assert.Empty(outcome.Failures);
        Assert.NotEmpty(failures);
    }

    [Theory]
    [InlineData("OFFLINE", "Offline 1.2.3.0")]
    [InlineData("UNAVAILABLE", "Offline 1.2.3.0")]
    [InlineData("ONLINE\\OFFLINE", "Offline 1.2.3.0")]
    [InlineData("NEARLINE", "")]
    [InlineData("ONLINE", "")]
    public async Task What_the_other_side_cannot_give_is_offline(string availability, string expected)
    {
        var away = Numbered(0, First);
        away.Set(Tags.InstanceAvailability, availability.Split('\\'));
        Assert.Equal(expected, (await OfDaysAsync([away, .. Whole.Skip(1)])).Text);
        // Who has it offline lacks nothing by that.
        Assert.Equal("", (await CompareAsync(Archive([away, .. Whole.Skip(1)]), Archive(Whole), Days)).Text);
    }

    [Theory]
    [InlineData("0", ComparisonLevel.Study)]
    [InlineData("-4", ComparisonLevel.Study)]
    [InlineData("0", ComparisonLevel.Series)]
    [InlineData("-4", ComparisonLevel.Series)]
    [InlineData("", ComparisonLevel.Instance)]
    [InlineData("-4", ComparisonLevel.Instance)]
    public async Task Two_sides_that_have_nothing_in_a_study_are_not_equal(string count, ComparisonLevel level)
    {
        // Each has the study, and one series without instances.
        var side = Levels(count, "0", 0);
        var outcome = await CompareAsync(side, side, options => Days(options) with { Level = level, IncludeEqual = true });
        Assert.Equal("Unknown 1.2.3.1", outcome.Text);
        Assert.False(outcome.Summary.IsComplete);
    }

    [Fact]
    public async Task A_series_of_which_neither_side_lists_an_instance_leaves_its_study_unknown()
    {
        // The other series is on both sides, and how many there are in all is not told.
        var side = Levels("", "", 1, 0);
        var outcome = await CompareAsync(side, side, options => Days(options) with { Level = ComparisonLevel.Instance });
        Assert.Equal("Unknown 1.2.3.1", outcome.Text);
        Assert.Contains("1.2.3.1.2", outcome.Rows[0].Reason);
        side = Levels("", "", 1, 2);
        Assert.True((await CompareAsync(side, side, options => Days(options) with { Level = ComparisonLevel.Instance })).IsEqual);
    }

    // One study, with series that list so many instances.
    private static ServiceHandler Levels(string studyCount, string seriesCount, params int[] instances) => async (call, token) =>
    {
        var level = call.Identifier!.GetText(Tags.QueryRetrieveLevel);
        var asked = call.Identifier!.GetText(Tags.SeriesInstanceUID);
        var study = Numbered(1, First);
        study.Set(Tags.NumberOfStudyRelatedInstances, studyCount);
        if (level == "STUDY" && Matches(study, call.Identifier!))
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), study, token);
        for (var i = 1; i <= instances.Length && level != "STUDY"; i++)
        {
            if (level == "IMAGE" && asked != $"1.2.3.1.{i}")
                continue;
            for (var at = 1; at <= (level == "SERIES" ? 1 : instances[i - 1]); at++)
            {
                var answer = new DicomDataset();
                answer.Set(Tags.StudyInstanceUID, "1.2.3.1");
                answer.Set(Tags.SeriesInstanceUID, $"1.2.3.1.{i}");
                if (level == "SERIES")
                    answer.Set(Tags.NumberOfSeriesRelatedInstances, seriesCount);
                else
                    answer.Set(Tags.SOPInstanceUID, $"1.2.3.1.{i}.{at}");
                await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), answer, token);
            }
        }

        return call.Command.Respond(0);
    };

    private static Task<CompareOutcome> OfDaysAsync(List<DicomDataset> its) => OfDaysAsync(Archive(its));

    private static Task<CompareOutcome> OfDaysAsync(ServiceHandler its) => CompareAsync(Archive(Whole), its, Days);

    private static ComparisonOptions Days(ComparisonOptions options) => options with
    {
        Request = new QueryRequest { After = First.Date, Before = First.Date.AddDays(12), Split = QuerySplit.Auto },
    };

    // What it gives whatever the key says, and behind that what another one answers.
    private static ServiceHandler Ignoring(DicomTag key, IEnumerable<DicomDataset> always, ServiceHandler other) => async (call, token) =>
    {
        foreach (var study in always.Where(study => Matches(study, new DicomDataset(call.Identifier!.Where(one => one.Tag != key)))))
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), study, token);
        return await other(call, token);
    };
}
