using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace DicomPS.Transfers.Store;

/// <summary>A store in a database of PostgreSQL, in the schema dicomps, for workers on one machine or many.</summary>
internal sealed class PostgresDialect : Dialect
{
    // Any number: those that make or change the tables take it in turn.
    private const long Turn = 0x44636D54;
    private const int OpenTransaction = 15_000;
    private const int MostConflicts = 20;
    private readonly StoreAddress _address;
    private readonly string _connection;

    public PostgresDialect(StoreAddress address)
    {
        _address = address;
        NpgsqlConnectionStringBuilder parts;
        try
        {
            parts = new NpgsqlConnectionStringBuilder(address.Connection!);
        }
        catch (ArgumentException problem)
        {
            throw new StoreException($"The address of the store {address} is not understood: {problem.Message}", problem)
            {
                Advice = "Write it as postgresql://HOST:5432/DATABASE, with settings of Npgsql behind a question mark.",
            };
        }

        parts.SearchPath = "dicomps";
        parts.ApplicationName ??= "DicomPS";
        parts.Timeout = parts.ContainsKey("Timeout") ? parts.Timeout : 10;
        // What hangs longer is a database that is away.
        parts.CommandTimeout = parts.ContainsKey("Command Timeout") ? parts.CommandTimeout : 30;
        // A worker that is stopped or cut off in the middle of a transaction keeps its locks no longer than this: others wait for them.
        if (!$"{parts.Options}".Contains("idle_in_transaction_session_timeout"))
            parts.Options = $"{parts.Options} -c idle_in_transaction_session_timeout={OpenTransaction}".Trim();
        parts.MaxAutoPrepare = 100;
        parts.AutoPrepareMinUsages = 2;
        if (address.Credential is { } credential)
        {
            parts.Username = credential.UserName;
            parts.Password = credential.Password;
        }

        // In memory alone; it is the key of the pool and is written nowhere.
        _connection = parts.ConnectionString;
    }

    protected override string Now => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";

    protected override string Identity => "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    // Rows that refer to it may come meanwhile, such as those of studies that are added.
    protected override string Lock => "FOR NO KEY UPDATE";

    protected override string StoredVersion => "(SELECT CAST(value AS bigint) FROM store WHERE name = 'version')";

    protected override string Skip => "FOR UPDATE SKIP LOCKED";

    protected override string Rows => """
        (SELECT value ->> 0 AS study, CAST(value ->> 1 AS bigint) AS instances, CAST(value ->> 2 AS bigint) AS lacks,
            CAST(value ->> 3 AS bigint) AS priority FROM json_array_elements(CAST(@rows AS json)))
        """;

    public override bool IsSynchronous => false;

    protected override string Time(string column) => $"to_timestamp({column} / 1000.0)";

