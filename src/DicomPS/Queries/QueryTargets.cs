using DicomPS.Data;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>
/// The rows that came through the pipeline and wait to be asked: those that differ in a UID of the level alone become one list.
/// </summary>
internal sealed class QueryTargets
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<DicomDataset> _rows = [];
    private readonly List<List<string>?> _lists = [];
    private DicomTag? _listed;

    /// <summary>How many rows wait.</summary>
    public int Count { get; private set; }

    public void Add(DicomDataset row, QueryLevel level)
    {
        Count++;
        DicomTag? unique = level switch
        {
            QueryLevel.Study => Dictionary.Tags.StudyInstanceUID,
            QueryLevel.Series => Dictionary.Tags.SeriesInstanceUID,
            QueryLevel.Image or QueryLevel.Object => Dictionary.Tags.SOPInstanceUID,
            _ => null,
        };
        var uids = unique is { } tag ? row.GetStrings(tag) : [];
        if (uids.Length == 0)
        {
            if (_seen.Add(Text(row, null)))
            {
                _rows.Add(row);
                _lists.Add(null);
            }

            return;
        }

        _listed = unique;
        var rest = Text(row, unique);
        if (!_places.TryGetValue(rest, out var place))
        {
            place = _places[rest] = _rows.Count;
            _rows.Add(row);
            _lists.Add([]);
        }

        foreach (var uid in uids)
        {
            if (_seen.Add($"{rest}\n{uid}"))
                _lists[place]!.Add(uid);
        }
    }

    /// <summary>Takes all rows out. The same row or UID twice was kept once.</summary>
    public IReadOnlyList<DicomDataset> Drain()
    {
        for (var i = 0; i < _rows.Count; i++)
        {
            if (_lists[i] is { } uids)
                _rows[i].Set(_listed!.Value, Vr.UI, [.. uids]);
        }

        // A row without any key of its own is the query itself, asked once.
        var taken = _rows.Where(row => row.Count > 0).ToArray();
        _places.Clear();
        _seen.Clear();
        _rows.Clear();
        _lists.Clear();
        Count = 0;
        return taken;
    }

    private static string Text(DicomDataset row, DicomTag? without) =>
        string.Join("\n", row.Where(element => element.Tag != without).Select(element => $"{element.Tag}={row.GetText(element.Tag)}"));
}
