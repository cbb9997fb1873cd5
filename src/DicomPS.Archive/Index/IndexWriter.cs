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
    private readonly Statement _insertPatient, _updatePatient, _findPatient, _findNameless, _studyPatient, _dropPatient;

    // What this transaction has written already: nobody else writes meanwhile, so it cannot be stale.
    private readonly Dictionary<string, (long Id, IndexRow Row)>[] _written = [[], [], [], []];

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
    }

    /// <summary>To be called when a transaction begins.</summary>
    public void Begin()
    {
        foreach (var level in _written)
            level.Clear();
    }

    /// <summary>Puts an entry into the tables of its level and those above.</summary>
    public void Write(IndexEntry entry, DateTime now)
    {
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var study = entry.Level >= IndexLevel.Study ? entry.Rows[1] : null;
        long? parent = entry.Rows[0] is { } patient ? WritePatient(patient, study?.Uid, entry.Source, time) : null;
        for (var level = IndexLevel.Study; level <= entry.Level; level++)
            parent = WriteRow(level, entry.Rows[(int)level]!, parent, entry, time);
    }

    public void Dispose()
    {
        foreach (var statement in _upserts.Skip(1).Concat([_insertPatient, _updatePatient, _findPatient, _findNameless, _studyPatient, _dropPatient]))
            statement.Dispose();
    }

    private long WritePatient(IndexRow row, string? studyUid, string? source, string now)
    {
        var name = row.PatientID is { } ? $"{row.PatientID}\\{row.Issuer}" : $"={studyUid}={row.PatientName}";
        if (_written[0].TryGetValue(name, out var known) && known.Row.SaysTheSameAs(row))
            return known.Id;
        var id = FindPatient(row, studyUid);
        var statement = id is null ? _insertPatient : _updatePatient;
        BindRow(statement, row, source, now);
        if (id is null)
        {
            id = (long)statement.Scalar()!;
        }
        else
        {
            statement.Bind("$id", id);
            statement.Run();
        }
        Remember(0, name, id.Value, row);
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

    private long WriteRow(IndexLevel level, IndexRow row, long? parent, IndexEntry entry, string now)
    {
        if (level != IndexLevel.Image && _written[(int)level].TryGetValue(row.Uid!, out var known) && known.Row.SaysTheSameAs(row))
            return known.Id;
        long? patientBefore = null;
        if (level == IndexLevel.Study && parent is { })
        {
            _studyPatient.Bind("$uid", row.Uid);
            patientBefore = (long?)_studyPatient.Scalar();
        }
        var statement = _upserts[(int)level];
        statement.Bind("$parent", parent);
        BindRow(statement, row, entry.Source, now);
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
        Remember((int)level, row.Uid!, id, row);
        if (patientBefore is { } before && before != parent)
        {
            _dropPatient.Bind("$id", before);
            _dropPatient.Run();
            _written[0].Clear();
        }
        return id;
    }

    private void Remember(int level, string key, long id, IndexRow row)
    {
        // Flat memory in a transaction of any length.
        const int most = 2000;
        if (_written[level].Count >= most)
            _written[level].Clear();
        _written[level][key] = (id, row);
    }

    private static void BindRow(Statement statement, IndexRow row, string? source, string now)
    {
        for (var i = 0; i < row.Values.Length; i++)
            statement.Bind(i, row.Values[i]);
        statement.Bind("$odd", row.IsOdd ? 1L : 0L);
        statement.Bind("$source", source);
        statement.Bind("$now", now);
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
