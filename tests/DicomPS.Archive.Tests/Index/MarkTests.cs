using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>What an index keeps of retrieves.</summary>
public abstract class MarkTests(IndexFixture fixture)
{
    private protected static readonly DateTime Night = new(2026, 1, 2, 22, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task A_study_says_when_how_many_and_of_how_many()
    {
        await using var made = await fixture.CreateAsync();
        await made.AddAnswerAsync(QueryLevel.Study, Study("1.1", 5));
        Assert.Null(await MarkAsync(made, QueryLevel.Study));
        await made.Index.MarkAsync([new RetrieveMark("1.1", null, Night, 3, 5, false)], TestIndex.Cancellation);
        var part = await MarkAsync(made, QueryLevel.Study);
        Assert.Equal((Night, 3, 5, false), (part!.At, part.Instances, part.Of, part.IsWhole));
        await made.Index.MarkAsync([new RetrieveMark("1.1", null, Night.AddDays(1), 5, 5, true)], TestIndex.Cancellation);
        // A later try that brings less takes nothing away.
        await made.Index.MarkAsync([new RetrieveMark("1.1", null, Night.AddDays(2), 1, 5, false)], TestIndex.Cancellation);
        await made.ReopenAsync();
        var whole = await MarkAsync(made, QueryLevel.Study);
        Assert.Equal((Night.AddDays(1), 5, 5, true), (whole!.At, whole.Instances, whole.Of, whole.IsWhole));
    }

    [Fact]
    public async Task A_study_that_has_grown_is_whole_no_more()
    {
        await using var made = await fixture.CreateAsync();
        await made.AddAnswerAsync(QueryLevel.Study, Study("1.1", 5));
        await made.Index.MarkAsync([new RetrieveMark("1.1", null, Night, 5, 5, true)], TestIndex.Cancellation);
        await made.AddAnswerAsync(QueryLevel.Study, Study("1.1", 7));
        var mark = await MarkAsync(made, QueryLevel.Study);
        Assert.Equal((5, 7, false), (mark!.Instances, mark.Of, mark.IsWhole));
    }

    [Fact]
    public async Task A_whole_study_marks_its_series_and_a_patient_his_studies()
    {
        await using var made = await fixture.CreateAsync();
        await made.AddAnswerAsync(QueryLevel.Study, Study("1.1", 5));
        var series = Study("1.1", null);
        series.Set(Tags.SeriesInstanceUID, "1.1.1");
        series.Set(Tags.NumberOfSeriesRelatedInstances, "2");
        await made.AddAnswerAsync(QueryLevel.Series, series);
        Assert.Equal(1, await made.Index.MarkPatientAsync("P1", Night, TestIndex.Cancellation));
        Assert.Equal((5, 5, true), Counts(await MarkAsync(made, QueryLevel.Study)));
        Assert.Equal((2, 2, true), Counts(await MarkAsync(made, QueryLevel.Series)));
    }

    [Fact]
    public async Task A_study_whose_series_came_one_by_one_is_whole_with_the_last_one()
    {
        await using var made = await fixture.CreateAsync();
        var study = Study("1.1", 5);
        study.Set(Tags.NumberOfStudyRelatedSeries, "2");
        await made.AddAnswerAsync(QueryLevel.Study, study);
        foreach (var (uid, count) in new[] { ("1.1.1", "2"), ("1.1.2", "3") })
        {
            var series = Study("1.1", null);
            series.Set(Tags.SeriesInstanceUID, uid);
            series.Set(Tags.NumberOfSeriesRelatedInstances, count);
            await made.AddAnswerAsync(QueryLevel.Series, series);
        }

        await made.Index.MarkAsync([new RetrieveMark("1.1", "1.1.1", Night, null, null, true)], TestIndex.Cancellation);
        Assert.Equal((2, 5, false), Counts(await MarkAsync(made, QueryLevel.Study)));
        await made.Index.MarkAsync([new RetrieveMark("1.1", "1.1.2", Night, 3, 3, true)], TestIndex.Cancellation);
        Assert.Equal((5, 5, true), Counts(await MarkAsync(made, QueryLevel.Study)));
        study.Set(Tags.NumberOfStudyRelatedInstances, "6");
        await made.AddAnswerAsync(QueryLevel.Study, study);
        Assert.Equal((5, 6, false), Counts(await MarkAsync(made, QueryLevel.Study)));
    }

    private static (int?, int?, bool) Counts(RetrieveMark? mark) => (mark!.Instances, mark.Of, mark.IsWhole);

    private protected static DicomDataset Study(string uid, int? instances)
    {
        var study = new DicomDataset();
        study.Set(Tags.StudyInstanceUID, uid);
        study.Set(Tags.PatientID, "P1");
        if (instances is { } count)
            study.Set(Tags.NumberOfStudyRelatedInstances, $"{count}");
        return study;
    }

    private protected static async Task<RetrieveMark?> MarkAsync(TestIndex made, QueryLevel level)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, "1.1");
        var query = new IndexQuery { Level = level, Identifier = keys, Relational = true, WithMarks = true };
        IndexMatch? only = null;
        await foreach (var match in made.Index.FindAsync(query, TestIndex.Cancellation))
            only = match;
        return only!.Mark;
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteMarkTests(SqliteIndexFixture fixture) : MarkTests(fixture), IClassFixture<SqliteIndexFixture>
{
    [Fact]
    public async Task An_index_of_the_same_version_without_marks_gets_them()
    {
        await using var made = await TestIndex.CreateAsync();
        await made.AddAnswerAsync(QueryLevel.Study, Study("1.1", 5));
        await made.Index.DisposeAsync();
        using (var connection = new SqliteDatabase(made.Path).Connect(mayCreate: false))
            IndexDatabase.Execute(connection, "DROP TABLE retrieved");
        await made.ReopenAsync();
        await made.Index.MarkAsync([new RetrieveMark("1.1", null, Night, 5, 5, true)], TestIndex.Cancellation);
        Assert.True((await MarkAsync(made, QueryLevel.Study))!.IsWhole);
    }
}

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresMarkTests(PostgresIndexFixture fixture) : MarkTests(fixture), IClassFixture<PostgresIndexFixture>;
