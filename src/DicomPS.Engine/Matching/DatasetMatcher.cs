using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>
/// Says whether datasets match the keys of an identifier (PS3.4 C.2.2.2): single values, lists of values, wildcards, ranges,
/// sequences, and names without regard to case. Every value of an attribute that has several is held against the key.
/// </summary>
public sealed class DatasetMatcher
{
    private readonly KeyMatcher[] _keys;

    /// <summary>Understands an identifier.</summary>
    /// <param name="identifier">The keys; those without a value match everything.</param>
    /// <param name="options">What was agreed on.</param>
    public DatasetMatcher(DicomDataset identifier, MatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        _keys = [.. KeysOf(identifier, options ?? MatchOptions.Default)];
    }

    /// <summary>Whether no key has a value, so that everything matches.</summary>
    public bool IsUniversal => _keys.Length == 0;

    /// <summary>Whether a dataset matches all keys.</summary>
    /// <param name="dataset">The dataset, such as a worklist item or the header of an instance.</param>
    public bool Matches(DicomDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Array.TrueForAll(_keys, key => key.Matches(dataset));
    }

    /// <summary>The keys of an identifier that are not universal.</summary>
    internal static List<KeyMatcher> KeysOf(DicomDataset identifier, MatchOptions options)
    {
        var keys = new List<KeyMatcher>();
        foreach (var element in identifier)
        {
            if (IsKey(element.Tag) && KeyMatcher.Create(element, identifier, options) is { } key)
                keys.Add(key);
        }

        if (options.CombinedDateTimes)
            Combine(keys);
        return keys;
    }

    /// <summary>Whether an element of an identifier is a key, and not something about the query itself (PS3.4 C.4.1.1.3.1).</summary>
    internal static bool IsKey(DicomTag tag) => !tag.IsGroupLength && tag != Tags.SpecificCharacterSet && tag != Tags.QueryRetrieveLevel
        && tag != Tags.TimezoneOffsetFromUTC && tag != Tags.RetrieveAETitle && tag != Tags.InstanceAvailability && !tag.IsPrivateCreator;

    private static void Combine(List<KeyMatcher> keys)
    {
        foreach (var date in keys.Where(key => key.Vr == Vr.DA).ToList())
        {
            if (keys.Find(key => key.Tag == TimeBeside(date.Tag)) is { } time && CombinedKey.Create(date, time) is { } both)
            {
                keys[keys.IndexOf(date)] = both;
                keys.Remove(time);
            }
        }
    }

    /// <summary>The time that belongs to a date: their keywords differ in the last word only.</summary>
    internal static DicomTag? TimeBeside(DicomTag date)
    {
        var keyword = DicomDictionary.KeywordOf(date);
        return keyword.EndsWith("Date", StringComparison.Ordinal)
            ? DicomDictionary.Find(keyword.Substring(0, keyword.Length - 4) + "Time") is { Vr: Vr.TM } entry ? entry.Tag : null
            : null;
    }
}
