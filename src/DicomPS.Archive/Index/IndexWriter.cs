using System.Data.Common;
using System.Globalization;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>What became of an entry.</summary>
/// <param name="Before">The file that the instance had until now, when it has another one; no row names it any more.</param>
/// <param name="Kept">The file that the instance has and keeps: the entry was not written.</param>
/// <param name="Conflict">What has a UID of it and another identity.</param>
internal sealed record WrittenEntry(string? Before, IndexedFile? Kept, IndexConflict? Conflict);

/// <summary>
/// Puts entries into the tables, inside the transaction of its caller. What is said replaces what was known; what is not said
/// erases nothing. A UID of another patient, study or series is another thing, which gets a row of its own.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    // The larger of two numbers, as statements have it.
    private const string Max = "{max}";

    private readonly IndexDatabase _database;
    private readonly DbConnection _connection;
    private readonly IdentityRows _rows;
    private readonly IndexEraser _eraser;
    private readonly IndexStatement _insertPatient, _updatePatient, _findPatient, _findNameless, _dropPatient, _dataVersion;
    private readonly IndexStatement _insertStudy, _updateStudy, _series, _instance, _clearPath;

    // What was written a moment ago, so that the instances of a series do not each write their series, study and patient again.
    private readonly Dictionary<string, Written>[] _written = [[], [], []];
    private long? _version;

    /// <summary>What the transaction has added so far; null when rows went too, and it has to be counted anew.</summary>
    public IndexTotals? Added { get; private set; } = IndexTotals.None;

    public IndexWriter(IndexDatabase database, DbConnection connection)
    {
        _database = database;
        _connection = connection;
        _rows = new IdentityRows(database, connection);
        _eraser = new IndexEraser(database, connection);
        var (columns, kinds) = (IndexRow.ColumnsOf(QueryLevel.Patient), IndexRow.KindsOf(QueryLevel.Patient));
        _insertPatient = database.Statement(connection, InsertText("patients", columns, ""), kinds);
        _updatePatient = database.Statement(connection, UpdateText(QueryLevel.Patient, "patients", columns, ""), kinds);
        (columns, kinds) = (IndexRow.ColumnsOf(QueryLevel.Study), IndexRow.KindsOf(QueryLevel.Study));
        _insertStudy = database.Statement(connection, InsertText("studies", columns, "patient"), kinds);
        _updateStudy = database.Statement(connection,
            UpdateText(QueryLevel.Study, "studies", columns, "patient = coalesce($parent, patient),"), kinds);
        _series = database.Statement(connection, UpsertText(QueryLevel.Series), IndexRow.KindsOf(QueryLevel.Series));
        _instance = database.Statement(connection, UpsertText(QueryLevel.Image), IndexRow.KindsOf(QueryLevel.Image));
        _findPatient = database.Statement(connection, """
            SELECT id FROM patients WHERE PatientID = $pid AND ($issuer IS NULL OR IssuerOfPatientID IS NULL OR IssuerOfPatientID = $issuer)
            ORDER BY CASE WHEN IssuerOfPatientID IS NOT DISTINCT FROM $issuer THEN 0 ELSE 1 END, id LIMIT 1
            """);
        _findNameless = database.Statement(connection, """
            SELECT id FROM patients WHERE PatientID IS NULL AND PatientNameKey = $name
                AND NOT EXISTS (SELECT 1 FROM studies WHERE patient = patients.id) LIMIT 1
            """);
        _dropPatient = database.Statement(connection,
            "DELETE FROM patients WHERE id = $id AND NOT EXISTS (SELECT 1 FROM studies WHERE patient = $id)");
        _clearPath = database.Statement(connection, "UPDATE instances SET Path = NULL WHERE id = $id");
        _dataVersion = database.Statement(connection, database.Writings);
    }

    /// <summary>
    /// To be called when a transaction has begun. It changes nothing that another connection wrote without forgetting what this one
    /// did.
    /// </summary>
    public void Begin()
    {
        Added = IndexTotals.None;
        var version = _dataVersion.Number();
        if (version != _version + _database.OwnWriting)
            Forget();
        _version = version;
    }

    /// <summary>To be called when rows are deleted, or not written after all.</summary>
    public void Forget()
    {
        Added = null;
        foreach (var level in _written)
            level.Clear();
    }

    /// <summary>The file of the instance that an entry is, if there is one. Another patient's, study's or series' is none.</summary>
    public IndexedFile? Find(IndexEntry entry)
    {
        if (IdentityRows.Choose(_rows.Studies(entry.Rows[1]!.Uid!), entry.Rows[0], entry.IsAnswer) is not { } study)
            return null;
        return _rows.Instances(entry.Rows[3]!.Uid!).Find(row => row.Study == study.Id && row.Owner.SeriesUid == entry.Rows[2]!.Uid)?.File;
    }

    /// <summary>The instance whose file has a path; null for none.</summary>
    public InstanceOfUid? AtPath(string path) => _rows.AtPath(path);

    /// <summary>Puts an entry into the tables of its level and those above.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="stays">Whether the file that the same instance has keeps its place; null for never.</param>
    public WrittenEntry Write(IndexEntry entry, DateTime now, Func<IndexedFile, IndexedFile, bool>? stays = null)
    {
        if (stays is { } && entry.File is { } coming && Find(entry) is { } there && there.Path != coming.Path && stays(there, coming))
            return new WrittenEntry(null, there, null);
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        if (entry.Level == QueryLevel.Patient)
        {
            var patient = entry.Rows[0]!;
            WritePatient(patient, PatientKey(patient, null), patient.PatientID is null ? FindNameless(patient) : FindPatient(patient),
                entry.Source, now, time);
            return new WrittenEntry(null, null, null);
        }

        (QueryLevel Level, RowOwner Other)? met = null;
        var study = WriteStudy(entry, now, time, ref met);
        var series = entry.Level >= QueryLevel.Series ? WriteSeries(entry, study, now, time, ref met) : 0;
        var before = entry.Level == QueryLevel.Image ? WriteInstance(entry, series, time, ref met) : null;
        // What a peer answers is its own business; what came here as a file is ours.
        var conflict = met is { } && entry.File is { } ? IndexConflict.Of(met.Value.Level, entry, met.Value.Other, now) : null;
        conflict?.Write(_database, _connection);
        Add(conflicts: conflict is null ? 0 : 1);
        return new WrittenEntry(before, null, conflict);
    }

    public void Dispose()
    {
        _rows.Dispose();
        foreach (var statement in new[] { _insertPatient, _updatePatient, _findPatient, _findNameless, _dropPatient, _dataVersion,
            _insertStudy, _updateStudy, _series, _instance, _clearPath })
            statement.Dispose();
    }

    private static string PatientKey(IndexRow? row, string? studyUid) =>
        row?.PatientID is { } ? $"{row.PatientID}\\{row.Issuer}" : $"={studyUid}={row?.PatientName}";

    private long WritePatient(IndexRow row, string key, long? id, string? source, DateTime now, string time)
    {
        if (Known(QueryLevel.Patient, key, new Written(0, row, null, source, now)) is { } known && (id is null || id == known))
            return known;
        var statement = id is null ? _insertPatient : _updatePatient;
        BindRow(statement, row, source, time);
        if (id is null)
        {
            id = statement.Number()!.Value;
        }
        else
        {
            statement.Bind("$id", id);
            statement.Run();
            // The same patient may be known under its ID with and without an issuer.
            _written[0].Clear();
        }

        Remember(QueryLevel.Patient, key, new Written(id.Value, row, null, source, now));
        return id.Value;
    }

    private long? FindPatient(IndexRow row)
    {
        _findPatient.Bind("$pid", row.PatientID);
        _findPatient.Bind("$issuer", row.Issuer);
        return _findPatient.Number();
    }

    private long? FindNameless(IndexRow row)
    {
        _findNameless.Bind("$name", row.PatientName);
        return _findNameless.Number();
    }

    private long WriteStudy(IndexEntry entry, DateTime now, string time, ref (QueryLevel, RowOwner)? met)
    {
        var (patient, row) = (entry.Rows[0], entry.Rows[1]!);
        var patientKey = PatientKey(patient, row.Uid);
        var key = $"{patientKey}\n{row.Uid}\n{entry.IsAnswer}";
        if (Known(QueryLevel.Study, key, new Written(0, row, null, entry.Source, now)) is { } known
            && (patient is null || Known(QueryLevel.Patient, patientKey, new Written(0, patient, null, entry.Source, now)) is { }))
        {
            return known;
        }

        var all = _rows.Studies(row.Uid!);
        var mine = IdentityRows.Choose(all, patient, entry.IsAnswer);
        // A study that was known by answers alone becomes the patient's that names an ID.
        var adopts = mine is { Owner.PatientId: null } && patient?.PatientID is { };
        var patientId = mine?.Patient;
        if (patient is { })
            patientId = WritePatient(patient, patientKey,
                adopts || mine is null ? patient.PatientID is null ? null : FindPatient(patient) : mine.Patient, entry.Source, now, time);
        var statement = mine is null ? _insertStudy : _updateStudy;
        statement.Bind("$parent", patientId);
        BindRow(statement, row, entry.Source, time);
        if (mine is { })
            statement.Bind("$id", mine.Id);
        var id = mine?.Id ?? statement.Number()!.Value;
        if (mine is { })
            statement.Run();
        if (adopts && mine!.Patient is { } nobody)
        {
            _dropPatient.Bind("$id", nobody);
            _dropPatient.Run();
            Forget();
        }

        if (mine is null && all.Count > 0)
            met = (QueryLevel.Study, all[0].Owner);
        Add(studies: mine is null ? 1 : 0);
        Remember(QueryLevel.Study, key, new Written(id, row, null, entry.Source, now));
        return id;
    }

    private long WriteSeries(IndexEntry entry, long study, DateTime now, string time, ref (QueryLevel, RowOwner)? met)
    {
        var row = entry.Rows[2]!;
        var key = $"{study}={row.Uid}";
        if (Known(QueryLevel.Series, key, new Written(0, row, study, entry.Source, now)) is { } known)
            return known;
        var all = _rows.Series(row.Uid!);
        var isNew = !all.Exists(series => series.Study == study);
        if (all.Count > 0 && isNew)
            met = (QueryLevel.Series, all[0].Owner);
        Add(series: isNew ? 1 : 0);
        _series.Bind("$parent", study);
        BindRow(_series, row, entry.Source, time);
        var id = _series.Number()!.Value;
        Remember(QueryLevel.Series, key, new Written(id, row, study, entry.Source, now));
        return id;
    }

    private string? WriteInstance(IndexEntry entry, long series, string time, ref (QueryLevel, RowOwner)? met)
    {
        var (row, file) = (entry.Rows[3]!, entry.File);
        var all = _rows.Instances(row.Uid!);
        var mine = all.Find(instance => instance.Series == series);
        if (mine is null && all.Count > 0)
            met = (QueryLevel.Image, all[0].Owner);
        // A file that has become another instance is no longer what it was.
        var stranger = file is { } && file.Path != mine?.File?.Path ? _rows.AtPath(file.Path) : null;
        if (stranger is { })
        {
            _clearPath.Bind("$id", stranger.Id);
            _clearPath.Run();
        }

        _instance.Bind("$parent", series);
        BindRow(_instance, row, entry.Source, time);
        _instance.Bind("$path", file?.Path);
        _instance.Bind("$size", file?.Size);
        _instance.Bind("$time", file?.LastWriteTimeUtc.Ticks);
        _instance.Bind("$syntax", file?.TransferSyntaxUid);
        _instance.Run();
        Add(instances: mine is null ? 1 : 0);
        if (stranger is { })
        {
            _eraser.Delete(QueryLevel.Image, stranger.Id);
            Forget();
        }

        return file is { } && mine?.File?.Path is { } before && before != file.Path ? before : null;
    }

    private void Add(int studies = 0, int series = 0, int instances = 0, int conflicts = 0) =>
        Added = Added?.Plus(new IndexTotals(studies, series, instances, conflicts));

    /// <summary>
    /// The row's id when it was written a moment ago with the same words, so that only the time of LastSeen would change.
    /// </summary>
    private long? Known(QueryLevel level, string key, Written said)
    {
        // LastSeen is right to the second.
        return _written[(int)level].TryGetValue(key, out var known) && known.Parent == said.Parent && known.Source == said.Source
            && (said.At - known.At).Duration() < TimeSpan.FromSeconds(1) && known.Row.SaysTheSameAs(said.Row) ? known.Id : null;
    }

    private void Remember(QueryLevel level, string key, Written row)
    {
        // Flat memory, however many are written.
        const int most = 2000;
        var written = _written[(int)level];
        if (written.Count >= most)
            written.Clear();
        written[key] = row;
    }

    private static void BindRow(IndexStatement statement, IndexRow row, string? source, string time)
    {
        for (var i = 0; i < row.Values.Length; i++)
            statement.Bind(i, row.Values[i]);
        statement.Bind("$odd", row.IsOdd ? 1L : 0L);
        statement.Bind("$source", source);
        statement.Bind("$now", time);
    }

    private static string InsertText(string table, IReadOnlyList<string> columns, string parent) => $"""
        INSERT INTO {table} ({string.Join(", ", columns)}, {(parent.Length > 0 ? parent + ", " : "")}Odd, Source, FirstSeen, LastSeen)
        VALUES ({string.Join(", ", columns.Select((_, i) => "$v" + i))},
            {(parent.Length > 0 ? "$parent, " : "")}$odd, $source, $now, $now) RETURNING id
        """;

    private static string UpdateText(QueryLevel level, string table, IReadOnlyList<string> columns, string parent) => $"""
        UPDATE {table} SET
            {string.Join(", ", columns.Select(
                (c, i) => $"{c} = {Keep(level, c, table, "$v" + i, name => "$v" + IndexOf(columns, name))}"))},
        {parent} Odd = {Max}(Odd, $odd), Source = coalesce($source, Source), LastSeen = $now WHERE id = $id
        """;

    private static string UpsertText(QueryLevel level)
    {
        var isImage = level == QueryLevel.Image;
        var (table, uid, parent) = isImage ? ("instances", "SOPInstanceUID", "series") : ("series", "SeriesInstanceUID", "study");
        var columns = IndexRow.ColumnsOf(level);
        var files = new[] { "Path", "FileSize", "FileTime", "TransferSyntaxUID" };
        return $"""
            INSERT INTO {table} ({string.Join(", ", columns)}, {parent},
                {(isImage ? string.Join(", ", files) + ", " : "")}Odd, Source, FirstSeen, LastSeen)
            VALUES ({string.Join(", ", columns.Select((_, i) => "$v" + i))}, $parent,
                {(isImage ? "$path, $size, $time, $syntax, " : "")}$odd, $source, $now, $now)
            ON CONFLICT ({uid}, {parent}) DO UPDATE SET
            {string.Join(", ", columns.Where(c => c != uid)
                .Select(c => $"{c} = {Keep(level, c, table, "excluded." + c, name => "excluded." + name)}"))},
            {(isImage ? string.Join(", ", files.Select(c => $"{c} = coalesce(excluded.{c}, {table}.{c})")) + "," : "")}
            Odd = {Max}({table}.Odd, excluded.Odd), Source = coalesce(excluded.Source, {table}.Source), LastSeen = excluded.LastSeen
            {(isImage ? "" : "RETURNING id")}
            """;
    }

    /// <summary>The new content of a column: what is said, else what was known.</summary>
    private static string Keep(QueryLevel level, string column, string table, string said, Func<string, string> saidOf)
    {
        var attribute = IndexAttributes.Of(level).First(a => a.Columns.Contains(column));
        // A key follows its text, also to null, when the text cannot be understood.
        var kept = attribute.Column == column ? $"coalesce({said}, {table}.{column})"
            : $"CASE WHEN {saidOf(attribute.Column)} IS NULL THEN {table}.{column} ELSE {said} END";
        return level == QueryLevel.Study && IndexAttributes.OfPatient.Contains(attribute) && attribute.Column != "PatientID"
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
}
