using System.Net;
using DicomPS.Archiving.Databases;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Transfers.Tests.Support;
using Npgsql;

namespace DicomPS.Archiving.Tests.Index;

/// <summary>What only a database on a server can do to an index.</summary>
public sealed class PostgresIndexTests(OnePostgres server)
{
    private static CancellationToken Cancellation => TestIndex.Cancellation;

    [Fact]
    public async Task Two_that_write_the_same_at_once_leave_one_row_of_each()
    {
        var address = NewDatabase();
        await using var one = await TestIndex.CreateAsync(address, null);
        await using var two = await one.AgainAsync();
        await Task.WhenAll(Enumerable.Range(1, 200).SelectMany(number => new[] { one.Index, two }.Select(index => index.WriteAsync(
            [IndexEntry.ForInstance(Make.Instance($"{number / 4}", $"{number / 2}", number))], Cancellation))));
        Assert.Equal(new IndexCounts(51, 51, 101, 200, 0), await one.Index.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Those_that_make_one_at_once_all_have_it()
    {
        for (var round = 0; round < 5; round++)
        {
            var address = NewDatabase();
            await Task.WhenAll(Enumerable.Range(1, 6).Select(async number =>
            {
                await using var index = await ArchiveIndex.OpenAsync(address, ArchiveIndexOptions.Default, Cancellation);
                await index.WriteAsync([IndexEntry.ForInstance(Make.Instance($"{number}"))], Cancellation);
            }));
            await using var all = await TestIndex.CreateAsync(address, null);
            Assert.Equal(6, (await all.Index.CountAsync(Cancellation)).Studies);
        }
    }

    [Fact]
    public async Task A_database_that_does_not_keep_every_letter_is_refused()
    {
        var address = NewDatabase("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        var refused = await Assert.ThrowsAsync<StoreException>(
            () => ArchiveIndex.OpenAsync(address, ArchiveIndexOptions.Default, Cancellation));
        Assert.Contains("the encoding LATIN1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("createdb -E UTF8", refused.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_started_anew_loses_nothing_and_stops_nobody()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        using var own = PostgresServer.Start();
        var address = Address(own.Port, "postgres");
        await using var index = await TestIndex.CreateAsync(address, null, Make.Instance("1"));
        own.Down();
        var written = index.AddAsync(Make.Instance("2"));
        var other = index.AddAsync(Make.Instance("3"));
        own.Up();
        await Task.WhenAll(written, other);
        Assert.Equal(["1", "2", "3"], await index.UidsAsync(QueryLevel.Study, []));
    }

    [Fact]
    public async Task A_search_that_is_left_early_waits_for_nothing_more()
    {
        await using var index = await TestIndex.CreateAsync(NewDatabase(), null,
            // The server sends what fills a page of 8 KB.
            [.. Enumerable.Range(1, 60).Select(number =>
                Make.Instance($"{number}", elements: (Tags.StudyDescription, new string('x', 1000))))]);
        MakeSlow(index.Address, after: 40);
        var left = LeaveAsync(index.Index);
        Assert.Same(left, await Task.WhenAny(left, Task.Delay(TimeSpan.FromMinutes(1), Cancellation)));
        await left;

        static async Task LeaveAsync(ArchiveIndex index)
        {
            var query = new IndexQuery { Level = QueryLevel.Study, Identifier = Make.Dataset((Tags.StudyDescription, "")) };
            await foreach (var match in index.FindAsync(query, Cancellation))
            {
                Assert.NotNull(match);
                break;
            }
        }
    }

    [Fact]
    public async Task A_search_is_stopped_in_the_middle()
    {
        await using var index = await TestIndex.CreateAsync(NewDatabase(), null, Make.Instance());
        MakeSlow(index.Address, after: 0);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in index.Index.FindAsync(new IndexQuery { Level = QueryLevel.Study, Identifier = [] }, stop.Token))
                Assert.Fail("There was an answer.");
        });
    }

