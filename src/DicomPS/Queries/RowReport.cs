using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>
/// -IncludeMissing: the rows of the pipeline that wait to be asked, and what comes back for each of them. They come back in their order:
/// what answers a later row waits for those before it, up to a number.
/// </summary>
/// <param name="level">What is asked for.</param>
/// <param name="properties">What -Property adds.</param>
/// <param name="write">Writes an object.</param>
internal sealed class RowReport(QueryLevel level, QueryProperties properties, Action<object> write)
{
    // As many answers wait for a row before theirs; then they go out of order, because memory has an end.
    private const int MostWaiting = 4096;

    // A list of UIDs that is one target fails as one.
    private const int LongestList = 100;

    // A key of several values asks for as many rows.
    private static readonly DicomTag[] RowKeys =
    [
        Dictionary.Tags.PatientID, Dictionary.Tags.AccessionNumber, Dictionary.Tags.StudyInstanceUID, Dictionary.Tags.SeriesInstanceUID,
        Dictionary.Tags.SOPInstanceUID,
    ];

    private readonly RowColumns _columns = new(properties.Names);
    private readonly List<Row> _rows = [];
    private readonly List<Target> _targets = [];
    private readonly Dictionary<string, Target> _places = new(StringComparer.Ordinal);
    private int _head;
    private int _waiting;

    /// <summary>How many rows wait to be asked.</summary>
    public int Count => _rows.Count;

    /// <summary>The model of another service that is asked, or null.</summary>
    public ObjectModel? Object { get; init; }

    /// <summary>Whom a row that nobody answers was asked of; null when it was several.</summary>
    public DicomNode? Node { get; set; }

    /// <summary>Puts a row behind the others: several where a key of it has several values.</summary>
    /// <param name="source">The object that came in, or null.</param>
    /// <param name="keys">What it asks.</param>
    /// <param name="problem">Why it is not asked, or null.</param>
    public IEnumerable<bool> Add(PSObject? source, DicomDataset keys, string? problem)
    {
        var columns = _columns.Of(source);
        foreach (var one in Single(keys))
        {
            var row = new Row(one, columns) { Problem = problem };
            _rows.Add(row);
            if (problem is null)
                TargetOf(one).Add(row, UidOf(one));
            yield return true;
        }
    }

    /// <summary>What is to be asked for the rows.</summary>
    /// <param name="answering">How many answer.</param>
    public IReadOnlyList<DicomDataset> Begin(int answering)
    {
        foreach (var target in _targets)
        {
            foreach (var row in target.Rows)
                row.Open = answering;
        }

        return [.. _targets.Select(target => target.Keys(Unique ?? default))];
    }

    /// <summary>Gives an answer to the rows that it is for; one that contradicts their keys is no answer to them.</summary>
    public void Give(QueryFound found, bool isGiven, Func<QueryResult, QueryResult> finish)
    {
        var (target, result) = (_targets[found.Target], found.Result);
        var rows = target.RowsOf(UidOf(result));
        foreach (var row in rows.Length > 0 ? rows : [.. target.Rows])
        {
            if (!isGiven || rows.Length == 0 || !Fits(row, result))
            {
                row.IsDoubted = true;
                continue;
            }

            row.IsFound = true;
            // A copy for each, because what PowerShell adds to an object is with it wherever it goes.
            Put(row, Shape(row, finish(result with { }), found.Local, true, null));
        }
    }

    /// <summary>Says that nothing more comes for a target from one of those that answer.</summary>
    public void End(int target, string? problem)
    {
        foreach (var row in _targets[target].Rows)
        {
            row.Open--;
            row.Problem ??= problem;
        }

        Advance();
    }

    /// <summary>Writes what is left, and forgets the rows.</summary>
    /// <param name="problem">Why rows that are still open have no answer.</param>
    public void Finish(string? problem)
    {
        foreach (var row in _rows.Where(row => row.Open > 0))
        {
            row.Open = 0;
            row.Problem ??= problem ?? "It was not asked to its end.";
        }

        Advance();
        _rows.Clear();
        _targets.Clear();
        _places.Clear();
        _head = 0;
    }

    /// <summary>Says of all rows that one of those who could know was not asked.</summary>
    public void Miss(string problem)
    {
        foreach (var row in _rows)
            row.Problem ??= problem;
    }

    private void Put(Row row, object shaped)
    {
        if (_head < _rows.Count && ReferenceEquals(row, _rows[_head]))
        {
            write(shaped);
            return;
        }

        row.Waiting.Enqueue(shaped);
        if (++_waiting <= MostWaiting)
            return;
        foreach (var later in _rows)
            Flush(later);
    }

    private void Advance()
    {
        while (_head < _rows.Count)
        {
            var row = _rows[_head];
            Flush(row);
            if (row.Open > 0)
                return;
            _head++;
            if (!row.IsFound)
                write(Shape(row, LocalQuery.Nothing(level, row.Keys, Node, Object), null, row.Why is null ? false : null, row.Why));
        }
    }

    private void Flush(Row row)
    {
        while (row.Waiting.Count > 0)
        {
            _waiting--;
            write(row.Waiting.Dequeue());
        }
    }

    // The row's columns first, as in its file; what a result has is never written over.
    private PSObject Shape(Row row, QueryResult result, LocalAnswer? local, bool? found, string? error)
    {
        var shaped = new PSObject(result);
        shaped.TypeNames.Insert(0, $"{result.GetType().FullName}#Row");
        foreach (var (name, value) in row.Columns)
            shaped.Properties.Add(new PSNoteProperty(name, value));
        shaped.Properties.Add(new PSNoteProperty(RowColumns.Found, found));
        shaped.Properties.Add(new PSNoteProperty(RowColumns.Error, error is null ? null : SafeText.Clean(error)));
        foreach (var (name, value) in properties.ValuesOf(result, local))
            shaped.Properties.Add(new PSNoteProperty(name, value));
        return shaped;
    }

