using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Index;

public class DatabaseTests
{
    [Fact]
    public async Task Every_attribute_has_its_columns_and_no_column_is_without_use()
    {
        await using var index = await TestIndex.CreateAsync();
        string[] tables = ["patients", "studies", "series", "instances"];
        string[] ours = ["id", "patient", "study", "series", "Odd", "Source", "FirstSeen", "LastSeen", "Path", "FileSize", "FileTime",
            "TransferSyntaxUID"];
        for (var level = 0; level < 4; level++)
        {
            var columns = Query(index, $"SELECT name FROM pragma_table_info('{tables[level]}')");
            Assert.Equal(IndexRow.ColumnsOf((QueryLevel)level).Order(StringComparer.Ordinal),
                columns.Except(ours).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_index_explains_itself_to_other_tools()
    {
        await using var index = await TestIndex.CreateAsync(
            Make.Instance(elements: [(Tags.PatientName, "Müller^Änne"), (Tags.StudyDate, "20240131")]));
        Assert.Equal(["Müller^Änne|20240131"], Query(index, "SELECT PatientName || '|' || StudyDate FROM studies"));
        Assert.Equal(["wal"], Query(index, "PRAGMA journal_mode"));
        Assert.Equal(["2"], Query(index, "PRAGMA user_version"));
    }

    // FULL and NORMAL of SQLite: with a log, a commit waits for the disk in the first alone.
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void A_commit_waits_for_the_disk_where_that_is_asked_for(bool isDurable, int expected)
    {
        using var folder = new TempFolder();
        var database = new SqliteDatabase(Path.Combine(folder.Path, "index.sqlite"));
        using var connection = database.Connect(mayCreate: true);
        database.Prepare(connection, mayCreate: true, isDurable);
        Assert.Equal(expected, IndexDatabase.Number(connection, "PRAGMA synchronous"));
    }

    [Theory]
    [InlineData("AccessionNumber", "A1", "studies_accession")]
    [InlineData("PatientName", "DOE*", "studies_name")]
    [InlineData("PatientID", "P1", "studies_patient_id")]
    [InlineData("StudyDate", "20240101-20240131", "studies_date")]
    [InlineData("StudyInstanceUID", "1", "sqlite_autoindex_studies")]
    public async Task The_usual_queries_use_an_index(string keyword, string key, string expected)
    {
        await using var index = await TestIndex.CreateAsync();
        var query = QueryTranslator.Translate(new IndexQuery
        {
            Level = QueryLevel.Study,
            Identifier = Make.Dataset((DicomDictionary.Find(keyword)!.Tag, key))
        }, new SqliteDatabase(index.Path));
        using var connection = Open(index.Path);
        connection.CreateFunction("dicom_match", (string? _, long _) => true);
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + query.Sql;
        for (var i = 0; i < query.Texts.Count; i++)
            command.Parameters.AddWithValue("$p" + i, query.Texts[i]);
        using var rows = command.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
            plan.Add(rows.GetString(3));
        Assert.Contains(plan, step => step.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reading_what_does_not_exist_says_so_and_makes_nothing()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "none.sqlite");
        var problem = await Assert.ThrowsAsync<DicomException>(
            () => ArchiveIndex.OpenAsync(path, new ArchiveIndexOptions { MayCreate = false }, TestIndex.Cancellation));
        Assert.Contains("There is no index", problem.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("no database",
        "This is a text file, and long enough to have the length of a header of a database: 100 bytes or more, as it happens.", null)]
    [InlineData("another program's database", null, "CREATE TABLE studies (a)")]
    [InlineData("a newer version's", null, "PRAGMA application_id = 1147366736; PRAGMA user_version = 99")]
    public async Task A_file_that_is_something_else_is_refused_and_left_alone(string what, string? text, string? sql)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "x.sqlite");
        if (text is { })
        {
            await File.WriteAllTextAsync(path, text, TestIndex.Cancellation);
        }
        else
        {
            NativeSqlite.EnsureLoaded();
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            connection.Open();
            IndexDatabase.Execute(connection, sql!);
        }

        var before = await File.ReadAllBytesAsync(path, TestIndex.Cancellation);
        var problem = await Assert.ThrowsAsync<DicomException>(
            () => ArchiveIndex.OpenAsync(path, cancellationToken: TestIndex.Cancellation));
        Assert.True(problem.Advice is { }, what);
        Assert.Equal(before, await File.ReadAllBytesAsync(path, TestIndex.Cancellation));
    }

    [Fact]
    public async Task A_query_sees_the_index_as_it_was_when_it_began()
    {
        await using var index = await TestIndex.CreateAsync([.. Enumerable.Range(1, 100).Select(n => Make.Instance($"{n}"))]);
        var seen = 0;
        await foreach (var _ in index.Index.FindAsync(new IndexQuery { Level = QueryLevel.Study, Identifier = [] }, TestIndex.Cancellation))
        {
            if (seen++ == 0)
                await index.AddAsync([.. Enumerable.Range(101, 100).Select(n => Make.Instance($"{n}"))]);
        }

        Assert.Equal(100, seen);
    }

    [Fact]
    public async Task A_query_that_is_left_early_or_cancelled_leaves_the_index_usable()
    {
        await using var index = await TestIndex.CreateAsync(
            [.. Enumerable.Range(1, 1000).Select(n => Make.Instance($"{n}", elements: (Tags.StudyDescription, "x")))]);
        var query = new IndexQuery { Level = QueryLevel.Study, Identifier = Make.Dataset((Tags.StudyDescription, "x")) };
        await foreach (var _ in index.Index.FindAsync(query, TestIndex.Cancellation))
            break;
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in index.Index.FindAsync(query, cancelled.Token))
                await cancelled.CancelAsync();
        });
        Assert.Equal(1000, (await index.FindAsync(query)).Count);
        await index.Index.DeleteAsync(QueryLevel.Study, "1", TestIndex.Cancellation);
    }

    [Fact]
    public async Task Whatever_a_reader_runs_is_interrupted()
    {
        await using var index = await TestIndex.CreateAsync();
        var database = new SqliteDatabase(index.Path);
        using var reader = new IndexReader(database, database.Connect(mayCreate: false));
        using var command = reader.Command("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c");
        var running = Task.Run(command.ExecuteScalar, TestIndex.Cancellation);
        // It may not have begun yet.
        while (await Task.WhenAny(running, Task.Delay(50, TestIndex.Cancellation)) != running)
            reader.Interrupt();
        var problem = await Assert.ThrowsAsync<SqliteException>(() => running);
        Assert.True(database.IsInterruption(problem));
    }

    private static SqliteConnection Open(string path)
    {
        NativeSqlite.EnsureLoaded();
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static List<string> Query(TestIndex index, string sql)
    {
        using var connection = Open(index.Path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var values = new List<string>();
        while (rows.Read())
            values.Add(rows.GetString(0));
        return values;
    }
}
