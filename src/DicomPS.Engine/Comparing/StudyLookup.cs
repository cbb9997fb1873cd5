using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>What a side says of studies that were asked for by their UIDs.</summary>
/// <param name="Found">Those that it has.</param>
/// <param name="Unknown">Of which it gave no full answer, and why.</param>
internal sealed record LookupAnswer(IReadOnlyDictionary<string, ComparedStudy> Found, IReadOnlyDictionary<string, string> Unknown)
{
    /// <summary>Why it cannot be said that a study is not there; null when it can.</summary>
    /// <param name="uid">The study.</param>
    public string? Why(string uid) => Unknown.TryGetValue(uid, out var why) ? why : null;
}

/// <summary>
/// Asks a side for studies by their UIDs alone, whatever else is compared: a study whose day, patient or modality was changed is there.
/// </summary>
/// <param name="options">What is compared.</param>
/// <param name="controls">Studies that both have. In each list, they show that lists are understood, so that it need not be asked one by
/// one.</param>
internal sealed class StudyLookup(ComparisonOptions options, IReadOnlyList<string> controls)
{
    /// <summary>Asks.</summary>
    /// <param name="side">Whom.</param>
    /// <param name="uids">The studies.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<LookupAnswer> AskAsync(ComparedSide side, IEnumerable<string> uids, CancellationToken cancellationToken)
    {
        var wanted = new HashSet<string>(uids, StringComparer.Ordinal);
        var found = new Dictionary<string, ComparedStudy>(StringComparer.Ordinal);
        var unknown = new Dictionary<string, string>(StringComparer.Ordinal);
        if (wanted.Count == 0)
            return new(found, unknown);
        var lists = Lists([.. wanted]);
        var request = new QueryRequest
        {
            Model = options.Request.Model,
            ReturnKeys = options.Keys,
            Targets = [.. lists.Select(list => KeysOf([.. list, .. controls]))],
            TellsTargets = true,
        };
        var why = await side.AskAsync(request, answer =>
        {
            var study = (Study)answer.Result;
            if (study.StudyInstanceUID is { } uid && wanted.Contains(uid))
                found[uid] = WindowBag.Of(study, answer.Query, options.Keys, side.Seen);
        }, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < lists.Count; i++)
        {
            foreach (var uid in why[i] is null ? [] : lists[i])
                unknown[uid] = why[i]!;
        }

        return new(found, unknown);
    }

    private static DicomDataset KeysOf(string[] uids)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, Vr.UI, uids);
        return keys;
    }

    private List<List<string>> Lists(List<string> uids)
    {
        var length = QueryPlan.LongestList - controls.Count;
        var lists = new List<List<string>>();
        for (var at = 0; at < uids.Count; at += length)
            lists.Add(uids.GetRange(at, Math.Min(length, uids.Count - at)));
        return lists;
    }
}