    public override async Task<DbConnection> ConnectAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connection);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Waits for nobody: it goes out with the first statement. Everything lasts: workers on other machines outlive the server.
    public override Task<DbTransaction> BeginAsync(DbConnection connection, bool lasts, CancellationToken cancellationToken) =>
        Task.FromResult<DbTransaction>(((NpgsqlConnection)connection).BeginTransaction());

    public override Task EndAsync(DbTransaction transaction, bool commits, CancellationToken cancellationToken) => commits
        ? ((NpgsqlTransaction)transaction).CommitAsync(cancellationToken)
        : ((NpgsqlTransaction)transaction).RollbackAsync(cancellationToken);

    public override async Task PrepareAsync(DbConnection connection, bool mayCreate, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(connection, null, cancellationToken).ConfigureAwait(false);
        if (version == 0 && !mayCreate)
            throw new StoreException($"There is no store in {_address}.") { Advice = "New-DicomTransfer makes one." };
        CheckVersion(_address.Text, version);
        for (var conflicts = 0; version != Version; conflicts++)
        {
            try
            {
                await UpgradeAsync(connection, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (PostgresException problem) when (conflicts < MostConflicts && IsConflict(problem))
            {
                // A worker of the version before was in the middle of something.
            }
        }
    }

    private async Task UpgradeAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        using var transaction = ((NpgsqlConnection)connection).BeginTransaction();
        await RunAsync(connection, transaction, string.Format(CultureInfo.InvariantCulture, "SELECT pg_advisory_xact_lock({0})", Turn),
            cancellationToken).ConfigureAwait(false);
        // Another process may have done it meanwhile.
        var version = await VersionAsync(connection, transaction, cancellationToken).ConfigureAwait(false);
        if (version == 0)
            await RunAsync(connection, transaction, "CREATE SCHEMA IF NOT EXISTS dicomps", cancellationToken).ConfigureAwait(false);
        for (var at = (int)version; at < Version; at++)
            await RunAsync(connection, transaction, Text(Steps[at]), cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, transaction, string.Format(CultureInfo.InvariantCulture,
            "INSERT INTO store (name, value) VALUES ('version', '{0}') ON CONFLICT (name) DO UPDATE SET value = excluded.value", Version),
            cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task<int> AddAsync(DbSession session, long transfer, IReadOnlyList<NewItem> items)
    {
        using var command = session.Command("""
            INSERT INTO item (transfer_id, study_uid, patient_id, patient_name, study_date, accession_number, modalities, description,
                expected_instances, priority, state, added)
            SELECT @transfer, u.*, 'Waiting', {now}
            FROM unnest(@study_uid, @patient_id, @patient_name, @study_date, @accession_number, @modalities, @description,
                @expected_instances, @priority) u
            ON CONFLICT (transfer_id, study_uid) DO NOTHING
            """);
        session.Parameter(command, "transfer", transfer);
        for (var i = 0; i < NewItem.Columns.Count; i++)
        {
            var column = i;
            object values = i < 7 ? items.Select(item => StoreText.Short((string?)item.Value(column))).ToArray()
                : items.Select(item => (long?)item.Value(column)).ToArray();
            session.Parameter(command, NewItem.Columns[i], values);
        }

        return await command.ExecuteNonQueryAsync(session.CancellationToken).ConfigureAwait(false);
    }

    public override bool IsOfStore(Exception problem) => problem is DbException or SocketException or TimeoutException
        || (problem is IOException && problem.Source == "Npgsql");

    public override bool IsConflict(Exception problem) =>
        problem is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    // Beside what Npgsql calls so. 25006: where one server takes over from another, an address leads for a while to one that may not be
    // written to yet, or no more (postgresql.org/docs/current/errcodes-appendix.html).
    private static readonly HashSet<string> Passing = ["25006", "25P03", "57014"];

    private const string NameUser =
        "Give user and password with -StoreCredential, or name them in a passfile (~/.pgpass, PGPASSFILE).";

    // The library has no code for it: nothing broke, the server asked and nobody had an answer.
    private static bool IsWithoutPassword(Exception problem) =>
        problem is NpgsqlException and not PostgresException && problem.InnerException is null
        && problem.Message.IndexOf("password", StringComparison.OrdinalIgnoreCase) >= 0;

    public override StoreException Explain(Exception problem)
    {
        var (what, advice) = problem switch
        {
            PostgresException { SqlState: "28P01" or "28000" } refused => (refused.MessageText, NameUser),
            _ when IsWithoutPassword(problem) => ("it wants a password, and none was given", NameUser),
            PostgresException { SqlState: "3D000" } none => (none.MessageText, "Make the database first: createdb NAME."),
            PostgresException { SqlState: "42501" } forbidden => (forbidden.MessageText,
                "The user of the database needs the right to make a schema in it, or all rights on the schema dicomps."),
            PostgresException { SqlState: "25006" } standby => (standby.MessageText,
                "It is a standby, or set to read only; workers go on when it may be written to."),
            PostgresException other => ($"{other.MessageText} ({other.SqlState})", (string?)null),
            _ => (problem.InnerException?.Message ?? problem.Message,
                "Check host, port and whether PostgreSQL runs; with -KeepRunning a worker waits for it."),
        };
        return new StoreException($"The store {_address} failed: {what.TrimEnd('.')}.", problem)
        {
            IsTransient = problem is PostgresException told ? told.IsTransient || Passing.Contains(told.SqlState)
                : !IsWithoutPassword(problem),
            Advice = advice,
        };
    }

    private static async Task<long> VersionAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT to_regclass('dicomps.store') IS NOT NULL";
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
            return 0;
        command.CommandText = "SELECT value FROM dicomps.store WHERE name = 'version'";
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    private static async Task RunAsync(DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
