using System.Collections;
using System.Management.Automation;
using DicomPS.Archiving.Serving;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Queries;

namespace DicomPS.Archives;

/// <summary>
/// Turns what comes down a pipeline into items of a worklist: answers of Find-DicomWorklist, hashtables, objects, rows of Import-Csv,
/// datasets.
/// </summary>
internal sealed class WorklistInput
{
    private const int MaximumItems = 100_000, MaximumUnknown = 1000;
    private readonly List<DicomDataset> _items = [];
    private readonly HashSet<DicomDataset> _seen = [];

    private readonly HashSet<string> _unknown = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The items so far.</summary>
    public IReadOnlyList<DicomDataset> Items => _items;

    /// <summary>Columns of rows so far that name no attribute.</summary>
    public IReadOnlyCollection<string> Unknown => _unknown;

    /// <summary>Adds an object.</summary>
    /// <exception cref="DicomException">It is no item.</exception>
    /// <exception cref="ArgumentException">A name is no keyword, or a value does not fit.</exception>
    public void Add(PSObject given)
    {
        var source = given.BaseObject switch
        {
            DicomDataset dataset => dataset,
            WorklistItem item when item.GetDataset() is { } found => found,
            Json.JsonInstance { Dataset: { } read } => read,
            DicomFile file => file.Dataset,
            IDictionary table => Row(table.Keys.Cast<object>().Select(key => (LanguagePrimitives.ConvertTo<string>(key), table[key])),
                isStrict: true),
            string or ValueType or FileSystemInfo => throw new DicomException($"'{given}' is a {given.BaseObject.GetType().Name}.")
            {
                Advice = "Pipe rows of Import-Csv, hashtables, or answers of Find-DicomWorklist; -Worklist takes a folder.",
            },
            _ => Row(given.Properties.Select(property => (property.Name, (object?)property.Value)), isStrict: false,
                isRow: given.BaseObject is PSCustomObject),
        };
        // An answer with several steps comes as an object for each, all with the one dataset.
        if (!_seen.Add(source))
            return;
        _items.AddRange(WorklistItems.Of(source));
        if (_items.Count > MaximumItems)
            throw new DicomException($"A worklist holds {MaximumItems} items, and these are more.");
    }

    private DicomDataset Row(IEnumerable<(string Name, object? Value)> fields, bool isStrict, bool isRow = false)
    {
        var row = new WorklistRow();
        foreach (var (name, given) in fields)
        {
            // Of an object that has more than a worklist needs the rest is left out; in a hashtable every name is meant, and in a row
            // it may be.
            if (WorklistRow.TagOf(name) is not { } tag)
            {
                if (isStrict)
                    _ = QueryKeyTable.TagOf(name);
                if (isRow && _unknown.Count < MaximumUnknown && WorklistRow.IsUnknown(name))
                    _unknown.Add(name);
                continue;
            }

            var value = given is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : given;
            try
            {
                Set(row, tag, value);
            }
            catch (ArgumentException problem)
            {
                throw new ArgumentException($"{name}: {problem.Message}", problem);
            }
        }

        return row.Dataset;
    }

    private static void Set(WorklistRow row, DicomTag tag, object? value)
    {
        if (value is string text)
        {
            row.Set(tag, text);
        }
        else if (value is DateTime moment)
        {
            row.Set(tag, moment);
        }
        else if (value is not null)
        {
            foreach (var element in QueryKeyTable.DatasetOf((IDictionary)new Hashtable { [tag.ToString()] = value }))
                row.Dataset.Add(element);
        }
    }
}
