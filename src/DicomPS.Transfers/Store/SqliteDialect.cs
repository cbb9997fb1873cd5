using System.Data.Common;
using DicomPS.Archiving;
using Microsoft.Data.Sqlite;

namespace DicomPS.Transfers.Store;

/// <summary>A store in a file of this machine, which several processes of it may use at the same time.</summary>
internal sealed class SqliteDialect(string path) : Dialect
{
    // Says in the file's header whose database it is: "DcmT".
    private const long ApplicationId = 0x44636D54;
    // As the one connection that writes has it, which one at a time is at.
    private bool _lasts = true;

    protected override string Now => "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

    protected override string Identity => "INTEGER PRIMARY KEY AUTOINCREMENT";

    // Who writes is alone.
    protected override string Lock => "";

    protected override string Skip => "";

    protected override string Rows => """
        (SELECT json_extract(value, '$[0]') AS study, json_extract(value, '$[1]') AS instances, json_extract(value, '$[2]') AS lacks,
            json_extract(value, '$[3]') AS priority, json_extract(value, '$[4]') AS patient FROM json_each(@rows))
        """;

    protected override string StoredVersion => "(SELECT user_version FROM pragma_user_version)";

    public override bool IsSynchronous => true;

    protected override string Time(string column) => $"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')";

    public override async Task<DbConnection> ConnectAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        NativeSqlite.EnsureLoaded();
        if (!File.Exists(path))
        {
            if (!mayCreate)
                throw new StoreException($"There is no store {path}.") { Advice = "New-DicomTransfer makes one." };
            PrivateStoreFile.Make(path);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            Execute(connection, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 30000; "
                + "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Immediate: a transaction that begins to read and then writes would fail when another one wrote in between.
    // What need not last does not wait for the disk: a power cut that takes it back takes all workers with it, since they are on this
    // machine. It lasts with the next one that does, and a kill takes nothing back (sqlite.org/pragma.html#pragma_synchronous).
    public override Task<DbTransaction> BeginAsync(DbConnection connection, bool lasts, CancellationToken cancellationToken)
    {
        if (lasts != _lasts)
            Execute(connection, $"PRAGMA synchronous = {(lasts ? "FULL" : "NORMAL")}");
        _lasts = lasts;
        return Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));
    }

    public override Task EndAsync(DbTransaction transaction, bool commits, CancellationToken cancellationToken)
    {
        if (commits)
            transaction.Commit();
        else
            transaction.Rollback();
        return Task.CompletedTask;
    }

    public override Task PrepareAsync(DbConnection connection, bool mayCreate, CancellationToken cancellationToken)
    {
        var header = SqliteHeader.Read(connection);
        if (!header.IsFor(ApplicationId))
        {
            throw new StoreException($"{path} is no store of transfers. It is an SQLite database of something else.")
            {
                Advice = "Name a file that New-DicomTransfer made, or one that does not exist yet.",
            };
        }

        CheckVersion(path, header.Version);
        Execute(connection, "PRAGMA journal_mode = WAL;");
        if (header.Version < Version)
            Upgrade(connection);
        return Task.CompletedTask;
    }

    public override async Task<int> AddAsync(DbSession session, long transfer, IReadOnlyList<NewItem> items)
    {
        var added = 0;
        using var command = session.Command(Sql.AddItem);
        var values = NewItem.Columns.Select(column => session.Parameter(command, column, null)).ToArray();
        session.Parameter(command, "transfer", transfer);
        foreach (var item in items)
        {
            for (var i = 0; i < values.Length; i++)
                values[i].Value = item.Value(i) is var value && value is string text ? StoreText.Short(text)! : value ?? DBNull.Value;
            added += await command.ExecuteNonQueryAsync(session.CancellationToken).ConfigureAwait(false);
        }

        return added;
    }

    public override StoreException Explain(Exception problem)
    {
        var code = (problem as SqliteException)?.SqliteErrorCode;
        var (what, advice) = code switch
        {
            5 or 6 => ("it is in use by another process", "Try again when the other process is done."),
            8 => ("it may not be written to", "Check the rights of the file and of its folder."),
            10 => ("the disk could not be read or written", "Check the disk."),
            11 => ("it is damaged",
                "Take it from a backup; what was moved is still at the destination, and a new transfer finds it there."),
            13 => ("the disk is full", "Free some room; the workers go on by themselves."),
            14 => ("it could not be opened", "Check that its folder exists and may be written to."),
            26 => ("it is no SQLite database", "Name a file that New-DicomTransfer made."),
            _ => (problem.Message, (string?)null),
        };
        return new StoreException($"The store {path} failed: {what}.", problem)
        {
            Stage = DicomStage.File,
            IsTransient = code is 5 or 6 or 10 or 13,
            Advice = advice,
        };
    }

    private void Upgrade(DbConnection connection)
    {
        using var transaction = ((SqliteConnection)connection).BeginTransaction(deferred: false);
        // Another process may have done it meanwhile.
        var version = Number(connection, "PRAGMA user_version");
        for (var at = (int)version; at < Version; at++)
            Execute(connection, Text(Steps[at]));
        Execute(connection, $"PRAGMA user_version = {Version}; PRAGMA application_id = {ApplicationId};");
        transaction.Commit();
    }

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
