using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DicomPS.Archiving.Index;

/// <summary>
/// Where an index is: connections to it, its tables, and what its failures mean. Statements are written once, in the words of SQLite; what
/// another database spells in its own way stands in braces: {max} and {list} (the functions), {at} (where a text is in another),
/// {number:...} (a text as a number), {all:...} (the texts of a JSON array).
/// </summary>
internal abstract class IndexDatabase
{
    /// <summary>The version of the tables; a step of <see cref="Prepare"/> for each.</summary>
    public const int Version = 2;

    // Marks the exception that a newer index is refused with: what is damaged may be made anew, what is newer may not.
    private const string NewerKey = "DicomPS.NewerIndex";

    /// <summary>The file, or the address without a password.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the tables of an earlier version were brought up to date.</summary>
    public virtual bool IsUpgraded => false;

    /// <summary>Whether a statement can ask a key whether a value matches; otherwise who reads its rows does.</summary>
    public abstract bool AsksInside { get; }

    /// <summary>The statement that begins a transaction. Who writes is alone.</summary>
    public abstract string Begin { get; }

    /// <summary>The statement that gives a number, which others' writing changes, inside a transaction that writes.</summary>
    public abstract string Writings { get; }

    /// <summary>By how much one transaction of one's own changes that number.</summary>
    public abstract int OwnWriting { get; }

    protected abstract string Max { get; }

    protected abstract string List { get; }

    protected abstract string At { get; }

    /// <summary>The database of an address.</summary>
    public static IndexDatabase Of(StoreAddress address) => address.Path is { } path ? OfFile(path) : OfServer(address);

    /// <summary>Opens a connection.</summary>
    public abstract DbConnection Connect(bool mayCreate);

    /// <summary>Makes or updates the tables, and refuses what is something else.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="mayCreate">Whether tables are made where there are none.</param>
    /// <param name="isDurable">Whether a commit waits for the disk, so that it outlives a power cut and not only this process.</param>
    public abstract void Prepare(DbConnection connection, bool mayCreate, bool isDurable);

    /// <summary>A statement that is prepared once.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="values">What the parameters $v0, $v1... are.</param>
    public abstract IndexStatement Statement(DbConnection connection, string text, IReadOnlyList<ColumnKind>? values = null);

    /// <summary>Readies a command that is run once.</summary>
    public virtual void Ready(DbCommand command) => command.CommandText = Text(command.CommandText);

    /// <summary>Has the statements of a connection ask the keys of a reader, where they can.</summary>
    public virtual void Serve(DbConnection connection, IndexReader reader)
    {
    }

    /// <summary>Stops what is running, from any thread.</summary>
    public abstract void Interrupt(DbConnection connection, DbCommand command);

    /// <summary>Ends a transaction that failed, where it has not ended by itself.</summary>
    public abstract void RollBack(DbConnection connection);

    /// <summary>Whether what is away may be back in a moment, and is to be waited for.</summary>
    public virtual bool ComesBack => false;

    /// <summary>Whether a connection is of no use any more, and another may be.</summary>
    public virtual bool IsLost(DbConnection connection) => false;

    /// <summary>Whether an exception is one of the database.</summary>
    public abstract bool IsOfDatabase(Exception problem);

    /// <summary>Whether an exception says no more than that <see cref="Interrupt"/> was called.</summary>
    public abstract bool IsInterruption(Exception problem);

    /// <summary>What went wrong, with what can be done about it.</summary>
    public abstract DicomException Explain(Exception problem);

    /// <summary>The condition that a column is like a pattern; null when the database would be slow.</summary>
    /// <param name="column">The column.</param>
    /// <param name="pattern">The pattern, as keys have it.</param>
    /// <param name="parameter">Makes a parameter of a text.</param>
    public abstract string? Like(string column, string pattern, Func<string, string> parameter);

    /// <summary>Items of a sequence as a text.</summary>
    public abstract string AsText(string blob);

    /// <summary>A statement in the words of this database.</summary>
    public string Text(string sql)
    {
        sql = sql.Replace("{max}", Max).Replace("{list}", List).Replace("{at}", At);
        if (sql.IndexOf('{') < 0)
            return sql;
        sql = Regex.Replace(sql, @"\{number:([^{}]*)\}", match => Number(match.Groups[1].Value));
        return Regex.Replace(sql, @"\{all:([^{}]*)\}", match => All(match.Groups[1].Value));
    }

    /// <summary>Whether an index was refused because a newer version made it.</summary>
    public static bool IsNewer(Exception refusal) => refusal.Data.Contains(NewerKey);

    public static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    protected abstract string Number(string text);

    protected abstract string All(string array);

    protected DicomException Newer(long version) => new(
        $"{Name} cannot be used: a newer version of DicomPS made it (version {version}, this one knows {Version}).")
    {
        Stage = DicomStage.File,
        Advice = "Use that version of DicomPS, or a newer one. Nothing was changed.",
        Data = { [NewerKey] = true },
    };

    protected DicomException None() => new($"There is no index {Name}.")
    {
        Stage = DicomStage.File,
        Advice = "Export-DicomIndex makes one.",
    };

    /// <summary>The tables, in the words of SQLite.</summary>
    protected static string Schema()
    {
        using var stream = typeof(IndexDatabase).GetTypeInfo().Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    // Methods of their own, so that a library is loaded only where its database is used.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IndexDatabase OfFile(string path) => new SqliteDatabase(path);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IndexDatabase OfServer(StoreAddress address) => new PostgresDatabase(address);
}
