using DicomPS.Data;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>The rows that came through the pipeline and wait to be asked: those that differ in a UID of the level alone become one list.</summary>
internal sealed class QueryTargets
{
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<DicomDataset> rows = [];
    private readonly List<List<string>?> lists = [];
    private DicomTag? listed;

    /// <summary>How many rows wait.</summary>
    public int Count { get; private set; }

    public void Add(DicomDataset row, QueryLevel level)
    {
        Count++;
        DicomTag? unique = level switch
        {
            QueryLevel.Study => Dictionary.Tags.StudyInstanceUID,
            QueryLevel.Series => Dictionary.Tags.SeriesInstanceUID,
            QueryLevel.Instance => Dictionary.Tags.SOPInstanceUID,
            _ => null,
        };
        string[] uids = unique is { } tag ? row.GetStrings(tag) : [];
        if (uids.Length == 0)
        {
            if (seen.Add(Text(row, null)))
            {
                rows.Add(row);
                lists.Add(null);
            }

            return;
        }

        listed = unique;
        string rest = Text(row, unique);
        if (!places.TryGetValue(rest, out int place))
        {
            place = places[rest] = rows.Count;
            rows.Add(row);
            lists.Add([]);
        }

        foreach (string uid in uids)
        {
            if (seen.Add($"{rest}\n{uid}"))
                lists[place]!.Add(uid);
        }
    }

    /// <summary>Takes all rows out. The same row or UID twice was kept once.</summary>
    public IReadOnlyList<DicomDataset> Take()
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (lists[i] is { } uids)
                rows[i].Set(listed!.Value, Vr.UI, [.. uids]);
        }

        // A row without any key of its own is the query itself, asked once.
        DicomDataset[] taken = rows.Where(row => row.Count > 0).ToArray();
        places.Clear();
        seen.Clear();
        rows.Clear();
        lists.Clear();
        Count = 0;
        return taken;
    }

    private static string Text(DicomDataset row, DicomTag? without) =>
        string.Join("\n", row.Where(element => element.Tag != without).Select(element => $"{element.Tag}={row.GetText(element.Tag)}"));
}
