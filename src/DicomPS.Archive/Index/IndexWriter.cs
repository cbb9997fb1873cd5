using System.Globalization;
using Microsoft.Data.Sqlite;

namespace DicomPS.Archiving;

/// <summary>
/// Puts entries into the tables, inside the transaction of its caller. What is said replaces what was known; what is not said
/// erases nothing. When a study turns out to be another patient's, what was known of the patient before goes.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    private readonly Statement[] _upserts;
    private readonly Statement _insertPatient, _updatePatient, _findPatient, _findNameless, _studyPatient, _dropPatient, _pathOf, _dataVersion;

    // What was written a moment ago, so that the instances of a series do not each write their series, study and patient again.
    private readonly Dictionary<string, Written>[] _written = [[], [], []];
    private object? _version;

    public IndexWriter(SqliteConnection connection)
    {
        _upserts = [.. Enumerable.Range(0, 4).Select(level => level == 0 ? null! : new Statement(connection, UpsertText((IndexLevel)level), IndexRow.ColumnsOf((IndexLevel)level).Count))];
        var columns = IndexRow.ColumnsOf(IndexLevel.Patient);
        _insertPatient = new Statement(connection, $"""
            INSERT INTO patients ({string.Join(", ", columns)}, Odd, Source, FirstSeen, LastSeen)
            VALUES ({string.Join(", ", columns.Select((_, i) => "$v" + i))}, $odd, $source, $now, $now) RETURNING id
            """, columns.Count);
        _updatePatient = new Statement(connection, $"""
            UPDATE patients SET {string.Join(", ", columns.Select((c, i) => $"{c} = {Keep(IndexLevel.Patient, c, "patients", "$v" + i, name => "$v" + IndexOf(columns, name))}"))},
            Odd = max(Odd, $odd), Source = coalesce($source, Source), LastSeen = $now WHERE id = $id
            """, columns.Count);
        _findPatient = new Statement(connection, """
            SELECT id FROM patients WHERE PatientID = $pid AND ($issuer IS NULL OR IssuerOfPatientID IS NULL OR IssuerOfPatientID = $issuer)
            ORDER BY IssuerOfPatientID IS NOT $issuer, id LIMIT 1
            """);
        _findNameless = new Statement(connection, """
            SELECT id FROM patients WHERE PatientID IS NULL AND PatientNameKey = $name AND NOT EXISTS (SELECT 1 FROM studies WHERE patient = patients.id) LIMIT 1
            """);
        _studyPatient = new Statement(connection, "SELECT patient FROM studies WHERE StudyInstanceUID = $uid");
        _dropPatient = new Statement(connection, "DELETE FROM patients WHERE id = $id AND NOT EXISTS (SELECT 1 FROM studies WHERE patient = $id)");
        _pathOf = new Statement(connection, "SELECT Path FROM instances WHERE SOPInstanceUID = $uid");
        _dataVersion = new Statement(connection, "PRAGMA data_version");
    }

    /// <summary>To be called when a transaction has begun. It changes nothing that another connection wrote without forgetting what this one did.</summary>
    public void Begin()
    {
        var version = _dataVersion.Scalar();
        if (!Equals(version, _version))
            Forget();
        _version = version;
    }

    /// <summary>To be called when rows are deleted, or not written after all.</summary>
    public void Forget()
    {
        foreach (var level in _written)
            level.Clear();
    }

    /// <summary>Puts an entry into the tables of its level and those above.</summary>
    /// <returns>The file that the instance had until now, when it has another one; otherwise null.</returns>
    public string? Write(IndexEntry entry, DateTime now)
    {
        string? before = null;
        if (entry.File is { })
        {
            _pathOf.Bind("$uid", entry.Rows[(int)IndexLevel.Image]!.Uid);
            before = (string?)_pathOf.Scalar();
        }
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var study = entry.Level >= IndexLevel.Study ? entry.Rows[1] : null;
        long? parent = entry.Rows[0] is { } patient ? WritePatient(patient, study?.Uid, entry.Source, now, time) : null;
        for (var level = IndexLevel.Study; level <= entry.Level; level++)
            parent = WriteRow(level, entry.Rows[(int)level]!, parent, entry, now, time);
        return before == entry.File?.Path ? null : before;
    }

    public void Dispose()
    {
        foreach (var statement in _upserts.Skip(1).Concat([_insertPatient, _updatePatient, _findPatient, _findNameless, _studyPatient, _dropPatient, _pathOf, _dataVersion]))
            statement.Dispose();
    }

    private long WritePatient(IndexRow row, string? studyUid, string? source, DateTime now, string time)
    {
        var name = row.PatientID is { } ? $"{row.PatientID}\\{row.Issuer}" : $"={studyUid}={row.PatientName}";
        if (Known(IndexLevel.Patient, name, new Written(0, row, null, source, now)) is { } known)
            return known;
        var id = FindPatient(row, studyUid);
        var statement = id is null ? _insertPatient : _updatePatient;
        BindRow(statement, row, source, time);
        if (id is null)
        {
            id = (long)statement.Scalar()!;
        }
        else
        {
            statement.Bind("$id", id);
            statement.Run();
            // The same patient may be known under its ID with and without an issuer.
            _written[0].Clear();
        }
        Remember(IndexLevel.Patient, name, new Written(id.Value, row, null, source, now));
        return id.Value;
    }

    private long? FindPatient(IndexRow row, string? studyUid)
    {
        if (row.PatientID is { })
        {
            _findPatient.Bind("$pid", row.PatientID);
            _findPatient.Bind("$issuer", row.Issuer);
            return (long?)_findPatient.Scalar();
        }
        if (studyUid is null)
        {
            _findNameless.Bind("$name", row.PatientName);
            return (long?)_findNameless.Scalar();
        }
        // A study keeps the patient that it has, also when an instance or an answer does not repeat the ID.
        _studyPatient.Bind("$uid", studyUid);
        return (long?)_studyPatient.Scalar();
    }

    private long WriteRow(IndexLevel level, IndexRow row, long? parent, IndexEntry entry, DateTime now, string time)
    {
        if (level != IndexLevel.Image && Known(level, row.Uid!, new Written(0, row, parent, entry.Source, now)) is { } known)
            return known;
        long? patientBefore = null;
        if (level == IndexLevel.Study && parent is { })
        {
            _studyPatient.Bind("$uid", row.Uid);
            patientBefore = (long?)_studyPatient.Scalar();
        }
        var statement = _upserts[(int)level];
        statement.Bind("$parent", parent);
        BindRow(statement, row, entry.Source, time);
        if (level == IndexLevel.Image)
        {
            statement.Bind("$path", entry.File?.Path);
            statement.Bind("$size", entry.File?.Size);
            statement.Bind("$time", entry.File?.LastWriteTimeUtc.Ticks);
            statement.Bind("$syntax", entry.File?.TransferSyntaxUid);
            statement.Run();
            return 0;
        }
        var id = (long)statement.Scalar()!;
        Remember(level, row.Uid!, new Written(id, row, parent, entry.Source, now));
        if (patientBefore is { } before && before != parent)
        {
            _dropPatient.Bind("$id", before);
            _dropPatient.Run();
            _written[0].Clear();
        }
        return id;
    }

    /// <summary>The row's id when it was written a moment ago with the same words, so that only the time of LastSeen would change.</summary>
    private long? Known(IndexLevel level, string key, Written said)
    {
        // LastSeen is right to the second.
        return _written[(int)level].TryGetValue(key, out var known) && known.Parent == said.Parent && known.Source == said.Source
            && (said.At - known.At).Duration() < TimeSpan.FromSeconds(1) && known.Row.SaysTheSameAs(said.Row) ? known.Id : null;
    }

    private void Remember(IndexLevel level, string key, Written row)
    {
        // Flat memory, however many are written.
        const int most = 2000;
        var written = _written[(int)level];
        if (written.Count >= most)
            written.Clear();
        written[key] = row;
    }

    private static void BindRow(Statement statement, IndexRow row, string? source, string time)
    {
        for (var i = 0; i < row.Values.Length; i++)
            statement.Bind(i, row.Values[i]);
        statement.Bind("$odd", row.IsOdd ? 1L : 0L);
        statement.Bind("$source", source);
        statement.Bind("$now", time);
    }

    private static string UpsertText(IndexLevel level)
    {
        var (table, uid, parent) = level switch
        {
            IndexLevel.Study => ("studies", "StudyInstanceUID", "patient"),
            IndexLevel.Series => ("series", "SeriesInstanceUID", "study"),
            _ => ("instances", "SOPInstanceUID", "series"),
        };
        var columns = IndexRow.ColumnsOf(level);
        var isImage = level == IndexLevel.Image;
        return $"""
            INSERT INTO {table} ({string.Join(", ", columns)}, {parent}{(isImage ? ", Path, FileSize, FileTime, TransferSyntaxUID" : "")}, Odd, Source, FirstSeen, LastSeen)
            VALUES ({string.Join(", ", columns.Select((_, i) => "$v" + i))}, $parent{(isImage ? ", $path, $size, $time, $syntax" : "")}, $odd, $source, $now, $now)
            ON CONFLICT ({uid}) DO UPDATE SET
            {string.Join(", ", columns.Where(c => c != uid).Select(c => $"{c} = {Keep(level, c, table, "excluded." + c, name => "excluded." + name)}"))},
            {parent} = coalesce(excluded.{parent}, {parent}),
            {(isImage ? "Path = coalesce(excluded.Path, Path), FileSize = coalesce(excluded.FileSize, FileSize), FileTime = coalesce(excluded.FileTime, FileTime), TransferSyntaxUID = coalesce(excluded.TransferSyntaxUID, TransferSyntaxUID)," : "")}
            Odd = max(Odd, excluded.Odd), Source = coalesce(excluded.Source, Source), LastSeen = excluded.LastSeen
            {(isImage ? "" : "RETURNING id")}
            """;
    }

    /// <summary>The new content of a column: what is said, else what was known.</summary>
    private static string Keep(IndexLevel level, string column, string table, string said, Func<string, string> saidOf)
    {
        var attribute = IndexAttributes.Of(level).First(a => a.Columns.Contains(column));
        // A key follows its text, also to null, when the text cannot be understood.
        var kept = attribute.Column == column ? $"coalesce({said}, {table}.{column})"
            : $"CASE WHEN {saidOf(attribute.Column)} IS NULL THEN {table}.{column} ELSE {said} END";
        return level == IndexLevel.Study && IndexAttributes.OfPatient.Contains(attribute) && attribute.Column != "PatientID"
            ? $"CASE WHEN {saidOf("PatientID")} <> {table}.PatientID THEN {said} ELSE {kept} END"
            : kept;
    }

    private static int IndexOf(IReadOnlyList<string> columns, string name)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] == name)
                return i;
        }
        throw new ArgumentException(name, nameof(name));
    }

    private sealed record Written(long Id, IndexRow Row, long? Parent, string? Source, DateTime At);

    /// <summary>A statement that is prepared once and run with ever new values.</summary>
    private sealed class Statement : IDisposable
    {
        private readonly SqliteCommand _command;
        private readonly Dictionary<string, SqliteParameter> _named = new(StringComparer.Ordinal);
        private readonly List<SqliteParameter> _values = [];

        public Statement(SqliteConnection connection, string text, int values = 0)
        {
            _command = connection.CreateCommand();
            _command.CommandText = text;
            for (var i = 0; i < values; i++)
                _values.Add(_command.Parameters.AddWithValue("$v" + i, DBNull.Value));
            foreach (var name in new[] { "$parent", "$path", "$size", "$time", "$syntax", "$odd", "$source", "$now", "$id", "$pid", "$issuer", "$name", "$uid" })
            {
                if (text.Contains(name))
                    _named[name] = _command.Parameters.AddWithValue(name, DBNull.Value);
            }
        }

        public void Bind(int index, object? value) => _values[index].Value = value ?? DBNull.Value;

        public void Bind(string name, object? value) => _named[name].Value = value ?? DBNull.Value;

        public object? Scalar() => _command.ExecuteScalar() is { } value and not DBNull ? value : null;

        public void Run() => _command.ExecuteNonQuery();

        public void Dispose() => _command.Dispose();
    }
}
