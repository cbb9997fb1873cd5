using System.Data.Common;
using System.Net;

namespace DicomPS.Transfers.Store;

/// <summary>
/// Where a store is: a file of this machine, or a database of PostgreSQL as <c>postgresql://host:5432/database</c> or as a connection
/// string. It holds no password; that comes beside it, or from a passfile.
/// </summary>
/// <param name="Text">As it is shown and kept.</param>
/// <param name="Path">The file of SQLite; null for PostgreSQL.</param>
internal sealed record StoreAddress(string Text, string? Path)
{
    private const string Advice =
        "Name a file, such as ./move.db, or postgresql://HOST:5432/DATABASE; the password comes by -StoreCredential or a passfile.";

    /// <summary>The connection string, without a password; null for SQLite.</summary>
    public string? Connection { get; init; }

    /// <summary>Who logs in, where that is not in the connection; never shown, never kept.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>Reads what a user wrote.</summary>
    /// <param name="text">A path or the address of a database.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <exception cref="StoreException">It is neither, or holds a password.</exception>
    public static StoreAddress Parse(string text, Func<string, string> resolve)
    {
        if (text.StartsWith("postgresql:", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("postgres:", StringComparison.OrdinalIgnoreCase))
            return OfUri(text);
        if (text.IndexOf('=') > 0 && text.IndexOf("host", StringComparison.OrdinalIgnoreCase) >= 0 && !File.Exists(text))
            return OfConnection(text);
        var path = resolve(text);
        CheckLocal(path);
        return new StoreAddress(path, path);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static StoreAddress OfUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new StoreException("The address of the store is no address of PostgreSQL.") { Advice = Advice };
        if (uri.UserInfo.IndexOf(':') >= 0)
            throw Password();
        var database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (database.Length == 0)
            throw new StoreException($"{text} names no database.") { Advice = Advice };
        var parts = new DbConnectionStringBuilder
        {
            ["Host"] = uri.Host.Trim('[', ']'),
            ["Port"] = uri.Port > 0 ? uri.Port : 5432,
            ["Database"] = database,
        };
        if (uri.UserInfo.Length > 0)
            parts["Username"] = Uri.UnescapeDataString(uri.UserInfo);
        foreach (var pair in uri.Query.TrimStart('?').Split(['&'], StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=');
            parts[Uri.UnescapeDataString(at < 0 ? pair : pair[..at])] = at < 0 ? "true" : Uri.UnescapeDataString(pair[(at + 1)..]);
        }

        return Checked(text, parts);
    }

    private static StoreAddress OfConnection(string text)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException problem)
        {
            throw new StoreException("The address of the store is no connection string.", problem) { Advice = Advice };
        }

        return Checked(
            $"postgresql://{Part(parts, "Host", "Server")}:{Part(parts, "Port") ?? "5432"}/{Part(parts, "Database", "DB")}", parts);
    }

    private static StoreAddress Checked(string text, DbConnectionStringBuilder parts)
    {
        foreach (string key in parts.Keys)
        {
            if (key.Replace(" ", "").ToUpperInvariant() is "PASSWORD" or "PWD" or "PSW")
                throw Password();
        }

        return new StoreAddress(text, null) { Connection = parts.ConnectionString };
    }

    private static string? Part(DbConnectionStringBuilder parts, params string[] names) =>
        names.Select(name => parts.TryGetValue(name, out var value) ? $"{value}" : null).FirstOrDefault(value => value is not null);

    // Addresses are kept in histories, logs and definitions of services.
    private static StoreException Password() => new("The address of the store holds a password.") { Advice = Advice };

    // SQLite's locks and its write-ahead log do not hold over a network (sqlite.org/wal.html); two machines would ruin the file.
    private static void CheckLocal(string path)
    {
        if (path.StartsWith(@"\\", StringComparison.Ordinal)
            || (path.StartsWith("//", StringComparison.Ordinal) && System.IO.Path.DirectorySeparatorChar == '\\'))
            throw Network(path);
        DriveInfo? nearest = null;
        try
        {
            foreach (var drive in DriveInfo.GetDrives())
            {
                if (path.StartsWith(drive.Name, StringComparison.Ordinal) && (nearest is null || drive.Name.Length > nearest.Name.Length))
                    nearest = drive;
            }

            if (nearest is { DriveType: DriveType.Network })
                throw Network(path);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            // A machine that does not tell of its drives: SQLite itself says what does not work.
        }
    }

    private static StoreException Network(string path) => new($"The store {path} lies on a network drive, where SQLite is not safe.")
    {
        Advice = "Put the store on a disk of this machine; several machines share a store in PostgreSQL.",
    };
}
