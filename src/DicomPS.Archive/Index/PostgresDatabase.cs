using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace DicomPS.Archiving.Index;

/// <summary>
/// An index in a database of PostgreSQL, in the schema dicomps_index, for many machines. The tables are those of SQLite. One at a time
/// writes, as there: the transaction that has raised the number of writings has the row of it until it ends.
/// </summary>
internal sealed class PostgresDatabase : IndexDatabase
{
    private const string Schemata = "dicomps_index";
    // Any number: those that make the tables take it in turn.
    private const long Turn = 0x44636D50;
    // A search may look at every row before it finds one; who stops it is heard at once.
    private const int LongestSearch = 600;
    private const int LongestWait = 30_000;
    private readonly StoreAddress _address;
    private readonly PostgresLogin _login;

    public PostgresDatabase(StoreAddress address)
    {
        _address = address;
        _login = new PostgresLogin(address, Schemata, parts =>
        {
            // A connection that is closed is closed: what a search left of its rows is nobody's.
            parts.Pooling = false;
            // Compiling a search takes the server longer than the first rows do.
            parts.Options = $"-c jit=off -c lock_timeout={LongestWait} {parts.Options}".Trim();
        });
    }

    public override string Name => _address.Text;

    public override bool AsksInside => false;

    public override string Begin => "BEGIN";

    public override string Writings => "UPDATE state SET writes = writes + 1 RETURNING writes";

    public override int OwnWriting => 1;

    protected override string Max => "greatest";

    protected override string List => "string_agg";

    protected override string At => "strpos";

    /// <summary>A statement with the names of parameters as the library has them.</summary>
    /// <param name="text">With $ before each.</param>
    /// <param name="found">Is told each, with its $.</param>
    public static string WithNames(string text, Action<string>? found = null) => Regex.Replace(text, @"\$[A-Za-z0-9]+", match =>
    {
        found?.Invoke(match.Value);
        return "@" + match.Value.Substring(1);
    });

    public override DbConnection Connect(bool mayCreate)
    {
        var connection = _login.NewConnection();
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override void Prepare(DbConnection connection, bool mayCreate, bool isDurable)
    {
        var version = VersionOf(connection);
        if (version > Version)
            throw Newer(version);
        if (version == Version)
            return;
        if (!mayCreate)
            throw None();
        _login.CheckEncoding(Text(connection, "SHOW server_encoding"));
        using var transaction = connection.BeginTransaction();
        Execute(connection, string.Format(CultureInfo.InvariantCulture, "SELECT pg_advisory_xact_lock({0})", Turn));
        // Another process may have done it meanwhile.
        if (VersionOf(connection) == 0)
        {
            if (Number(connection, $"SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = '{Schemata}'") == 0)
                Execute(connection, $"CREATE SCHEMA {Schemata}");
            Execute(connection, Spelled(Schema()));
            Execute(connection, Spelled(IndexMarks.Table));
            Execute(connection, string.Format(CultureInfo.InvariantCulture,
                "CREATE TABLE state (version bigint NOT NULL, writes bigint NOT NULL); INSERT INTO state VALUES ({0}, 0)", Version));
        }

        transaction.Commit();
    }

    public override IndexStatement Statement(DbConnection connection, string text, IReadOnlyList<ColumnKind>? values = null) =>
        new PostgresStatement((NpgsqlConnection)connection, Text(text), values ?? []);

    // It goes to the server by a connection of its own, which may take its time.
    public override void Interrupt(DbConnection connection, DbCommand command) => _ = Task.Run(() =>
    {
        try
        {
            command.Cancel();
        }
        catch (Exception ended) when (ended is ObjectDisposedException or InvalidOperationException || IsOfDatabase(ended))
        {
            // There was nothing left to stop.
        }
    });

    public override void RollBack(DbConnection connection)
    {
        if (connection.State == ConnectionState.Open)
            Execute(connection, "ROLLBACK");
    }

    public override bool ComesBack => true;

    public override bool IsLost(DbConnection connection) => connection.State != ConnectionState.Open;

    public override bool IsOfDatabase(Exception problem) => PostgresLogin.IsOfDatabase(problem);

    public override bool IsInterruption(Exception problem) => problem is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    public override DicomException Explain(Exception problem) => _login.Explain(problem);

    public override string? Like(string column, string pattern, Func<string, string> parameter) => Matching.Wildcard.ToLike(pattern) is { }
        like ? $"{column} LIKE {parameter(like)}" : null;

    public override string AsText(string blob) => $"encode({blob}, 'base64')";

    /// <summary>Readies a command that is no statement.</summary>
    public override void Ready(DbCommand command)
    {
        command.CommandText = WithNames(Text(command.CommandText));
        command.CommandTimeout = LongestSearch;
    }

    protected override string Number(string text) => $"CAST(substring({text} from '^ *([0-9]{{1,18}})') AS bigint)";

    protected override string All(string array) => $"(SELECT json_array_elements_text(CAST({array} AS json)))";

    // Bytes are compared, as SQLite does: a range of texts is what begins alike, and the order is the same on every machine.
    private static string Spelled(string schema) => Regex.Replace(schema.Replace(" WITHOUT ROWID", ""),
        @"\bINTEGER PRIMARY KEY\b|\bINTEGER\b|\bTEXT\b|\bBLOB\b", match => match.Value switch
        {
            "INTEGER" => "bigint",
            "TEXT" => "text COLLATE \"C\"",
            "BLOB" => "bytea",
            _ => "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        });

    // Read from the table of tables itself: to_regclass may answer from what this session knew before it waited for another one.
    private static long VersionOf(DbConnection connection) => Number(connection, $"""
        SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '{Schemata}' AND c.relname = 'state'
        """) == 0 ? 0 : Number(connection, $"SELECT version FROM {Schemata}.state");

    private static string Text(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}
