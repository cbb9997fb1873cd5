using DicomPS.Data;
using DicomPS.Dictionary;
using static DicomPS.Engine.Tests.Comparing.CompareBench;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Comparing;

/// <summary>As many studies as peers are known to stop at: an archive may have just so many, and another one be cut there.</summary>
public class RoundNumberTests
{
    private static readonly DateTime Morning = new(2000, 1, 5, 8, 0, 0);

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(1000)]
    public async Task Archives_of_so_many_studies_are_equal(int count)
    {
        var studies = Studies(count);
        var outcome = await CompareAsync(Archive(studies), Archive(studies));
        Assert.True(outcome.IsEqual, outcome.Text + outcome.Summary.Text);
        Assert.Equal(count, outcome.Summary.Total.Equal);
        Assert.Empty(outcome.Notices);
    }

    [Theory]
    [InlineData("in an hour")]
    [InlineData("without a time")]
    [InlineData("without a date, some of them")]
    [InlineData("without a date")]
    [InlineData("of one patient")]
    [InlineData("whose patients have no ID")]
    [InlineData("of a modality of their own, on days of their own")]
    public async Task Archives_of_a_hundred_studies_are_equal(string kind)
    {
        var studies = new List<DicomDataset>(Enumerable.Range(1, 100).Select(number => kind switch
        {
            "in an hour" => Numbered(number, Morning.AddSeconds(number)),
            "without a time" => Timeless(number),
            "without a date" => Numbered(number, null),
            "without a date, some of them" => Numbered(number, number % 10 == 0 ? null : Morning.AddDays(number % 20)),
            "of one patient" => Numbered(number, Morning.AddDays(number % 20), patient: "P1"),
            "whose patients have no ID" => Numbered(number, Morning.AddDays(number % 20), number % 2 == 0 ? "CT" : "MR", patient: ""),
            _ => Numbered(number, Morning.AddDays(number % 20), "ZZ", patient: "-"),
        }));
        var outcome = await CompareAsync(Archive(studies), Archive(studies));
        Assert.True(outcome.IsEqual, outcome.Text + outcome.Rows.FirstOrDefault()?.Reason);
    }

    [Theory]
    [InlineData(100, "a study without a date is beyond the limit, all else is a hundred")]
    [InlineData(100, "twenty without a date, half of them beyond the limit")]
    [InlineData(100, "more on a day than the limit, none has a time")]
    [InlineData(100, "more in an hour than the limit, of a modality of their own")]
    [InlineData(100, "one patient in an hour")]
    [InlineData(120, "a limit that nobody knows")]
    [InlineData(0, "nothing is answered that is asked for without a date")]
    public async Task A_side_that_is_cut_is_never_equal(int limit, string kind)
    {
        var studies = (limit, kind) switch
        {
            (0, _) or (120, _) => [.. Studies(150), Numbered(151, null)],
            (_, "a study without a date is beyond the limit, all else is a hundred") => [.. Studies(100), Numbered(101, null)],
            (_, "twenty without a date, half of them beyond the limit") =>
                [.. Studies(90), .. Enumerable.Range(91, 20).Select(number => Numbered(number, null))],
            (_, "more on a day than the limit, none has a time") => [.. Enumerable.Range(1, 150).Select(Timeless)],
            (_, "one patient in an hour") => [.. Enumerable.Range(1, 150).Select(number => Numbered(number, Morning, patient: "P1"))],
            _ => new List<DicomDataset>(Enumerable.Range(1, 150).Select(number => Numbered(number, Morning, "ZZ"))),
        };
        var whole = Archive(studies);
        var cut = limit == 0
            ? (call, token) => call.Identifier!.GetText(Tags.StudyDate) is null && call.Identifier.GetText(Tags.StudyInstanceUID) is null
                ? Archive([])(call, token) : whole(call, token)
            : Archive(studies, limit);
        foreach (var (one, other) in new[] { (cut, cut), (whole, cut), (cut, whole) })
        {
            var outcome = await CompareAsync(one, other);
            Assert.False(outcome.Summary.IsComplete, outcome.Summary.Text);
            Assert.Contains(outcome.Rows, row => row is { Difference: "Unknown", Level: "Days" });
            Assert.DoesNotContain(outcome.Rows, row => row.Difference is "Missing" or "Extra");
        }
    }

    [Fact]
    public async Task A_side_that_looks_at_neither_modality_nor_patient_is_not_asked_for_all_by_each_of_them()
    {
        var studies = Studies(100);
        var whole = 0;
        var outcome = await CompareAsync(Archive(studies), (call, token) =>
        {
            var keys = call.Identifier!;
            keys.Set(Tags.ModalitiesInStudy, "");
            keys.Set(Tags.PatientID, "");
            whole += keys.GetText(Tags.StudyDate) is null ? 1 : 0;
            return Archive(studies)(call, token);
        }, options => options with { Difference = options.Difference with { Associations = 1 } });
        Assert.True(outcome.IsEqual, outcome.Text);
        Assert.Equal(1 + 2 + 2, whole);
    }

    [Fact]
    public async Task A_limit_that_windows_are_smaller_than_costs_nothing_but_what_has_no_date()
    {
        var studies = Studies(400);
        var outcome = await CompareAsync(Archive(studies, 100), Archive(studies, 100));
        Assert.Equal("Unknown Days", outcome.Text);
        Assert.Contains("without a date", outcome.Rows[0].Reason);
        Assert.Equal(400, outcome.Summary.Total.Equal);
    }

    private static DicomDataset Timeless(int number)
    {
        var study = Numbered(number, Morning);
        study.Set(Tags.StudyTime, "");
        return study;
    }
}
