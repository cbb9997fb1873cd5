using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>A key of a query that answers are held against.</summary>
internal abstract class JudgedKey(DicomTag tag, Vr vr, string value)
{
    public DicomTag Tag { get; } = tag;

    public Vr Vr { get; } = vr;

    /// <summary>What was asked for, as text.</summary>
    public string Value { get; } = value;

    /// <summary>What an answer says about it.</summary>
    public abstract KeyFinding Find(DicomDataset answer);

    /// <summary>Understands a key; null when it has no value, or one that everything matches.</summary>
    public static JudgedKey? Create(DicomElement key, DicomDataset asked, MatchOptions options, string? zone)
    {
        if (KeyMatcher.Create(key, asked, options) is not { } matcher)
            return null;
        var text = asked.GetText(key.Tag) ?? "";
        if (key is DicomSequence sequence)
            return new JudgedSequence(sequence, options, zone);
        if (Moments.Are(matcher.Vr))
            return new JudgedTime(key.Tag, matcher.Vr, text, asked.GetStrings(key.Tag), zone);
        if (matcher.Vr == Vr.UI)
            return new JudgedCode(key.Tag, Vr.UI, text, asked.GetStrings(key.Tag));
        if (key.Tag == Tags.Modality || key.Tag == Tags.ModalitiesInStudy)
            return new JudgedCode(key.Tag, Vr.CS, text, asked.GetStrings(key.Tag));
        return new JudgedText(matcher, text);
    }
}

/// <summary>Names, IDs, descriptions, numbers: what is spelt otherwise may still be meant.</summary>
internal sealed class JudgedText(KeyMatcher matcher, string value) : JudgedKey(matcher.Tag, matcher.Vr, value)
{
    public override KeyFinding Find(DicomDataset answer) =>
        MatchText.Of(answer, Tag, Vr) is not { } text || string.IsNullOrWhiteSpace(text) ? KeyFinding.Absent
        : matcher.Matches(text) ? KeyFinding.Matches
        : KeyFinding.Unknown;
}

/// <summary>
/// UIDs and modalities, which have one spelling (PS3.5 6.2, UI; PS3.3 C.7.3.1.1.1). Several values are any of them, on both sides.
/// </summary>
internal sealed class JudgedCode : JudgedKey
{
    private static readonly char[] Padding = [' ', '\0'];
    private readonly string[] _wanted;
    private readonly bool _canContradict;

    public JudgedCode(DicomTag tag, Vr vr, string value, string[] wanted)
        : base(tag, vr, value)
    {
        _wanted = [.. wanted.Select(Plain).Where(one => one.Length > 0)];
        // A UID with a wildcard is no UID: who knows what a peer makes of it.
        _canContradict = vr != Vr.UI || Array.TrueForAll(_wanted, uid => !Wildcard.IsPattern(uid));
    }

    public override KeyFinding Find(DicomDataset answer)
    {
        var isAbsent = true;
        foreach (var given in answer.GetStrings(Tag))
        {
            var text = Plain(given);
            if (text.Length == 0)
                continue;
            isAbsent = false;
            if (Array.Exists(_wanted, one => Wildcard.Matches(one, text)))
                return KeyFinding.Matches;
        }

        return isAbsent ? KeyFinding.Absent : _canContradict ? KeyFinding.Contradicts : KeyFinding.Unknown;
    }

    private string Plain(string text) => Vr == Vr.UI ? text.Trim(Padding) : text.Trim(Padding).ToUpperInvariant();
}

/// <summary>A sequence: some item fits all keys of the key's item (PS3.4 C.2.2.2.6).</summary>
internal sealed class JudgedSequence(DicomSequence key, MatchOptions options, string? zone) : JudgedKey(key.Tag, Vr.SQ, "")
{
    private readonly AnswerJudge[] _items = [.. key.Items.Select(item => new AnswerJudge(item, options, zone))];

    public override KeyFinding Find(DicomDataset answer)
    {
        var best = KeyFinding.Absent;
        foreach (var item in answer.GetItems(Tag))
        {
            foreach (var judge in _items)
            {
                switch (judge.Judge(item))
                {
                    case true:
                        return KeyFinding.Matches;
                    case null:
                        best = KeyFinding.Unknown;
                        break;
                    default:
                        best = best == KeyFinding.Unknown ? best : KeyFinding.Contradicts;
                        break;
                }
            }
        }

        return best;
    }
}
