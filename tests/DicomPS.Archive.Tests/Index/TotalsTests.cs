using DicomPS.Archiving.Tests.Support;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>What an index keeps count of is what a count finds, whatever was written, and who was answered finds it counted.</summary>
public abstract class TotalsTests(IndexFixture fixture)
{
    [Fact]
    public async Task The_totals_are_those_of_a_count_after_each_step()
    {
        await using var index = await fixture.CreateAsync(Make.Instance());
        Assert.Equal(IndexTotals.None, index.Index.Totals);
        await index.Index.KeepTotalsAsync(TestIndex.Cancellation);
        await SameAsync(index, 1);

        await index.AddAsync(Make.Instance(number: 2), Make.Instance(series: "2"), Make.Instance(study: "2"));
        await SameAsync(index, 4);
        // The same again, and one of another patient's that has its UIDs.
        await index.AddAsync(Make.Instance(number: 2));
        await SameAsync(index, 4);
        await index.Index.WriteAsync([IndexEntry.ForInstance(Make.Instance(number: 2, elements: (Tags.PatientID, "OTHER")),
            new IndexedFile("a/b", 1, DateTime.UtcNow, null))], TestIndex.Cancellation);
        Assert.Equal(1, index.Index.Totals.Conflicts);
        await SameAsync(index, 5);

        // A file that has become another instance takes the row of what it was.
        await index.Index.WriteAsync([IndexEntry.ForInstance(Make.Instance(study: "3"), new IndexedFile("a/b", 1, DateTime.UtcNow, null))],
            TestIndex.Cancellation);
        await SameAsync(index, 5);
        await index.Index.DeleteAsync(QueryLevel.Series, "1.2", TestIndex.Cancellation);
        await SameAsync(index, 4);
        await index.AddAsync(Make.Instance(series: "2", number: 7));
        await SameAsync(index, 5);
        await Assert.ThrowsAsync<DicomException>(() => index.AddAsync(Make.Instance(study: "4"), Make.Dataset((Tags.PatientID, "none"))));
        await SameAsync(index, 5);
    }

    [Fact]
    public async Task Of_many_writers_at_once_each_is_counted()
    {
        await using var index = await fixture.CreateAsync();
        await index.Index.KeepTotalsAsync(TestIndex.Cancellation);
        await Task.WhenAll(Enumerable.Range(1, 100).Select(async number =>
        {
            await index.AddAsync(Make.Instance(study: $"{number % 7}", series: $"{number % 3}", number: number));
            Assert.True(index.Index.Totals.Instances >= 1);
        }));
        await SameAsync(index, 100);
    }

    private static async Task SameAsync(TestIndex index, long instances)
    {
        var counts = await index.Index.CountAsync(TestIndex.Cancellation);
        Assert.Equal(new IndexTotals(counts.Studies, counts.Series, counts.Instances, counts.Conflicts), index.Index.Totals);
        Assert.Equal(instances, index.Index.Totals.Instances);
    }
}

/// <summary>An index in a file.</summary>
public sealed class SqliteTotalsTests(SqliteIndexFixture fixture) : TotalsTests(fixture), IClassFixture<SqliteIndexFixture>;

/// <summary>An index in PostgreSQL.</summary>
public sealed class PostgresTotalsTests(PostgresIndexFixture fixture) : TotalsTests(fixture), IClassFixture<PostgresIndexFixture>;
