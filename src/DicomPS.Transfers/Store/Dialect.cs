using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace DicomPS.Transfers.Store;

/// <summary>
/// What differs between the databases. Statements are written once, in <see cref="Sql"/>; the words in braces are put in here: {now},
/// {id}, {lease}, {probe} and {hold} (the numbers there), {fewer} (a kind of failure), {version} and {known} (of the tables as they are,
/// and as they are known here), {lock} (the row is ours until the end of the transaction), {skip} (rows that others have are passed over),
/// {rows}, {time:column}.
/// </summary>
internal abstract class Dialect
{
    private static readonly string First = Resource("Schema.sql"), Second = Resource("Schema.2.sql"), Third = Resource("Schema.3.sql"),
        Fourth = Resource("Schema.4.sql");
    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>What tests add to the database's clock.</summary>
    public TimeSpan Shift { get; init; }

    /// <summary>What tests add to the steps, as a later version will.</summary>
    public IReadOnlyList<string> LaterSteps { get; init; } = [];

    /// <summary>The version of the tables.</summary>
    public int Version => Steps.Count;

    /// <summary>The steps from one version of the tables to the next; the n-th leads to version n + 1.</summary>
    protected IReadOnlyList<string> Steps => [First, Second, Third, Fourth, .. LaterSteps];

    /// <summary>The moment in milliseconds, by the database's clock.</summary>
    protected abstract string Now { get; }

    protected abstract string Identity { get; }

    protected abstract string Lock { get; }

    protected abstract string Skip { get; }

    /// <summary>The studies of <see cref="Sql.Again"/> as a table: study, instances (-1 for unknown), lacks, priority, patient.</summary>
    protected abstract string Rows { get; }

    /// <summary>The version of the tables as they are.</summary>
    protected abstract string StoredVersion { get; }

    /// <summary>Whether calls on a connection return only when they are done, so that they belong on a thread of the pool.</summary>
    public abstract bool IsSynchronous { get; }

    /// <summary>A moment that people and their tools read.</summary>
    protected abstract string Time(string column);

    /// <summary>Opens a connection.</summary>
    public abstract Task<DbConnection> ConnectAsync(bool mayCreate, CancellationToken cancellationToken);

    /// <summary>Begins a transaction that writes.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="lasts">Whether it must outlast a power cut.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract Task<DbTransaction> BeginAsync(DbConnection connection, bool lasts, CancellationToken cancellationToken);

    /// <summary>Ends a transaction.</summary>
    public abstract Task EndAsync(DbTransaction transaction, bool commits, CancellationToken cancellationToken);

    /// <summary>Makes the tables or brings them up to date; of several that find nothing, one makes them.</summary>
    public abstract Task PrepareAsync(DbConnection connection, bool mayCreate, CancellationToken cancellationToken);

    /// <summary>Adds studies; those that are there stay as they are.</summary>
    /// <returns>How many were added.</returns>
    public abstract Task<int> AddAsync(DbSession session, long transfer, IReadOnlyList<NewItem> items);

    /// <summary>The failure with what can be done about it.</summary>
    public abstract StoreException Explain(Exception problem);

    /// <summary>Whether an exception is one of the database.</summary>
    public virtual bool IsOfStore(Exception problem) => problem is DbException;

    /// <summary>Whether the statement lost against another one at the same time, and is to be run again.</summary>
    public virtual bool IsConflict(Exception problem) => false;

    /// <summary>The statement in the words of this database.</summary>
    public string Text(string statement) => _texts.GetOrAdd(statement, Write);

    /// <summary>The text of a file of this assembly.</summary>
    protected static string Resource(string name)
    {
        using var stream = typeof(Dialect).GetTypeInfo().Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Refuses what a newer version made.</summary>
    public void CheckVersion(string store, long version)
    {
        if (version > Version)
        {
            throw new StoreException(
                $"The store {store} was made by a newer version of DicomPS, or brought up to it (version {version}, this one knows "
                + $"{Version}).")
            {
                Advice = "Use that version of DicomPS, or a newer one. Nothing was changed.",
            };
        }
    }

    private string Write(string statement)
    {
        var now = Shift == TimeSpan.Zero ? Now
            : $"({Now} + {((long)Shift.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)})";
        var text = statement.Replace("{now}", now).Replace("{id}", Identity).Replace("{lock}", Lock).Replace("{skip}", Skip)
            .Replace("{rows}", Rows).Replace("{version}", StoredVersion).Replace("{known}", Number(Version))
            .Replace("{lease}", Number(Sql.LeaseMilliseconds))
            .Replace("{probe}", Number(Sql.ProbeMilliseconds)).Replace("{hold}", Number(Sql.FailuresToHold))
            .Replace("{fewer}", ClaimedItem.FewerThanListed);
        return Regex.Replace(text, @"\{time:([a-z_.]+)\}", match => Time(match.Groups[1].Value));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
