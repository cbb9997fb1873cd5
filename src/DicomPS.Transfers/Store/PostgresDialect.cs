using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace DicomPS.Transfers.Store;

/// <summary>A store in a database of PostgreSQL, in the schema dicomps, for workers on one machine or many.</summary>
internal sealed class PostgresDialect : Dialect
{
    // Any number: those that make or change the tables take it in turn.
    private const long Turn = 0x44636D54;
    private const int MostConflicts = 20;
    private readonly StoreAddress _address;
    private readonly PostgresLogin _login;

    public PostgresDialect(StoreAddress address)
    {
        _address = address;
        _login = new PostgresLogin(address, "dicomps", parts =>
        {
            parts.MaxAutoPrepare = 100;
            parts.AutoPrepareMinUsages = 2;
        });
    }

    protected override string Now => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";

    protected override string Identity => "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    // Rows that refer to it may come meanwhile, such as those of studies that are added.
    protected override string Lock => "FOR NO KEY UPDATE";

    protected override string StoredVersion => "(SELECT CAST(value AS bigint) FROM store WHERE name = 'version')";

    protected override string Skip => "FOR UPDATE SKIP LOCKED";

    protected override string Rows => """
        (SELECT value ->> 0 AS study, CAST(value ->> 1 AS bigint) AS instances, CAST(value ->> 2 AS bigint) AS lacks,
            CAST(value ->> 3 AS bigint) AS priority, value ->> 4 AS patient FROM json_array_elements(CAST(@rows AS json)))
        """;

    public override bool IsSynchronous => false;

    protected override string Time(string column) => $"to_timestamp({column} / 1000.0)";

    public override async Task<DbConnection> ConnectAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        var connection = _login.NewConnection();
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
        {
            _login.CheckEncoding(await EncodingAsync(connection, transaction, cancellationToken).ConfigureAwait(false));
            await RunAsync(connection, transaction, "CREATE SCHEMA IF NOT EXISTS dicomps", cancellationToken).ConfigureAwait(false);
        }

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

    public override bool IsOfStore(Exception problem) => PostgresLogin.IsOfDatabase(problem);

    public override bool IsConflict(Exception problem) =>
        problem is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    public override StoreException Explain(Exception problem) => _login.Explain(problem);

    private static async Task<long> VersionAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        // Not to_regclass, which may answer from what this session knew before it waited for another one.
        command.CommandText = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
            + "ON n.oid = c.relnamespace WHERE n.nspname = 'dicomps' AND c.relname = 'store')";
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
            return 0;
        command.CommandText = "SELECT value FROM dicomps.store WHERE name = 'version'";
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    private static async Task<string> EncodingAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SHOW server_encoding";
        return (string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static async Task RunAsync(DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
