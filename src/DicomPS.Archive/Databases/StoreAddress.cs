using System.Data.Common;
using System.Net;
using System.Text.RegularExpressions;

namespace DicomPS.Archiving.Databases;

/// <summary>How what is kept in a database is spoken of.</summary>
/// <param name="Noun">What it is: a store, an index.</param>
/// <param name="Example">A file of it.</param>
/// <param name="Parameter">The parameter of the cmdlets that takes user and password.</param>
/// <param name="Away">What happens when it is away, to go on a sentence; empty for nothing.</param>
/// <param name="Standby">The same of one that may not be written to.</param>
/// <param name="Broken">What to do about tables that somebody changed, as a sentence.</param>
internal sealed record StoreWords(string Noun, string Example, string Parameter, string Away, string Standby, string Broken)
{
    /// <summary>The tables of transfers.</summary>
    public static StoreWords Store { get; } = new("store", "./move.db", "-StoreCredential",
        "; with -KeepRunning a worker waits for it", "; workers go on when it may be written to",
        "Restore the database from its backup; other tables need another schema.");

    /// <summary>What is known of patients, studies, series and instances.</summary>
    public static StoreWords Index { get; } = new("index", "./index.sqlite", "-IndexCredential", "", "",
        "Drop the schema (DROP SCHEMA ... CASCADE) and export again.");
}

/// <summary>
/// Where a store is: a file of this machine, or a database of PostgreSQL as <c>postgresql://host:5432/database</c> or as a connection
/// string. It holds no password; that comes beside it, or from a passfile.
/// </summary>
/// <param name="Text">As it is shown and kept.</param>
/// <param name="Path">The file of SQLite; null for PostgreSQL.</param>
internal sealed record StoreAddress(string Text, string? Path)
{
    /// <summary>How it is spoken of.</summary>
    public StoreWords Words { get; init; } = StoreWords.Store;

    /// <summary>The connection string, without a password; null for SQLite.</summary>
    public string? Connection { get; init; }

    /// <summary>Who logs in, where that is not in the connection; never shown, never kept.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>Whether a text is the address of a database, not a file.</summary>
    /// <param name="text">What a user wrote.</param>
    public static bool IsOfDatabase(string text) => IsUri(text) || IsConnection(text);

    /// <summary>What a user wrote, without the password that it should not have had: errors are kept, too.</summary>
    /// <param name="text">A path or the address of a database.</param>
    public static string Shown(string text) => IsUri(text) ? Regex.Replace(text, "(?<=://[^/@:]*):.*(?=@)", "")
        : IsConnection(text) ? Regex.Replace(text, @"(?<=\b(password|pwd|psw)\s*=)[^;]*", "***", RegexOptions.IgnoreCase)
        : text;

    /// <summary>Reads what a user wrote.</summary>
    /// <param name="text">A path or the address of a database.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="words">How it is spoken of; a store when none are given.</param>
    /// <exception cref="StoreException">It is neither, or holds a password.</exception>
    public static StoreAddress Parse(string text, Func<string, string> resolve, StoreWords? words = null)
    {
        words ??= StoreWords.Store;
        if (IsUri(text))
            return OfUri(text, words);
        if (IsConnection(text))
            return OfConnection(text, words);
        var path = resolve(text);
        CheckLocal(path, words);
        return new StoreAddress(path, path) { Words = words };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Of other systems too: http://... is no path, and is told to be no address of PostgreSQL.
    private static bool IsUri(string text) => IsOfPostgres(text) || Regex.IsMatch(text, "^[A-Za-z][A-Za-z0-9+.-]+://");

    private static bool IsOfPostgres(string text) => text.StartsWith("postgresql:", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("postgres:", StringComparison.OrdinalIgnoreCase);

    private static bool IsConnection(string text) =>
        text.IndexOf('=') > 0 && text.IndexOf("host", StringComparison.OrdinalIgnoreCase) >= 0 && !File.Exists(text);

    private static StoreAddress OfUri(string text, StoreWords words)
    {
        if (!IsOfPostgres(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw Wrong($"The address of the {words.Noun} is no address of PostgreSQL.", words);
        if (uri.UserInfo.IndexOf(':') >= 0)
            throw Password(words);
        var database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (database.Length == 0)
            throw Wrong($"{text} names no database.", words);
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

        return Checked(text, parts, words);
    }

    private static StoreAddress OfConnection(string text, StoreWords words)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException problem)
        {
            throw Wrong($"The address of the {words.Noun} is no connection string.", words, problem);
        }

        return Checked(
            $"postgresql://{Part(parts, "Host", "Server")}:{Part(parts, "Port") ?? "5432"}/{Part(parts, "Database", "DB")}", parts, words);
    }

    private static StoreAddress Checked(string text, DbConnectionStringBuilder parts, StoreWords words)
    {
        foreach (string key in parts.Keys)
        {
            if (key.Replace(" ", "").ToUpperInvariant() is "PASSWORD" or "PWD" or "PSW")
                throw Password(words);
        }

        return new StoreAddress(text, null) { Connection = parts.ConnectionString, Words = words };
    }

    private static string? Part(DbConnectionStringBuilder parts, params string[] names) =>
        names.Select(name => parts.TryGetValue(name, out var value) ? $"{value}" : null).FirstOrDefault(value => value is not null);

    // Addresses are kept in histories, logs and definitions of services.
    private static StoreException Password(StoreWords words) => Wrong($"The address of the {words.Noun} holds a password.", words);

    private static StoreException Wrong(string what, StoreWords words, Exception? problem = null) => new(what, problem)
    {
        Advice = $"Name a file, such as {words.Example}, or postgresql://HOST:5432/DATABASE; the password comes by {words.Parameter} or a "
            + "passfile.",
    };

    // SQLite's locks and its write-ahead log do not hold over a network (sqlite.org/wal.html); two machines would ruin the file.
    private static void CheckLocal(string path, StoreWords words)
    {
        if (path.StartsWith(@"\\", StringComparison.Ordinal)
            || (path.StartsWith("//", StringComparison.Ordinal) && System.IO.Path.DirectorySeparatorChar == '\\'))
            throw Network(path, words);
        DriveInfo? nearest = null;
        try
        {
            foreach (var drive in DriveInfo.GetDrives())
            {
                if (path.StartsWith(drive.Name, StringComparison.Ordinal) && (nearest is null || drive.Name.Length > nearest.Name.Length))
                    nearest = drive;
            }

            if (nearest is { DriveType: DriveType.Network })
                throw Network(path, words);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            // A machine that does not tell of its drives: SQLite itself says what does not work.
        }
    }

    private static StoreException Network(string path, StoreWords words) =>
        new($"The {words.Noun} {path} lies on a network drive, where SQLite is not safe.")
        {
            Advice = $"Put it on a disk of this machine; several machines share one {words.Noun} in PostgreSQL.",
        };
}
