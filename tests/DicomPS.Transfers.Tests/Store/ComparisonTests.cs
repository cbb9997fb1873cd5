using DicomPS.Comparing;

namespace DicomPS.Transfers.Tests.Store;

/// <summary>How far a comparison of archives is, as a store keeps it.</summary>
public abstract class ComparisonTests(StoreFixture fixture)
{
    private static readonly DateTime Today = new(2024, 5, 6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_kept_comes_back_as_it_was()
    {
        await using var store = await fixture.NewAsync();
        var row = await store.OpenComparisonAsync("one", "level: Study", Today, false, Cancellation);
        var journal = new StoredComparison(store, row, "one");
        Assert.Null(await journal.ReadAsync(Cancellation));
        var full = new ArchiveDifference
        {
            Kind = ArchiveDifferenceKind.Partial,
            Level = "Series",
            StudyDate = new DateTime(2024, 1, 2, 3, 4, 5, 678),
            PatientName = "Döe^Jöhn\u0000",
            PatientID = "P1",
            AccessionNumber = "A1",
            Modalities = "CT\\MR",
            StudyDescription = "CHEST",
            ReferenceSeries = 1,
            DifferenceSeries = 2,
            ReferenceInstances = 3,
            DifferenceInstances = 4,
            ReferenceAvailability = "ONLINE",
            DifferenceAvailability = "NEARLINE",
            Keys = "PatientID",
            Reason = "It's so.",
            StudyInstanceUID = "1.2",
            SeriesInstanceUID = "1.2.3",
            SOPInstanceUID = "1.2.3.4",
        };
        var day = new ArchiveComparisonDay
        {
            StudyDate = new DateTime(2024, 1, 2),
            ReferenceStudies = 1,
            DifferenceStudies = 2,
            Equal = 3,
            Missing = 4,
            Extra = 5,
            Partial = 6,
            Offline = 7,
            Different = 8,
            Unknown = 9,
        };
        var bare = new ArchiveDifference { Kind = ArchiveDifferenceKind.Missing, Level = "Study", StudyInstanceUID = "1.9" };
        await journal.WriteAsync(Part([0, 1, 2], [full, bare], [day]), Cancellation);
        await journal.WriteAsync(Part([5], [bare], [day, new ArchiveComparisonDay { Missing = 1 }], "0110", "1.7"), Cancellation);

        // Another process.
        await using var again = await StoreFixture.AgainAsync(store);
        var known = await again.OpenComparisonAsync("one", "level: Study", Today.AddDays(3), false, Cancellation);
        Assert.Equal((Today, 2L, false), (known.Today, known.Parts, known.IsEnded));
        var next = new StoredComparison(again, known, "one");
        var all = await next.ReadAsync(Cancellation);
        Assert.Equal([0, 1, 2, 5], all!.Windows);
        Assert.Equal(["1.7"], all.Settled);
        Assert.Equal(("0110", 20L, 40L), (all.Seen, all.ReferenceStudies, all.DifferenceStudies));
        Assert.Equal(2, all.Days.Count);
        Assert.Equal(1, all.Days.Single(one => one.StudyDate is null).Missing);
        Assert.Equal(day with
        {
            ReferenceStudies = 2,
            DifferenceStudies = 4,
            Equal = 6,
            Missing = 8,
            Extra = 10,
            Partial = 12,
            Offline = 14,
            Different = 16,
            Unknown = 18,
        }, all.Days.Single(one => one.StudyDate is not null));
        var rows = new List<ArchiveDifference>();
        await foreach (var one in next.RowsAsync(Cancellation))
            rows.Add(one);
        Assert.Equal([full with { PatientName = rows[0].PatientName }, bare, bare], rows);
        Assert.StartsWith("Döe^Jöhn", rows[0].PatientName);
    }

    [Fact]
    public async Task Of_two_runs_one_goes_on()
    {
        await using var store = await fixture.NewAsync();
        var row = await store.OpenComparisonAsync("one", "level: Study", Today, false, Cancellation);
        var (first, second) = (new StoredComparison(store, row, "one"), new StoredComparison(store, row, "one"));
        await first.WriteAsync(Part([0]), Cancellation);
        var problem = await Assert.ThrowsAsync<StoreException>(() => second.WriteAsync(Part([0]), Cancellation));
        Assert.Contains("Another run", problem.Message);
        await first.WriteAsync(Part([1]), Cancellation);
        await store.OpenComparisonAsync("one", "level: Study", Today, true, Cancellation);
        await Task.Delay(5, Cancellation);
        var begun = await store.OpenComparisonAsync("one", "level: Study", Today, true, Cancellation);
        Assert.NotEqual(row.Begun, begun.Begun);
        await Assert.ThrowsAsync<StoreException>(() => first.WriteAsync(Part([2]), Cancellation));
        Assert.Null(await first.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task What_came_to_its_end_begins_anew_and_what_compares_something_else_is_left()
    {
        await using var store = await fixture.NewAsync();
        var row = await store.OpenComparisonAsync("one", "level: Study", Today, false, Cancellation);
        var journal = new StoredComparison(store, row, "one");
        await journal.WriteAsync(Part([0]), Cancellation);
        Assert.Equal(("level: Study", 1L), Of(await store.OpenComparisonAsync("one", "level: Series", Today, false, Cancellation)));
        Assert.Equal(("level: Other", 0L), Of(await store.OpenComparisonAsync("two", "level: Other", Today, false, Cancellation)));
        await journal.EndAsync(Cancellation);
        Assert.Equal(("level: Study", 1L), Of(await store.OpenComparisonAsync("one", "level: Series", Today, false, Cancellation)));
        Assert.Equal(("level: Study", 0L), Of(await store.OpenComparisonAsync("one", "level: Study", Today, false, Cancellation)));
        Assert.Equal(("level: Series", 0L), Of(await store.OpenComparisonAsync("one", "level: Series", Today, true, Cancellation)));

        static (string, long) Of(ComparisonRow row) => (row.What, row.Parts);
    }

    [Fact]
    public async Task A_part_is_kept_whole_however_much_was_settled_in_it()
    {
        await using var store = await fixture.NewAsync();
        var row = await store.OpenComparisonAsync("many", "level: Study", Today, false, Cancellation);
        var journal = new StoredComparison(store, row, "many");
        string[] settled = [.. Enumerable.Range(1, 500).Select(number => $"1.2.840.113619.2.{number}")];
        await journal.WriteAsync(Part([.. Enumerable.Range(0, 3000)], settled: settled), Cancellation);
        var kept = await journal.ReadAsync(Cancellation);
        Assert.Equal(settled, kept!.Settled);
        Assert.Equal(3000, kept.Windows.Count);
    }

    private static ComparedPart Part(int[] windows, ArchiveDifference[]? rows = null, ArchiveComparisonDay[]? days = null,
        string seen = "0000", params string[] settled) => new()
        {
            Windows = windows,
            Rows = rows ?? [],
            Days = days ?? [],
            Settled = settled,
            Seen = seen,
            ReferenceStudies = 10,
            DifferenceStudies = 20,
        };
}

/// <summary>A store in a file.</summary>
public sealed class SqliteComparisonTests(SqliteFixture fixture) : ComparisonTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>A store in PostgreSQL.</summary>
public sealed class PostgresComparisonTests(PostgresFixture fixture) : ComparisonTests(fixture), IClassFixture<PostgresFixture>;
