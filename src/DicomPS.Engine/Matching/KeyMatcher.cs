using DicomPS.Data;

namespace DicomPS.Matching;

/// <summary>One key of an identifier, understood once and then held against many values.</summary>
internal abstract class KeyMatcher(DicomTag tag, Vr vr)
{
    /// <summary>Two quotation marks, which match what is empty when that was agreed on.</summary>
    private const string EmptyValue = "\"\"";

    public DicomTag Tag { get; } = tag;

    public Vr Vr { get; } = vr;

    /// <summary>Whether a value that is absent or empty matches.</summary>
    public bool MatchesEmpty { get; private set; }

    /// <summary>Whether a text, which is not empty, matches: any of its values against any of the key's (PS3.4 C.2.2.3).</summary>
    public abstract bool Matches(string text);

    public virtual bool Matches(DicomDataset dataset) => MatchText.Of(dataset, Tag, Vr) is { } text ? Matches(text) : MatchesEmpty;

    /// <summary>Understands a key; null when it is universal and every value matches, also none (PS3.4 C.2.2.2.3).</summary>
    public static KeyMatcher? Create(DicomElement key, DicomDataset identifier, MatchOptions options)
    {
        var vr = MatchText.VrOf(key);
        if (key is DicomSequence sequence)
            return SequenceKey.Create(sequence, options);
        if (vr == Vr.SQ)
            return null;
        var values = identifier.GetStrings(key.Tag).Select(MatchText.Clean).Select(Composition.Compose).Where(v => v.Length > 0).ToList();
        // A star alone is no pattern in a date or UID, and is sent in them all the same, by clients that mean everything.
        if (values.Count == 0 || values.Any(Wildcard.IsUniversal))
            return null;
        var matchesEmpty = options.EmptyValues && values.Remove(EmptyValue);
        KeyMatcher matcher = vr == Vr.PN ? new NameKey(key.Tag, values, options.FuzzyNames)
            : Moments.Are(vr) ? new MomentKey(key.Tag, vr, values)
            : new TextKey(key.Tag, vr, values);
        matcher.MatchesEmpty = matchesEmpty;
        return matcher;
    }
}

/// <summary>
/// Texts, UIDs and numbers: equal, with wildcards where the VR has them, or in a list (PS3.4 C.2.2.2.1, C.2.2.2.2, C.2.2.2.4).
/// </summary>
internal sealed class TextKey : KeyMatcher
{
    private readonly HashSet<string> _singles;

    public TextKey(DicomTag tag, Vr vr, List<string> values)
        : base(tag, vr)
    {
        if (MatchText.IsNumber(vr))
            values = values.ConvertAll(MatchText.Number);
        Patterns = MatchText.HasWildcards(vr) ? values.FindAll(Wildcard.IsPattern) : [];
        _singles = new HashSet<string>(values.Except(Patterns), StringComparer.Ordinal);
    }

    /// <summary>The values that have no wildcard.</summary>
    public IReadOnlyCollection<string> Singles => _singles;

    /// <summary>The values that have one.</summary>
    public List<string> Patterns { get; }

    public override bool Matches(string text)
    {
        text = Composition.Compose(text);
        if (!Vr.IsMultiValued() || text.IndexOf('\\') < 0)
            return MatchesOne(text);
        return text.Split('\\').Any(MatchesOne);
    }

    private bool MatchesOne(string value) => _singles.Contains(value) || Patterns.Exists(pattern => Wildcard.Matches(pattern, value));
}

/// <summary>
/// Names of persons: without regard to case, any component group, and by sound where that was agreed on (PS3.4 C.2.2.2.1).
/// </summary>
internal sealed class NameKey : KeyMatcher
{
    private readonly List<string[][]> _byGroup = [];

    public NameKey(DicomTag tag, List<string> values, bool isFuzzy)
        : base(tag, Vr.PN)
    {
        foreach (var value in values)
        {
            var groups = NameText.Groups(value);
            if (groups.Length == 1)
                Patterns.AddRange(Spellings(groups[0]));
            else
                _byGroup.Add(Array.ConvertAll(groups, group => Spellings(group).ToArray()));
            if (isFuzzy && NameText.SoundsOf(value).ToArray() is { Length: > 0 } sounds)
                Sounds.Add(sounds);
        }
    }

    /// <summary>The values with one component group, in capitals, with or without wildcards: any group may match.</summary>
    public List<string> Patterns { get; } = [];

    /// <summary>Whether a value has several component groups, each to be held against its like.</summary>
    public bool HasGroups => _byGroup.Count > 0;

    /// <summary>For each value the sounds that a name must have to match; none without fuzzy matching.</summary>
    public List<string[]> Sounds { get; } = [];

    public override bool Matches(string text) => text.Split('\\').Any(MatchesOne);

    private bool MatchesOne(string name)
    {
        if (name.Length == 0)
            return false;
        var groups = NameText.Groups(name);
        if (Patterns.Count > 0
            && (groups.Any(MatchesPattern) || (groups.Length > 1 && MatchesPattern(string.Join("=", groups).TrimEnd('=')))))
            return true;
        if (_byGroup.Exists(key => MatchesGroups(key, groups)))
            return true;
        return Sounds.Count > 0 && NameText.Sounds(name) is var heard
            && Sounds.Exists(key => Array.TrueForAll(key, sound => heard.Contains($" {sound} ")));
    }