    private Target TargetOf(DicomDataset keys)
    {
        var uid = UidOf(keys);
        var text = string.Join("\n", keys.Where(element => uid is null || element.Tag != Unique)
            .Select(element => $"{element.Tag}={keys.GetText(element.Tag)}"));
        var place = uid is null ? text : "\t" + text;
        if (_places.TryGetValue(place, out var known) && (uid is null || known.Uids < LongestList || known.RowsOf(uid).Length > 0))
            return known;
        _targets.Add(known = new Target(keys));
        return _places[place] = known;
    }

    private DicomTag? Unique => level switch
    {
        QueryLevel.Study => Dictionary.Tags.StudyInstanceUID,
        QueryLevel.Series => Dictionary.Tags.SeriesInstanceUID,
        QueryLevel.Image or QueryLevel.Object => Dictionary.Tags.SOPInstanceUID,
        _ => null,
    };

    private string? UidOf(DicomDataset keys) => Unique is { } tag ? keys.GetText(tag) : null;

    private static string? UidOf(QueryResult result) => result switch
    {
        Study study => study.StudyInstanceUID,
        Series series => series.SeriesInstanceUID,
        Instance instance => instance.SOPInstanceUID,
        ServiceObject other => other.SOPInstanceUID,
        _ => null,
    };

    // A peer that passes over a key answers with anybody. Of the IDs that the row names, an answer has the same or none: case and blanks
    // do not count, because peers differ in them.
    private static bool Fits(Row row, QueryResult result) => result switch
    {
        Patient patient => IsSame(row, Dictionary.Tags.PatientID, patient.PatientID),
        Study study => IsSame(row, Dictionary.Tags.PatientID, study.PatientID)
            && IsSame(row, Dictionary.Tags.AccessionNumber, study.AccessionNumber),
        Series series => IsSame(row, Dictionary.Tags.PatientID, series.PatientID),
        Instance instance => IsSame(row, Dictionary.Tags.PatientID, instance.PatientID),
        ServiceObject other => IsSame(row, Dictionary.Tags.PatientID, other.PatientID),
        WorklistItem item => IsSame(row, Dictionary.Tags.PatientID, item.PatientID)
            && IsSame(row, Dictionary.Tags.AccessionNumber, item.AccessionNumber),
        _ => true,
    };

    private static bool IsSame(Row row, DicomTag tag, string? given)
    {
        if (string.IsNullOrWhiteSpace(given) || row.Keys.GetText(tag) is not { } wanted)
            return true;
        var pattern = wanted.Trim().Replace("`", "``").Replace("[", "`[").Replace("]", "`]");
        return new WildcardPattern(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(given!.Trim());
    }

    private static IEnumerable<DicomDataset> Single(DicomDataset keys)
    {
        IEnumerable<DicomDataset> all = [keys];
        foreach (var tag in RowKeys)
        {
            if (keys.GetStrings(tag) is { Length: > 1 } values)
                all = all.SelectMany(one => values.Select(value => With(one, tag, value)));
        }

        return all;
    }

    private static DicomDataset With(DicomDataset keys, DicomTag tag, string value)
    {
        var one = new DicomDataset(keys);
        one.Set(tag, Dictionary.DicomDictionary.VrOf(tag), value);
        return one;
    }

    /// <summary>A row and what is known of it.</summary>
    private sealed class Row(DicomDataset keys, IReadOnlyList<(string Name, object? Value)> columns)
    {
        public DicomDataset Keys { get; } = keys;

        public IReadOnlyList<(string Name, object? Value)> Columns { get; } = columns;

        public Queue<object> Waiting { get; } = new();

        /// <summary>How many may still answer.</summary>
        public int Open { get; set; }

        public bool IsFound { get; set; }

        /// <summary>Whether there were answers that cannot be taken for it.</summary>
        public bool IsDoubted { get; set; }

        public string? Problem { get; set; }

        /// <summary>Why it cannot be said that it is not there; null when it can.</summary>
        public string? Why => Problem ?? (IsDoubted ? "There are answers, and none is seen to fit what was asked for." : null);
    }

    /// <summary>What is asked once for one or more rows.</summary>
    private sealed class Target(DicomDataset keys)
    {
        private readonly Dictionary<string, List<Row>> _byUid = new(StringComparer.Ordinal);

        public List<Row> Rows { get; } = [];

        public int Uids => _byUid.Count;

        public void Add(Row row, string? uid)
        {
            Rows.Add(row);
            if (uid is null)
                return;
            if (!_byUid.TryGetValue(uid, out var rows))
                _byUid[uid] = rows = [];
            rows.Add(row);
        }

        public DicomDataset Keys(DicomTag unique)
        {
            if (_byUid.Count < 2)
                return keys;
            var list = new DicomDataset(keys);
            list.Set(unique, Vr.UI, [.. _byUid.Keys]);
            return list;
        }

        /// <summary>The rows that an answer is for; of a list, those of its UID.</summary>
        public Row[] RowsOf(string? uid) =>
            _byUid.Count < 2 && (uid is null || _byUid.Count == 0 || _byUid.ContainsKey(uid)) ? [.. Rows]
            : uid is not null && _byUid.TryGetValue(uid, out var rows) ? [.. rows] : [];
    }
}
