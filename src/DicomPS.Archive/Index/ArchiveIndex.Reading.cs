using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using DicomPS.Data;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <content>Queries. Each has a connection of its own and sees the index as it was when the query began.</content>
public sealed partial class ArchiveIndex
{
    private const int FirstPage = 16, Page = 256;
    private const string FileColumns = "SELECT i.Path, i.FileSize, i.FileTime, i.TransferSyntaxUID";

    // Inside its folder an archive knows files by relative paths; full ones begin with a slash, a backslash or a drive.
    private const string IsInside =
        "i.Path IS NOT NULL AND i.Path NOT GLOB '/*' AND i.Path NOT GLOB '\\*' AND i.Path NOT GLOB '[A-Za-z]:[/\\]*'";

    private const string StudyColumns = $"""
        SELECT t.StudyInstanceUID, t.PatientID, t.LastSeen, count(*), coalesce(sum(i.FileSize), 0), t.id, max(i.FileTime) AS newest
        FROM studies t JOIN series r ON r.study = t.id JOIN instances i ON i.series = r.id WHERE {IsInside}
        """;

    private readonly ConcurrentBag<IndexReader> _idle = [];

    /// <summary>
    /// Finds what matches an identifier, one answer per match, as it is found, in no order, in memory that does not grow.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Stops it, also in the middle of a search.</param>
    /// <exception cref="DicomException">The index could not be read.</exception>
    public IAsyncEnumerable<IndexMatch> FindAsync(IndexQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var translated = QueryTranslator.Translate(query, _database);
        return FindAsync(query, translated, cancellationToken);
    }

