using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Queries;

/// <summary>Keys of a query, from parameters and from hashtables.</summary>
internal sealed class QueryKeyTable
{
    public DicomDataset Dataset { get; } = [];

    /// <summary>Adds a key with its values; none, or only empty ones, adds nothing: a row of a CSV has empty texts.</summary>
    public void Add(DicomTag tag, params string?[]? values)
    {
        var given = (values ?? []).Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => value!).ToArray();
        if (given.Length > 0)
            Dataset.Set(tag, DicomDictionary.VrOf(tag), given);
    }

    /// <summary>Adds a key with a range of days.</summary>
    public void Add(DicomTag tag, DicomDateRange? days)
    {
        if (days is { } range)
            Dataset.Set(tag, Vr.DA, range.ToString());
    }

    /// <summary>Adds what a user wrote in a hashtable.</summary>
    /// <exception cref="ArgumentException">A name is no keyword and no tag, or a value does not fit.</exception>
    public void AddTable(IDictionary table)
    {
        Fill(Dataset, table);
        CheckDates(Dataset);
    }

    // The same rule as for -StudyDate; what a peer would make of anything else is a guess.
    private static void CheckDates(DicomDataset keys)
    {
        foreach (var element in keys.ToArray())
        {
            if (element is DicomSequence sequence)
                sequence.Items.ToList().ForEach(CheckDates);
            else if (element.Vr == Vr.DA && keys.GetStrings(element.Tag) is { Length: > 0 } texts
                && !Array.TrueForAll(texts, text => text.Trim().Length == 0))
                keys.Set(element.Tag, Vr.DA, Array.ConvertAll(texts, text => DateText.Typed.Days(text).ToString()));
        }
    }

    /// <summary>The tag that a keyword, in any case, or a tag as text names.</summary>
    /// <exception cref="ArgumentException">It names none.</exception>
    public static DicomTag TagOf(string name)
    {
        var trimmed = name.Trim();
        if (DicomTag.TryParse(trimmed, out var tag))
            return tag;
        var entry = DicomDictionary.Find(trimmed)
            ?? DicomDictionary.All.FirstOrDefault(other => string.Equals(other.Keyword, trimmed, StringComparison.OrdinalIgnoreCase));
        return entry?.Tag ?? throw new KeywordUnknownException(name,
            Spelling.Nearest(trimmed, DicomDictionary.All.Select(known => known.Keyword)));
    }

    /// <summary>A dataset of a hashtable: keywords or tags with values, hashtables for items.</summary>
    /// <exception cref="ArgumentException">A name is no keyword and no tag, or a value does not fit.</exception>
    public static DicomDataset DatasetOf(IDictionary table)
    {
        var dataset = new DicomDataset();
        Fill(dataset, table);
        return dataset;
    }

    /// <summary>A dataset of the properties of an object that are keywords; the others, and those without a value, are left out.</summary>
    /// <exception cref="ArgumentException">A value does not fit.</exception>
    public static DicomDataset DatasetOf(PSObject source)
    {
        var dataset = new DicomDataset();
        foreach (var property in source.Properties)
        {
            if (DicomDictionary.Find(property.Name) is { } known && property.Value is { } value)
                Put(dataset, property.Name, known.Tag, value);
        }

        return dataset;
    }

    private static void Fill(DicomDataset dataset, IDictionary table)
    {
        foreach (System.Collections.DictionaryEntry entry in table)
        {
            var name = LanguagePrimitives.ConvertTo<string>(entry.Key);
            Put(dataset, name, TagOf(name), entry.Value);
        }
    }

    private static void Put(DicomDataset dataset, string name, DicomTag tag, object? given)
    {
        var value = Bare(given);
        var vr = DicomDictionary.VrOf(tag);
        if (vr == Vr.None)
            vr = IsItem(value) ? Vr.SQ : Vr.LO;
        if (vr == Vr.SQ)
            dataset.SetSequence(tag, Items(name, value));
        else if (value is byte[] bytes)
            dataset.Set(tag, vr, bytes);
        else
            dataset.Set(tag, vr, Texts(name, vr, value));
    }

    // An object made in a script has its properties in the wrapper.
    private static object? Bare(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static DicomDataset[] Items(string name, object? value)
    {
        if (value is null or "")
            return [];
        var all = value is IList list ? list.Cast<object?>() : [value];
        return all.Select(one =>
        {
            return Bare(one) switch
            {
                IDictionary table => DatasetOf(table),
                DicomDataset ready => ready,
                PSObject made => DatasetOf(made),
                _ =>
                    throw new ArgumentException(
                        $"{name} is a sequence: its value is a hashtable of keys, such as @{{ CodeValue = 'T-A0100' }}."),
            };
        }).ToArray();
    }

    private static string[] Texts(string name, Vr vr, object? value)
    {
        if (value is null or "")
            return [];
        if (IsItem(value))
            throw new ArgumentException($"{name} is no sequence: its value is a text, a number or a date, not a hashtable.");
        var all = value is IList list ? list.Cast<object?>() : [value];
        return all.Select(one => Text(vr, one is PSObject wrapped ? wrapped.BaseObject : one)).ToArray();
    }

    private static string Text(Vr vr, object? value) => value switch
    {
        DateTime moment => vr switch
        {
            Vr.DA => moment.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            Vr.TM => moment.ToString("HHmmss", CultureInfo.InvariantCulture),
            _ => moment.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
        },
        TimeSpan time when vr == Vr.TM => time.ToString("hhmmss", CultureInfo.InvariantCulture),
        DicomDateRange days => days.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "",
    };

    private static bool IsItem(object? value) =>
        value is IDictionary
            || (value is IList { Count: > 0 } list && (list[0] is PSObject wrapped ? wrapped.BaseObject : list[0]) is IDictionary);
}
