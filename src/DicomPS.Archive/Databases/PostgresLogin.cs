using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace DicomPS.Archiving.Databases;

/// <summary>How a database of PostgreSQL is called, and what its failures mean. For any thread.</summary>
internal sealed class PostgresLogin
{
    private const int OpenTransaction = 15_000;
    // Beside what Npgsql calls so. 25006: where one server takes over from another, an address leads for a while to one that may not be
    // written to yet, or no more (postgresql.org/docs/current/errcodes-appendix.html).
    private static readonly HashSet<string> Passing = ["25006", "25P03", "57014"];

    private readonly StoreAddress _address;
    private readonly string _schema, _connection;

    /// <summary>A login.</summary>
    /// <param name="address">Where the database is.</param>
    /// <param name="schema">The schema that names without one are of.</param>
    /// <param name="settings">What else the connection is to have.</param>
    /// <exception cref="StoreException">The address is not understood.</exception>
    public PostgresLogin(StoreAddress address, string schema, Action<NpgsqlConnectionStringBuilder>? settings = null)
    {
        _address = address;
        _schema = schema;
        NpgsqlConnectionStringBuilder parts;
        try
        {
            parts = new NpgsqlConnectionStringBuilder(address.Connection!);
        }
        catch (ArgumentException problem)
        {
            throw new StoreException($"The address of the {Noun} {address} is not understood: {problem.Message}", problem)
            {
                Advice = "Write it as postgresql://HOST:5432/DATABASE, with settings of Npgsql behind a question mark.",
            };
        }

        parts.SearchPath = schema;
        parts.ApplicationName ??= "DicomPS";
        parts.Timeout = parts.ContainsKey("Timeout") ? parts.Timeout : 10;
        // What hangs longer is a database that is away.
        parts.CommandTimeout = parts.ContainsKey("Command Timeout") ? parts.CommandTimeout : 30;
        // Who is stopped or cut off in the middle of a transaction keeps its locks no longer than this: others wait for them.
        if (!$"{parts.Options}".Contains("idle_in_transaction_session_timeout"))
            parts.Options = $"{parts.Options} -c idle_in_transaction_session_timeout={OpenTransaction}".Trim();
        settings?.Invoke(parts);
        if (address.Credential is { } credential)
        {
            parts.Username = credential.UserName;
            parts.Password = credential.Password;
        }

        // In memory alone; it is the key of the pool and is written nowhere.
        _connection = parts.ConnectionString;
    }

    private string Noun => _address.Words.Noun;

    private string NameUser =>
        $"Give user and password with {_address.Words.Parameter}, or name them in a passfile (~/.pgpass, PGPASSFILE).";

    /// <summary>A connection that is not open yet.</summary>
    public NpgsqlConnection NewConnection() => new(_connection);

    /// <summary>Whether a failure is the database's, or of the way to it.</summary>
    public static bool IsOfDatabase(Exception problem) => problem is DbException or SocketException or TimeoutException
        || (problem is IOException && problem.Source == "Npgsql");

    /// <summary>The failure with what can be done about it.</summary>
    public StoreException Explain(Exception problem)
    {
        var (what, advice) = problem switch
        {
            PostgresException { SqlState: "28P01" or "28000" } refused => (refused.MessageText, NameUser),
            _ when IsWithoutPassword(problem) => ("it wants a password, and none was given", NameUser),
            PostgresException { SqlState: "3D000" } none => (none.MessageText, "Make the database first: createdb NAME."),
            PostgresException { SqlState: "42501" } forbidden => (forbidden.MessageText,
                $"The user of the database needs the right to make a schema in it, or all rights on the schema {_schema}."),
            PostgresException { SqlState: "25006" } standby => (standby.MessageText,
                $"It is a standby, or set to read only{_address.Words.Standby}."),
            PostgresException { SqlState: "54000" } tooLong => (tooLong.MessageText,
                "A value that is searched by is longer than PostgreSQL takes (some 2,700 bytes); a file of SQLite takes it."),
            PostgresException { SqlState: "42P01" or "42P07" or "42703" } changed => (changed.MessageText,
                $"The tables in the schema {_schema} are not those that were made there. {_address.Words.Broken}"),
            PostgresException { SqlState: "55P03" } =>
                ("another process was writing for too long", "Try again when the other process is done."),
            PostgresException other => ($"{other.MessageText} ({other.SqlState})", (string?)null),
            _ when problem.Message.IndexOf("SSL", StringComparison.Ordinal) >= 0 => (problem.InnerException?.Message ?? problem.Message,
                "The address asks for TLS in another way than the server has it: sslmode=Disable, Prefer, Require or VerifyFull."),
            _ => (problem.InnerException?.Message ?? problem.Message,
                $"Check host, port and whether PostgreSQL runs{_address.Words.Away}."),
        };
        return new StoreException($"The {Noun} {_address} failed: {what.TrimEnd('.')}.", problem)
        {
            IsTransient = problem is PostgresException told ? told.IsTransient || Passing.Contains(told.SqlState)
                : !IsWithoutPassword(problem),
            // Class 22: what a database cannot keep, such as a letter that its encoding does not have.
            IsOfValue = problem is PostgresException { SqlState: var state }
                && (state == "54000" || state.StartsWith("22", StringComparison.Ordinal)),
            Advice = advice,
        };
    }

    /// <summary>Refuses a database that does not keep every letter, before anything is made in it.</summary>
    /// <param name="encoding">What SHOW server_encoding gives.</param>
    /// <exception cref="StoreException">It is another than UTF8.</exception>
    public void CheckEncoding(string encoding)
    {
        if (encoding == "UTF8")
            return;
        throw new StoreException(
            $"The database of {_address} has the encoding {encoding}, in which not every name of a patient can be kept and compared.")
        {
            Advice = "Make another one: createdb -E UTF8 -T template0 NAME.",
        };
    }

    // The library has no code for it: nothing broke, the server asked and nobody had an answer.
    private static bool IsWithoutPassword(Exception problem) =>
        problem is NpgsqlException and not PostgresException && problem.InnerException is null
        && problem.Message.IndexOf("password", StringComparison.OrdinalIgnoreCase) >= 0;
}
