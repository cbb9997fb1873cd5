using System.Data.Common;
using System.Globalization;

namespace DicomPS.Archiving.Databases;

/// <summary>What a file of SQLite says of itself (sqlite.org/fileformat2.html 1.3). Immutable.</summary>
/// <param name="Application">Whose database it is; 0 where that is not said.</param>
/// <param name="Version">The version of its tables.</param>
/// <param name="IsEmpty">Whether it has none.</param>
internal sealed record SqliteHeader(long Application, long Version, bool IsEmpty)
{
    /// <summary>Reads it at one moment: another process may be making the tables, and half before and half after is neither.</summary>
    /// <param name="connection">A connection to the file, in no transaction.</param>
    public static SqliteHeader Read(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN";
        command.ExecuteNonQuery();
        try
        {
            return new(Number("PRAGMA application_id"), Number("PRAGMA user_version"), Number("SELECT count(*) FROM sqlite_master") == 0);
        }
        finally
        {
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }

        long Number(string sql)
        {
            command.CommandText = sql;
            return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Whether it is a database of an application, or may become one.</summary>
    /// <param name="application">The number of the application.</param>
    public bool IsFor(long application) => Application == application || (Application == 0 && Version == 0 && IsEmpty);
}