    /// <summary>The files of what the index knows, in memory that does not grow.</summary>
    /// <param name="level">What they are of; null for all.</param>
    /// <param name="key">Its UID; for a patient, the Patient ID.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<IndexedFile> FilesAsync(QueryLevel? level = null, string? key = null,
        CancellationToken cancellationToken = default)
    {
        var column = level switch
        {
            null => null,
            QueryLevel.Patient => "p.PatientID",
            QueryLevel.Study => "t.StudyInstanceUID",
            QueryLevel.Series => "r.SeriesInstanceUID",
            _ => "i.SOPInstanceUID",
        };
        var sql = FileColumns + " FROM instances i JOIN series r ON r.id = i.series JOIN studies t ON t.id = r.study"
            + $" LEFT JOIN patients p ON p.id = t.patient WHERE i.Path IS NOT NULL{(column is null ? "" : $" AND {column} = $key")}";
        return PagesAsync(
            reader => ReadFiles(reader, sql, key ?? ""),
            cancellationToken);
    }

    /// <summary>What the index knows of files, by their paths; those that it does not know are left out.</summary>
    /// <param name="paths">The paths, as they stand in the index.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<Dictionary<string, IndexedFile>> KnownAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        const string sql = FileColumns + " FROM instances i WHERE i.Path IN {all:$key}";
        var (key, files) = (SqlConditions.JsonArray(paths), new Dictionary<string, IndexedFile>(StringComparer.Ordinal));
        await foreach (var file in PagesAsync(reader => ReadFiles(reader, sql, key), cancellationToken).ConfigureAwait(false))
            files[file.Path] = file;
        return files;
    }

    /// <summary>Counts what the index knows.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IndexCounts> CountAsync(CancellationToken cancellationToken = default)
    {
        const string sql = """
            SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM studies), (SELECT count(*) FROM series),
            (SELECT count(*) FROM instances), (SELECT coalesce(sum(FileSize), 0) FROM instances), (SELECT count(*) FROM conflicts)
            """;
        await foreach (var counts in PagesAsync(reader => ReadRows(reader, sql, CountsOf), cancellationToken).ConfigureAwait(false))
            return counts;
        throw new InvalidOperationException("A count gives one row.");
    }

    /// <summary>The bytes of the files inside the archive's folder.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<long> BytesInsideAsync(CancellationToken cancellationToken)
    {
        await foreach (var bytes in PagesAsync(
            reader => ReadRows(reader, $"SELECT coalesce(sum(i.FileSize), 0) FROM instances i WHERE {IsInside}", rows => rows.GetInt64(0)),
            cancellationToken).ConfigureAwait(false))
            return bytes;
        throw new InvalidOperationException("A sum gives one row.");
    }

    /// <summary>The bytes of the files inside the archive's folder that some studies have.</summary>
    internal async Task<long> BytesOfStudiesAsync(IReadOnlyCollection<string> studies, CancellationToken cancellationToken)
    {
        const string sql = $"""
            SELECT coalesce(sum(i.FileSize), 0) FROM studies t JOIN series r ON r.study = t.id JOIN instances i ON i.series = r.id
            WHERE t.StudyInstanceUID IN {"{all:$key}"} AND {IsInside}
            """;
        var key = SqlConditions.JsonArray([.. studies]);
        await foreach (var bytes in PagesAsync(reader => ReadNumbers(reader, sql, key), cancellationToken).ConfigureAwait(false))
            return bytes;
        throw new InvalidOperationException("A sum gives one row.");
    }

    /// <summary>The bytes of the files inside the archive's folder, by who sent them last.</summary>
    internal async Task<Dictionary<string, long>> BytesBySenderAsync(CancellationToken cancellationToken)
    {
        const string sql = $"SELECT coalesce(i.Source, ''), sum(i.FileSize) FROM instances i WHERE {IsInside} GROUP BY 1";
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var (sender, sum) in PagesAsync(
            reader => ReadRows(reader, sql, rows => (rows.GetString(0), rows.GetInt64(1))), cancellationToken).ConfigureAwait(false))
            bytes[sender] = sum;
        return bytes;
    }

    /// <summary>
    /// The studies with files inside the archive's folder, the one whose newest file is oldest first, in memory that does not grow.
    /// </summary>
    /// <param name="cancellationToken">Stops it.</param>
    internal IAsyncEnumerable<StoredStudy> StudiesByAgeAsync(CancellationToken cancellationToken)
    {
        const string sql = $"{StudyColumns} GROUP BY t.id ORDER BY newest, t.LastSeen, t.id";
        return PagesAsync(reader => ReadRows(reader, sql, StudyOf), cancellationToken);
    }

    /// <summary>
    /// Whether a study is still the one that was read: nothing came to it or went, and its row has not become another study's, as the
    /// row of one that is gone may.
    /// </summary>
    internal async Task<bool> IsUnchangedAsync(StoredStudy study, CancellationToken cancellationToken)
    {
        const string sql = $"{StudyColumns} AND t.id = CAST($key AS INTEGER) GROUP BY t.id";
        var row = study.Row.ToString(CultureInfo.InvariantCulture);
        await foreach (var now in PagesAsync(reader => ReadStudies(reader, sql, row), cancellationToken).ConfigureAwait(false))
            return now == study;
        return false;
    }

    /// <summary>The files of one study of one patient.</summary>
    internal IAsyncEnumerable<IndexedFile> FilesAsync(StoredStudy study, CancellationToken cancellationToken)
    {
        const string sql =
            $"{FileColumns} FROM instances i JOIN series r ON r.id = i.series WHERE i.Path IS NOT NULL AND r.study = CAST($key AS INTEGER)";
        return PagesAsync(reader => ReadFiles(reader, sql, study.Row.ToString(CultureInfo.InvariantCulture)), cancellationToken);
    }

    /// <summary>
    /// What came with a UID of something of another identity, in the order in which it came, in memory that does not grow.
    /// </summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DicomException">The index could not be read.</exception>
    public IAsyncEnumerable<IndexConflict> ConflictsAsync(CancellationToken cancellationToken = default) =>
        PagesAsync(reader => ReadRows(reader, IndexConflict.Select, IndexConflict.Read), cancellationToken);

    /// <summary>Whose files lie in a folder of the archive, as the index has it; null when it knows of none.</summary>
    internal async Task<RowOwner?> OwnerAsync(string folder, CancellationToken cancellationToken)
    {
        // All that begins with the folder and a slash, which an index serves: a zero is what comes behind a slash.
        const string sql = """
            SELECT p.PatientID, p.IssuerOfPatientID, t.StudyInstanceUID FROM instances i JOIN series r ON r.id = i.series
            JOIN studies t ON t.id = r.study LEFT JOIN patients p ON p.id = t.patient
            WHERE i.Path > $key || '/' AND i.Path < $key || '0' LIMIT 1
            """;
        await foreach (var owner in PagesAsync(reader => ReadOwner(reader, sql, folder), cancellationToken).ConfigureAwait(false))
            return owner;
        return null;
    }

    private static StoredStudy StudyOf(DbDataReader rows) =>
        new(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1), DateTime.Parse(rows.GetString(2), CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal), rows.GetInt64(3), rows.GetInt64(4))
        {
            Row = rows.GetInt64(5),
        };

    private static IEnumerable<StoredStudy> ReadStudies(IndexReader reader, string sql, string row)
    {
        using var command = reader.Command(sql, ("key", row));
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return StudyOf(rows);
    }

    private static IEnumerable<long> ReadNumbers(IndexReader reader, string sql, string key)
    {
        using var command = reader.Command(sql, ("key", key));
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return rows.GetInt64(0);
    }

    private static IEnumerable<RowOwner> ReadOwner(IndexReader reader, string sql, string folder)
    {
        using var command = reader.Command(sql, ("key", folder));
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return new RowOwner(rows.IsDBNull(0) ? null : rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1),
                rows.GetString(2), null, null);
    }

    private static IndexCounts CountsOf(DbDataReader rows) =>
        new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5));

    private async IAsyncEnumerable<IndexMatch> FindAsync(
        IndexQuery query, TranslatedQuery translated, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var match in PagesAsync(reader => ReadAnswers(reader, query, translated), cancellationToken).ConfigureAwait(false))
        {
            if (translated.Missing.Count > 0 && query.ReadMissing is { } read && match.File is { } file
                && await read(file, translated.Missing, cancellationToken).ConfigureAwait(false) is { } rest)
            {
                if (translated.MissingKeys.Any(key => !key.Matches(rest)))
                    continue;
                Complete(match.Answer, rest, query, translated);
            }

            yield return match;
        }
    }

    private static void Complete(DicomDataset answer, DicomDataset rest, IndexQuery query, TranslatedQuery translated)
    {
        var texts = new List<string>();
        foreach (var column in translated.Columns)
        {
            if (translated.Missing.Contains(column.Key.Tag))
                AnswerElements.CopyElement(answer, column.Key, rest, texts);
            else if (answer.GetText(column.Key.Tag) is { } text && column.Vr.IsText())
                texts.Add(text);
        }

        AnswerElements.Declare(answer, query.Identifier, texts);
    }

    private static IEnumerable<IndexMatch> ReadAnswers(IndexReader reader, IndexQuery query, TranslatedQuery translated)
    {
        reader.Begin(translated);
        while (reader.Next(query) is { } match)
            yield return match;
    }

    private static IEnumerable<IndexedFile> ReadFiles(IndexReader reader, string sql, string key)
    {
        using var command = reader.Command(sql, ("key", key));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return new IndexedFile(rows.GetString(0), rows.IsDBNull(1) ? 0 : rows.GetInt64(1),
                new DateTime(rows.IsDBNull(2) ? 0 : rows.GetInt64(2), DateTimeKind.Utc), rows.IsDBNull(3) ? null : rows.GetString(3));
        }
    }

    private static IEnumerable<T> ReadRows<T>(IndexReader reader, string sql, Func<DbDataReader, T> read)
    {
        using var command = reader.Command(sql);
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return read(rows);
    }

    /// <summary>Reads rows on a pool thread, a page at a time: the first one small, so that the first answer is out early.</summary>
    private async IAsyncEnumerable<T> PagesAsync<T>(Func<IndexReader, IEnumerable<T>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = await Task.Run(Rent, cancellationToken).ConfigureAwait(false);
        var isSound = false;
        try
        {
            using var rows = read(reader).GetEnumerator();
            var page = new List<T>(FirstPage);
            bool isMore;
            do
            {
                var most = page.Count == 0 ? FirstPage : Page;
                page.Clear();
                isMore = await Task.Run(() => TakePage(reader, rows, page, most, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                foreach (var row in page)
                    yield return row;
            }
            while (isMore);
            isSound = true;
        }
        finally
        {
            reader.End(isSound);
            if (isSound)
                _idle.Add(reader);
            else
                reader.Dispose();
        }
    }

    private bool TakePage<T>(IndexReader reader, IEnumerator<T> rows, List<T> page, int most, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(reader.Interrupt);
        try
        {
            while (page.Count < most)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!rows.MoveNext())
                    return false;
                page.Add(rows.Current);
            }

            return true;
        }
        catch (Exception problem) when (_database.IsInterruption(problem) && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception problem) when (_database.IsOfDatabase(problem))
        {
            throw _database.Explain(problem);
        }
    }

    private IndexReader Rent()
    {
        if (_idle.TryTake(out var idle))
            return idle;
        try
        {
            return new IndexReader(_database, _database.Connect(mayCreate: false));
        }
        catch (Exception problem) when (_database.IsOfDatabase(problem))
        {
            throw _database.Explain(problem);
        }
    }

    private void CloseReaders()
    {
        while (_idle.TryTake(out var reader))
            reader.Dispose();
    }
}
