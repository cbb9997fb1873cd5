using System.Data.Common;
using DicomPS.Matching;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Index;

/// <summary>The file of an index: connections to it, its tables and their version.</summary>
internal sealed class SqliteDatabase : IndexDatabase
{
    // Says in the file's header whose database it is: "DcmP".
    private const long ApplicationId = 0x44636D50;

    private const string MakeAnew =
        "Repair-DicomArchive makes the index of an archive anew from its files; any other is deleted and exported again.";

    private readonly IndexCheck.AfterFailures _check;
    private bool _isUpgraded;

    /// <summary>An index, which need not exist.</summary>
    /// <param name="path">The file.</param>
    public SqliteDatabase(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        _check = new IndexCheck.AfterFailures(this);
    }

    public string Path { get; }

    public override string Name => Path;

    /// <inheritdoc/>
    public override bool IsUpgraded => _isUpgraded;

    public override bool AsksInside => true;

    public override string Begin => "BEGIN IMMEDIATE";

    // Others' writing changes it, one's own does not.
    public override string Writings => "PRAGMA data_version";

    public override int OwnWriting => 0;

    protected override string Max => "max";

    protected override string List => "group_concat";

    protected override string At => "instr";

    /// <summary>Opens a connection, in write-ahead mode, so that readers and the one writer never wait for each other.</summary>
    public override DbConnection Connect(bool mayCreate)
    {
        NativeSqlite.EnsureLoaded();
        if (!mayCreate && !File.Exists(Path))
            throw None();

        // SQLite gives its log the rights of the file.
        if (mayCreate)
            PrivateFiles.Make(Path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mayCreate ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            // A pool would hold the file open after everything is closed.
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            // What the file says of itself may come from anybody: its schema calls no function, and its cells are measured before use.
            Execute(connection, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
            // Another process may write at the same time: it is waited for.
            Execute(connection, "PRAGMA busy_timeout = 30000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;");
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
        var header = SqliteHeader.Read(connection);
        if (!header.IsFor(ApplicationId))
            throw Foreign("It is an SQLite database of something else.");
        if (header.Version > Version)
            throw Newer(header.Version);

        Execute(connection, "PRAGMA journal_mode = WAL;");
        // Pages that are written again and again go into the file once for 16 MB of log, not for 4.
        Execute(connection, "PRAGMA wal_autocheckpoint = 4000;");
        Execute(connection, isDurable ? "PRAGMA synchronous = FULL;" : "PRAGMA synchronous = NORMAL;");
        if (header.Version < Version || header.Application != ApplicationId)
            Migrate(connection);
        IndexMarks.Prepare(connection);
    }

    public override IndexStatement Statement(DbConnection connection, string text, IReadOnlyList<ColumnKind>? values = null) =>
        new SqliteStatement((SqliteConnection)connection, Text(text), values?.Count ?? 0);

    public override void Serve(DbConnection connection, IndexReader reader)
    {
        var functions = (SqliteConnection)connection;
        functions.CreateFunction<string?, long, bool>("dicom_match", reader.Matches);
        functions.CreateFunction<string?, string?, long, bool>("dicom_moment", reader.Matches);
        functions.CreateFunction<byte[]?, long, bool>("dicom_items", reader.Matches);
    }

    public override void Interrupt(DbConnection connection, DbCommand command) =>
        SQLitePCL.raw.sqlite3_interrupt(((SqliteConnection)connection).Handle);

    public override void RollBack(DbConnection connection)
    {
        // Some failures, such as a full disk, have ended the transaction already.
        if (SQLitePCL.raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) == 0)
            Execute(connection, "ROLLBACK;");
    }

    public override bool IsOfDatabase(Exception problem) => problem is SqliteException;

    public override bool IsInterruption(Exception problem) =>
        problem is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_INTERRUPT };

    public override string? Like(string column, string pattern, Func<string, string> parameter) =>
        Wildcard.ToGlob(pattern) is { } glob ? $"{column} GLOB {parameter(glob)}" : null;

    public override string AsText(string blob) => blob;

    /// <summary>
    /// What went wrong, with what can be done about it. What the surroundings do not explain has SQLite look through the file.
    /// </summary>
    public override DicomException Explain(Exception exception)
    {
        var problem = (SqliteException)exception;
        var damage = problem.SqliteErrorCode is 5 or 6 or 8 or 9 or 13 or 14 or 26 ? null : _check.FindDamage();
        var (what, advice) = problem.SqliteErrorCode switch
        {
            5 or 6 => ("it is in use by another process", "Try again when the other process is done."),
            8 => ("it may not be written to", "Check the rights of the file and of its folder."),
            10 => ("the disk could not be read or written", "Check the disk and, if it is a share, the connection to it."),
            11 => ("it is damaged", MakeAnew),
            13 => ("the disk is full", "Free some room, or put the index elsewhere."),
            14 => ("it could not be opened", "Check that its folder exists and may be written to."),
            26 => ("it is no SQLite database", "Name a file that Export-DicomIndex made."),
            _ => (problem.Message, (string?)null),
        };
        if (damage is { })
            (what, advice) = ($"{(problem.SqliteErrorCode == 11 ? what : $"{what.TrimEnd('.')}, and it is damaged")} ({damage})", MakeAnew);
        return new DicomException($"The index {Path} failed: {what}.", problem)
        {
            Stage = DicomStage.File,
            IsTransient = problem.SqliteErrorCode is 5 or 6,
            Advice = advice,
        };
    }

    /// <summary>The index, just written, is not what was written.</summary>
    public DicomException Unsound(string damage) => new($"The index {Path} was written and is damaged ({damage}).")
    {
        Stage = DicomStage.File,
        Advice = "Check the disk; on a share, put the archive on a disk of this machine.",
    };

    private DicomException Foreign(string why) => new($"{Path} is no index that can be used. {why}")
    {
        Stage = DicomStage.File,
        Advice = "Name a file that Export-DicomIndex made, or one that does not exist yet.",
    };

    private void Migrate(DbConnection connection)
    {
        // Without, tables that go would take what refers to them along; it cannot be changed inside a transaction.
        Execute(connection, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;");
        // Immediate: of two processes that find the file empty, the second waits and then finds it made.
        Execute(connection, "BEGIN IMMEDIATE;");
        try
        {
            // Further versions go here, each a step of its own: if (version < 3) ...
            switch (Number(connection, "PRAGMA user_version"))
            {
                case 0:
                    Execute(connection, Schema());
                    break;
                case 1:
                    IndexUpgrade.FromOne(connection, Schema());
                    _isUpgraded = true;
                    break;
                default:
                    break;
            }

            Execute(connection, $"PRAGMA user_version = {Version}; PRAGMA application_id = {ApplicationId}; COMMIT;");
        }
        catch
        {
            Execute(connection, "ROLLBACK;");
            throw;
        }
        finally
        {
            Execute(connection, "PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON;");
        }
    }

    protected override string Number(string text) => $"CAST({text} AS INTEGER)";

    protected override string All(string array) => $"(SELECT value FROM json_each({array}))";
}