    [Fact]
    public async Task What_is_no_index_or_a_newer_one_is_refused_and_left_as_it_is()
    {
        var address = NewDatabase();
        var none = await Assert.ThrowsAsync<DicomException>(
            () => ArchiveIndex.OpenAsync(address, new ArchiveIndexOptions { MayCreate = false }, Cancellation));
        Assert.StartsWith("There is no index postgresql://", none.Message, StringComparison.Ordinal);
        await using (await TestIndex.CreateAsync(address, null, Make.Instance()))
        {
            using var connection = Open(address);
            IndexDatabase.Execute(connection, "UPDATE state SET version = 99");
        }

        var newer = await Assert.ThrowsAsync<DicomException>(
            () => ArchiveIndex.OpenAsync(address, ArchiveIndexOptions.Default, Cancellation));
        Assert.Contains("a newer version of DicomPS made it (version 99", newer.Message, StringComparison.Ordinal);
        using (var connection = Open(address))
            Assert.Equal(1, IndexDatabase.Number(connection, "SELECT count(*) FROM studies"));
    }

    [Fact]
    public async Task A_password_comes_beside_the_address_and_is_told_to_nobody()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        using var own = PostgresServer.Start("open-sesame");
        var address = Address(own.Port, "postgres");
        var without = await Assert.ThrowsAsync<StoreException>(
            () => ArchiveIndex.OpenAsync(address, ArchiveIndexOptions.Default, Cancellation));
        Assert.Contains("-IndexCredential", without.Advice, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<StoreException>(() => ArchiveIndex.OpenAsync(
            address with { Credential = new NetworkCredential("dicomps", "close-sesame") }, ArchiveIndexOptions.Default, Cancellation));
        Assert.DoesNotContain("close-sesame", wrong.ToString(), StringComparison.Ordinal);
        await using var index = await ArchiveIndex.OpenAsync(
            address with { Credential = new NetworkCredential("dicomps", "open-sesame") }, ArchiveIndexOptions.Default, Cancellation);
        Assert.DoesNotContain("open-sesame", index.Path, StringComparison.Ordinal);
        Assert.Equal(0, (await index.CountAsync(Cancellation)).Studies);
    }

    [Fact]
    public async Task A_value_that_is_too_long_to_be_searched_by_is_told_and_costs_nobody_else()
    {
        await using var index = await TestIndex.CreateAsync(NewDatabase(), null);
        var random = new Random(1);
        var longest = new string([.. Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('0', 'z'))]);
        var others = Enumerable.Range(1, 20).Select(number => index.AddAsync(Make.Instance($"{number}"))).ToArray();
        var problem = await Assert.ThrowsAsync<StoreException>(
            () => index.AddAsync(Make.Instance("99", elements: (Tags.AccessionNumber, longest.Replace('\\', '/')))));
        await Task.WhenAll(others);
        Assert.Contains("longer than PostgreSQL takes", problem.Advice, StringComparison.Ordinal);
        Assert.Equal(20, (await index.Index.CountAsync(Cancellation)).Studies);
    }

    [Fact]
    public async Task A_character_that_no_database_keeps_does_not_make_one_patient_two()
    {
        await using var index = await TestIndex.CreateAsync(NewDatabase(), null);
        var instance = Make.Instance(elements: (Tags.PatientID, "P\0X\uD800"));
        await index.AddAsync(instance);
        await index.ReopenAsync();
        await index.AddAsync(instance);
        Assert.Equal(new IndexCounts(1, 1, 1, 1, 0), await index.Index.CountAsync(Cancellation));
        Assert.Single(await index.FindAsync(QueryLevel.Study, Make.Dataset((Tags.PatientID, "P\0X\uD800"))));
    }

    private static NpgsqlConnection Open(StoreAddress address)
    {
        var connection = new NpgsqlConnection(address.Connection + ";Pooling=false;Search Path=dicomps_index");
        connection.Open();
        return connection;
    }

    // Each row of studies behind the first ones takes an hour.
    private static void MakeSlow(StoreAddress address, int after)
    {
        using var connection = Open(address);
        IndexDatabase.Execute(connection, $"""
            ALTER TABLE studies RENAME TO slow;
            CREATE VIEW studies AS SELECT slow.* FROM slow,
                LATERAL (SELECT pg_sleep(CASE WHEN slow.id > {after} THEN 3600 ELSE 0 END)) s;
            """);
    }

    private static StoreAddress Address(int port, string database) =>
        StoreAddress.Parse($"postgresql://dicomps@127.0.0.1:{port}/{database}", path => path, StoreWords.Index);

    private StoreAddress NewDatabase(string how = "")
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return server.NewDatabase(how);
    }
}
