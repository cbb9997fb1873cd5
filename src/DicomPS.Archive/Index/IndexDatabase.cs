using System.Reflection;
using DicomPS.Compatibility;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving.Index;

/// <summary>The file of an index: connections to it, its tables and their version.</summary>
internal sealed class IndexDatabase
{
    /// <summary>The version of the tables; a step of <see cref="Migrate"/> for each.</summary>
    public const int Version = 2;

    // Says in the file's header whose database it is: "DcmP".
    private const long ApplicationId = 0x44636D50;

    // Marks the exception that a newer index is refused with: what is damaged may be made anew, what is newer may not.
    private const string NewerKey = "DicomPS.NewerIndex";

    private const string MakeAnew =
        "Repair-DicomArchive makes the index of an archive anew from its files; any other is deleted and exported again.";

    private readonly IndexCheck.AfterFailures _check;

    /// <summary>An index, which need not exist.</summary>
    /// <param name="path">The file.</param>
    public IndexDatabase(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        _check = new IndexCheck.AfterFailures(this);
    }

    public string Path { get; }

    /// <summary>Whether the tables of an earlier version were brought up to date.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Opens a connection, in write-ahead mode, so that readers and the one writer never wait for each other.</summary>
    public SqliteConnection Connect(bool mayCreate)
    {
        NativeSqlite.EnsureLoaded();
        if (!mayCreate && !File.Exists(Path))
        {
            throw new DicomException($"There is no index {Path}.")
            {
                Stage = DicomStage.File,
                Advice = "Export-DicomIndex makes one.",
            };
        }

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

    /// <summary>Makes or updates the tables, and refuses files that are something else.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="isDurable">Whether a commit waits for the disk, so that it outlives a power cut and not only this process.</param>
    public void Prepare(SqliteConnection connection, bool isDurable)
    {
        var version = Number(connection, "PRAGMA user_version");
        var application = Number(connection, "PRAGMA application_id");
        if (application != ApplicationId
            && (application != 0 || version != 0 || Number(connection, "SELECT count(*) FROM sqlite_master") != 0))
            throw Foreign("It is an SQLite database of something else.");
        if (version > Version)
        {
            throw new DicomException(
                $"{Path} cannot be used: a newer version of DicomPS made it (version {version}, this one knows {Version}).")
            {
                Stage = DicomStage.File,
                Advice = "Use that version of DicomPS, or a newer one. Nothing was changed.",
                Data = { [NewerKey] = true },
            };
        }

        Execute(connection, "PRAGMA journal_mode = WAL;");
        // Pages that are written again and again go into the file once for 16 MB of log, not for 4.
        Execute(connection, "PRAGMA wal_autocheckpoint = 4000;");
        Execute(connection, isDurable ? "PRAGMA synchronous = FULL;" : "PRAGMA synchronous = NORMAL;");
        if (version < Version || application != ApplicationId)
            Migrate(connection);
        IndexMarks.Prepare(connection);
    }

    /// <summary>Whether an index was refused because a newer version made it.</summary>
    public static bool IsNewer(Exception refusal) => refusal.Data.Contains(NewerKey);

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// What went wrong, with what can be done about it. What the surroundings do not explain has SQLite look through the file.
    /// </summary>
    public DicomException Explain(SqliteException problem)
    {
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

    private void Migrate(SqliteConnection connection)
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
                    IsUpgraded = true;
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

    private static string Schema()
    {
        using var stream = typeof(IndexDatabase).GetTypeInfo().Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