    private bool MatchesPattern(string group) => group.Length > 0 && Patterns.Exists(pattern => Wildcard.Matches(pattern, group));

    private static bool MatchesGroups(string[][] key, string[] groups)
    {
        for (var i = 0; i < key.Length; i++)
        {
            // A group that the key leaves open says nothing about the name's.
            if (key[i].Length == 0 || key[i].Any(Wildcard.IsUniversal))
                continue;
            if (i >= groups.Length || !key[i].Any(pattern => Wildcard.Matches(pattern, groups[i])))
                return false;
        }

        return true;
    }

    // Components at the end may be left out (PS3.5 6.2.1.2), so DOE^* also means the DOE who has no given name.
    private static IEnumerable<string> Spellings(string group)
    {
        if (group.Length == 0)
            yield break;
        yield return group;
        while (group.TrimEnd('*') is var shorter && shorter.Length < group.Length && shorter.Length > 1
            && shorter[shorter.Length - 1] == '^')
            yield return group = shorter.TrimEnd('^');
    }
}

/// <summary>Dates, times and both, single or as a range, by meaning (PS3.4 C.2.2.2.1, C.2.2.2.5).</summary>
internal sealed class MomentKey : KeyMatcher
{
    public MomentKey(DicomTag tag, Vr vr, List<string> values)
        : base(tag, vr)
    {
        IsRange = values.Exists(value => value.IndexOf('-') >= 0);
        foreach (var value in values)
        {
            if (Moments.TryRange(vr, value, out var range))
                Ranges.Add(range);
            else
                Others.Add(value);
        }
    }

    /// <summary>The spans of the key, both ends included; an open end is null.</summary>
    public List<(long? From, long? To)> Ranges { get; } = [];

    /// <summary>Values that are no date or time; they match what is spelt just like them.</summary>
    public List<string> Others { get; } = [];

    /// <summary>Whether a value is a range, as its hyphen says.</summary>
    public bool IsRange { get; }

    public override bool Matches(string text) => text.Split('\\').Any(MatchesOne);

    private bool MatchesOne(string value) => Others.Contains(value)
        || (Moments.Of(Vr, value) is { } moment
            && Ranges.Exists(range => (range.From ?? long.MinValue) <= moment && moment <= (range.To ?? long.MaxValue)));
}

/// <summary>A date and the time beside it as one range of moments (PS3.4 C.2.2.2.5.4).</summary>
internal sealed class CombinedKey(DicomTag date, DicomTag time, (long? From, long? To) days, (long? From, long? To) times)
    : KeyMatcher(date, Vr.DA)
{
    public const long LastMoment = (24L * 60 * 60 * 1_000_000) - 1;

    public DicomTag Time { get; } = time;

    /// <summary>The first day and its first moment; null when the start is open.</summary>
    public (long Day, long Time)? From { get; } = days.From is { } day ? (day, times.From ?? 0) : null;

    /// <summary>The last day and its last moment; null when the end is open.</summary>
    public (long Day, long Time)? To { get; } = days.To is { } day ? (day, times.To ?? LastMoment) : null;

    public override bool Matches(string text) => throw new NotSupportedException("A date and a time need their dataset.");

    public override bool Matches(DicomDataset dataset) => MatchText.Of(dataset, Tag, Vr.DA) is { } day
        && Matches(day, MatchText.Of(dataset, Time, Vr.TM));

    /// <summary>Whether a day with its time matches; without a time it began at midnight.</summary>
    public bool Matches(string day, string? time)
    {
        if (Moments.Of(Vr.DA, day.Split('\\')[0]) is not { } d)
            return false;
        var moment = (d, Moments.Of(Vr.TM, time?.Split('\\')[0]) ?? 0);
        return (From is not { } from || moment.CompareTo(from) >= 0) && (To is not { } to || moment.CompareTo(to) <= 0);
    }

    /// <summary>
    /// The pair of keys as one, when both are understood. A single time is a time of any of the days, not the ends of a range.
    /// </summary>
    public static CombinedKey? Create(KeyMatcher date, KeyMatcher time) =>
        date is MomentKey { Vr: Vr.DA, Ranges: [var days], Others.Count: 0, MatchesEmpty: false }
        && time is MomentKey { Vr: Vr.TM, Ranges: [var times], Others.Count: 0, MatchesEmpty: false, IsRange: true }
            ? new CombinedKey(date.Tag, time.Tag, days, times)
            : null;
}

/// <summary>A sequence: some item matches all keys of the key's item (PS3.4 C.2.2.2.6).</summary>
internal sealed class SequenceKey : KeyMatcher
{
    private readonly DatasetMatcher[] _items;

    private SequenceKey(DicomTag tag, DatasetMatcher[] items)
        : base(tag, Vr.SQ) => _items = items;

    public override bool Matches(string text) => throw new NotSupportedException("A sequence has no text.");

    public override bool Matches(DicomDataset dataset) => Matches(dataset.GetItems(Tag));

    public bool Matches(IReadOnlyList<DicomDataset> items)
    {
        foreach (var item in items)
        {
            if (Array.Exists(_items, key => key.Matches(item)))
                return true;
        }

        return false;
    }

    public static SequenceKey? Create(DicomSequence key, MatchOptions options)
    {
        var items = key.Items.Select(item => new DatasetMatcher(item, options)).ToArray();
        return items.Length == 0 || Array.Exists(items, item => item.IsUniversal) ? null : new SequenceKey(key.Tag, items);
    }
}
