using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>
/// Holds an answer of a peer against the keys that it was asked with (PS3.4 C.2.2.2). A peer may match as it likes where the standard
/// leaves it open: accents, case, leading zeros, issuers, names by sound. So only what cannot be spelt in two ways contradicts a key:
/// UIDs, dates, times and codes of modalities. Everything else fits, or it is not known.
/// </summary>
internal sealed class AnswerJudge
{
    private readonly JudgedKey[] _keys;

    /// <summary>Understands an identifier.</summary>
    /// <param name="asked">The keys as they were sent; those without a value match everything.</param>
    /// <param name="options">What was agreed on.</param>
    /// <param name="zone">The offset from UTC of the times asked for; null when none was named.</param>
    public AnswerJudge(DicomDataset asked, MatchOptions? options = null, string? zone = null)
    {
        var agreed = options ?? MatchOptions.Default;
        zone ??= asked.GetString(Tags.TimezoneOffsetFromUTC);
        var keys = new List<JudgedKey>();
        foreach (var element in asked)
        {
            if (DatasetMatcher.IsKey(element.Tag) && JudgedKey.Create(element, asked, agreed, zone) is { } key)
                keys.Add(key);
        }

        if (agreed.CombinedDateTimes)
            Combine(keys, zone);
        _keys = [.. keys];
    }

    /// <summary>The keys that have a value.</summary>
    public IReadOnlyList<JudgedKey> Keys => _keys;

    /// <summary>Whether an answer fits: no when it contradicts a key, null when a key says nothing.</summary>
    /// <param name="answer">The answer, or the item of a sequence in it.</param>
    /// <param name="findings">Takes what each key found, in the order of <see cref="Keys"/>; null when nobody wants to know.</param>
    public bool? Judge(DicomDataset answer, KeyFinding[]? findings = null)
    {
        bool? verdict = true;
        for (var i = 0; i < _keys.Length; i++)
        {
            var finding = _keys[i].Find(answer);
            if (findings is not null)
                findings[i] = finding;
            if (finding == KeyFinding.Contradicts)
                verdict = false;
            else if (finding != KeyFinding.Matches && verdict == true)
                verdict = null;
        }

        return verdict;
    }

    /// <summary>Two verdicts on one answer as one: no is no, and what is not known leaves the whole unknown.</summary>
    public static bool? Both(bool? one, bool? other) => one == false || other == false ? false : one is null || other is null ? null : true;

    private static void Combine(List<JudgedKey> keys, string? zone)
    {
        foreach (var date in keys.FindAll(key => key.Vr == Vr.DA))
        {
            if (DatasetMatcher.TimeBeside(date.Tag) is { } tag && keys.Find(key => key.Tag == tag) is { } time
                && JudgedMoment.Create(date, time, zone) is { } both)
            {
                keys[keys.IndexOf(date)] = both;
                keys.Remove(time);
            }
        }
    }
}
