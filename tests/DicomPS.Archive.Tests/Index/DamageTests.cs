using DicomPS.Archiving.Tests.Support;
using DicomPS.Matching;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Index;

public class DamageTests
{
    [Fact]
    public void Every_connection_distrusts_the_file()
    {
        using var folder = new TempFolder();
        var database = new SqliteDatabase(Path.Combine(folder.Path, "index.sqlite"));
        using var connection = database.Connect(mayCreate: true);
        Assert.Equal(0, IndexDatabase.Number(connection, "PRAGMA trusted_schema"));
        Assert.Equal(1, IndexDatabase.Number(connection, "PRAGMA cell_size_check"));
    }

    [Fact]
    public async Task A_query_that_meets_a_damaged_page_says_what_is_damaged_and_what_to_do()
    {
        await using var index = await TestIndex.CreateAsync([.. Enumerable.Range(1, 300).Select(n => Make.Instance($"{n}"))]);
        await index.DamageAsync("studies");
        var problem = await Assert.ThrowsAsync<DicomException>(
            () => index.FindAsync(new IndexQuery { Level = QueryLevel.Study, Identifier = [] }));
        Assert.Contains("it is damaged (", problem.Message, StringComparison.Ordinal);
        Assert.Contains("page", problem.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Repair-DicomArchive", problem.Advice!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_meets_a_damaged_page_says_so_too()
    {
        await using var index = await TestIndex.CreateAsync([.. Enumerable.Range(1, 300).Select(n => Make.Instance($"{n}"))]);
        await index.DamageAsync("instances");
        var problem = await Assert.ThrowsAsync<DicomException>(() => index.AddAsync(Make.Instance("301")));
        Assert.Contains("damaged (", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sound_index_is_found_sound_and_a_missing_one_is_not_made()
    {
        await using var index = await TestIndex.CreateAsync(Make.Instance());
        Assert.Null(await IndexCheck.RunAsync(index.Path, TestIndex.Cancellation));
        await index.Index.CheckAsync(TestIndex.Cancellation);
        Assert.Null(await IndexCheck.RunAsync(index.Path + "2", TestIndex.Cancellation));
        Assert.False(File.Exists(index.Path + "2"));
    }

    [Fact]
    public async Task A_look_can_be_stopped()
    {
        await using var index = await TestIndex.CreateAsync(Make.Instance());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IndexCheck.RunAsync(index.Path, cancelled.Token));
    }

    // A view or a trigger in a file that somebody else made must not call a function of this program.
    [Fact]
    public async Task A_trigger_in_the_file_calls_no_function_of_ours()
    {
        await using var index = await TestIndex.CreateAsync(Make.Instance());
        var database = new SqliteDatabase(index.Path);
        using var connection = (SqliteConnection)database.Connect(mayCreate: false);
        connection.CreateFunction("ours", () => 1);
        IndexDatabase.Execute(connection, "CREATE TEMP TABLE t (a); CREATE VIEW v AS SELECT ours() AS a;");
        var problem = Assert.Throws<SqliteException>(() => IndexDatabase.Number(connection, "SELECT a FROM v"));
        Assert.Contains("unsafe use of ours", problem.Message, StringComparison.Ordinal);
    }
}
