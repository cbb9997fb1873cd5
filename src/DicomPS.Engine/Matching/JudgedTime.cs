using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>
/// A date, a time or both, single or as a range (PS3.4 C.2.2.2.5), held against an answer by meaning. What the answer leaves open, such
/// as the minutes of a time that is an hour, fits only when all of it does, and contradicts only when none of it does.
/// </summary>
internal sealed class JudgedTime : JudgedKey
{
    private readonly List<(long? From, long? To)> _wanted = [];
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly string? _zone;
    private readonly bool _isUnderstood = true;

    public JudgedTime(DicomTag tag, Vr vr, string value, string[] wanted, string? zone)
        : base(tag, vr, value)
    {
        _zone = zone;
        foreach (var text in wanted.Where(text => text.Trim().Length > 0))
        {
            _texts.Add(text.Trim());
            // A range that ends before it begins is asked for by nobody who knows how it is understood.
            if (Moments.TryRange(vr, text, out var range) && !(range.From > range.To))
                _wanted.Add(range);
            else
                _isUnderstood = false;
        }
    }

    public override KeyFinding Find(DicomDataset answer)
    {
        var best = KeyFinding.Absent;
        foreach (var given in answer.GetStrings(Tag))
        {
            if (given.Trim() is not { Length: > 0 } text)
                continue;
            var finding = Find(text);
            if (finding == KeyFinding.Matches)
                return JudgedMoment.InZone(finding, answer, _zone);
            if (best != KeyFinding.Unknown)
                best = finding;
        }

        return JudgedMoment.InZone(best, answer, _zone);
    }

    private KeyFinding Find(string text)
    {
        if (_texts.Contains(text))
            return KeyFinding.Matches;
        if (!Moments.TryRange(Vr, text, out var given) || given.From is not { } first || given.To is not { } last
            || (Vr == Vr.DT && HasOffset(text)))
            return KeyFinding.Unknown;
        var touches = !_isUnderstood;
        foreach (var (from, to) in _wanted)
        {
            if ((from ?? long.MinValue) <= first && last <= (to ?? long.MaxValue))
                return KeyFinding.Matches;
            touches |= (from ?? long.MinValue) <= last && first <= (to ?? long.MaxValue);
        }

        return touches ? KeyFinding.Unknown : KeyFinding.Contradicts;
    }

    // An offset from UTC on one side or both: the same moment may be spelt as another hour, and on another day.
    private bool HasOffset(string text) => text.IndexOfAny(['+', '-']) >= 0 || _texts.Any(one => one.IndexOf('+') >= 0 || Offset(one));

    private static bool Offset(string text) =>
        text.LastIndexOf('-') is var sign and >= 4 && DateTimeText.TryOffset(text.Substring(sign), out _);
}
