using DicomPS.Archiving.Databases;
using DicomPS.Archiving.Tests.Support;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Tests.Databases;

/// <summary>What a file says of itself, while another one makes its tables.</summary>
public class SqliteHeaderTests
{
    private const long Ours = 4711;

    [Theory]
    [InlineData("PRAGMA application_id")]
    [InlineData("PRAGMA user_version")]
    [InlineData("SELECT count(*) FROM sqlite_master")]
    public void A_file_of_which_the_tables_are_made_meanwhile_is_no_strange_one(string between)
    {
        NativeSqlite.EnsureLoaded();
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "made.db");
        using var reader = Open(path);
        using var writer = Open(path);
        Execute(writer, "PRAGMA busy_timeout = 0");
        var isMade = false;
        SQLitePCL.raw.sqlite3_trace(reader.Handle, (_, statement) =>
        {
            if (!statement.StartsWith(between, StringComparison.Ordinal))
                return;
            try
            {
                Execute(writer, $"BEGIN IMMEDIATE; CREATE TABLE one (a); PRAGMA user_version = 2; PRAGMA application_id = {Ours}; COMMIT");
                isMade = true;
            }
            catch (SqliteException)
            {
                // The reader has it.
                Execute(writer, "ROLLBACK");
            }
        }, null);
        var header = SqliteHeader.Read(reader);
        Assert.True(header.IsFor(Ours), $"{header}");
        Assert.Equal(isMade, header.Application == Ours);
        SQLitePCL.raw.sqlite3_trace(reader.Handle, (SQLitePCL.strdelegate_trace)null!, null);
    }

    [Fact]
    public void A_file_of_something_else_is_no_one_s_to_take()
    {
        NativeSqlite.EnsureLoaded();
        using var folder = new TempFolder();
        using var connection = Open(Path.Combine(folder.Path, "other.db"));
        Assert.True(SqliteHeader.Read(connection).IsFor(Ours));
        Execute(connection, "CREATE TABLE one (a)");
        Assert.False(SqliteHeader.Read(connection).IsFor(Ours));
        Execute(connection, $"PRAGMA application_id = {Ours}");
        Assert.True(SqliteHeader.Read(connection).IsFor(Ours));
        Assert.False(SqliteHeader.Read(connection).IsFor(Ours + 1));
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = 1;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
