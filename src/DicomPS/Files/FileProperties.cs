using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Queries;

namespace DicomPS.Files;

/// <summary>
/// The attributes that -Property asks for, as properties: the same ones in the same order on every object.
/// A path such as ReferencedStudySequence.ReferencedSOPInstanceUID goes into sequences, through all of their items.
/// </summary>
internal sealed class FileProperties
{
    private readonly List<(string Name, DicomTag[] Tags)> _wanted = [];
    private readonly ExtraProperties _extra;

    /// <exception cref="ArgumentException">A name is no keyword and no tag.</exception>
    public FileProperties(IEnumerable<string> names)
    {
        var taken = new HashSet<string>(typeof(FileHeader).GetProperties().Select(property => property.Name),
            StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            DicomTag[] tags = [.. name.Split('.').Select(QueryKeyTable.TagOf)];
            var shown = string.Join(".", tags.Select(DicomDictionary.KeywordOf));
            // What the object has anyway keeps its own name and type.
            if (taken.Add(shown))
                _wanted.Add((shown, tags));
        }

        _extra = new ExtraProperties(_wanted.Select(property => property.Name));
    }

    /// <summary>The last element of a file that is needed for them; null when there are none.</summary>
    public DicomTag? Last => _wanted.Count == 0 ? null : _wanted.Max(property => property.Tags[0]);

    /// <summary>The object with its further properties; the object itself when there are none.</summary>
    public object AddTo(FileHeader header, DicomDataset elements) =>
        _extra.AddTo(header, _wanted.Select(property => Value(elements, property.Tags)));

    private static object? Value(DicomDataset dataset, DicomTag[] tags)
    {
        IEnumerable<DicomDataset> places = [dataset];
        foreach (var sequence in tags.Take(tags.Length - 1))
            places = places.SelectMany(place => place.GetItems(sequence));
        var tag = tags[tags.Length - 1];
        object[] values = [.. places.Select(place => Cell(place, tag)).Where(value => value is not null).Select(value => value!)];
        return values.Length switch
        {
            0 => null,
            1 => values[0],
            _ => string.Join("\\", values.Select(value => LanguagePrimitives.ConvertTo<string>(value))),
        };
    }

    private static object? Cell(DicomDataset place, DicomTag tag) => place.Find(tag) switch
    {
        null => null,
        // A value that was left in the file is too long for a cell.
        DicomValue { IsInMemory: false } value => $"<{value.Length} bytes>",
        DicomValue value when DatasetCell.Of(place, tag, value.Vr) is { } cell => cell,
        DicomValue { Length: > 0 } value when !value.Vr.IsString() => $"<{value.Length} bytes>",
        DicomFragments fragments => $"{fragments.Fragments.Count} fragments",
        var element => DatasetCell.Of(place, tag, element.Vr),
    };
}
