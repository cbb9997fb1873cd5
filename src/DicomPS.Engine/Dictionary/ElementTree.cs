using System.Globalization;
using DicomPS.Data;

namespace DicomPS.Dictionary;

/// <summary>Lists a dataset with all that is in its sequences, in order. Long values are not read.</summary>
public static class ElementTree
{
    private const int LongestText = 1000;
    private const int MostNumbers = 256;

    /// <summary>One row for each element: a sequence first, then the elements of its items.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="path">The file that it is from, for <see cref="ElementRow.Path"/>.</param>
    public static IEnumerable<ElementRow> List(DicomDataset dataset, string? path = null)
    {
        if (dataset is null)
            throw new ArgumentNullException(nameof(dataset));

        // A stack of our own: an iterator inside an iterator for each level would cost its depth for every row.
        var open = new Stack<Place>();
        open.Push(new Place(dataset, null, "", null));
        while (open.Count > 0)
        {
            var place = open.Peek();
            if (place.Next >= place.Dataset.Count)
            {
                open.Pop();
                if (place.Sequence is { } around && place.Item + 1 < around.Items.Count)
                    open.Push(new Place(around.Items[place.Item!.Value + 1], around, place.Prefix, place.Item + 1));

                continue;
            }

            var element = place.Dataset[place.Next++];
            var where = place.Item is { } item
                ? $"{place.Prefix}[{item.ToString(CultureInfo.InvariantCulture)}].{element.Tag}"
                : element.Tag.ToString();
            yield return Row(element, place, open.Count - 1, where, path);
            if (element is DicomSequence { Items.Count: > 0 } sequence)
                open.Push(new Place(sequence.Items[0], sequence, where, 0));
        }
    }

    private static ElementRow Row(DicomElement element, Place place, int depth, string where, string? path)
    {
        var entry = DicomDictionary.Find(element.Tag);
        var creator = place.Dataset.GetPrivateCreator(element.Tag);
        var (value, count, length) = Describe(element, place.Dataset);
        return new ElementRow
        {
            Tag = element.Tag,
            Keyword = entry is { Keyword.Length: > 0 } ? entry.Keyword : null,
            Name = entry?.Name ?? (creator is not null ? $"[{creator}]" : element.Tag.IsPrivate ? "Private" : "Unknown"),
            VR = element.Vr.ToString(),
            VM = count,
            Value = value,
            Length = length,
            Depth = depth,
            Item = place.Item,
            StartsItem = place.Item is not null && place.Next == 1,
            IsPrivate = element.Tag.IsPrivate,
            PrivateCreator = creator,
            ElementPath = where,
            Path = path,
        };
    }

    private static (string? Value, int Count, long? Length) Describe(DicomElement element, DicomDataset dataset)
    {
        switch (element)
        {
            case DicomSequence sequence:
                return (sequence.Items.Count == 1 ? "1 item" : $"{sequence.Items.Count} items", sequence.Items.Count, null);
            case DicomFragments fragments:
                var total = fragments.OffsetTable.Length;
                foreach (var fragment in fragments.Fragments)
                    total += fragment.Length;

                return ($"{Bytes(total)} in {fragments.Fragments.Count} fragment{(fragments.Fragments.Count == 1 ? "" : "s")}", 1, total);
            case DicomValue { Length: 0 }:
                return (null, 0, 0);
            case DicomValue value when !value.IsInMemory || IsStream(value):
                return (Bytes(value.Length), 1, value.Length);
            default:
                var plain = (DicomValue)element;
                var texts = dataset.GetStrings(element.Tag);
                return texts.Length == 0
                    ? (plain.Vr.IsString() ? null : Bytes(plain.Length), plain.Vr.IsString() ? 0 : 1, plain.Length)
                    : (Shorten(texts), texts.Length, plain.Length);
        }
    }

    // A table of numbers is worth its first ones; bytes and words without a meaning of their own are worth only their count.
    private static bool IsStream(DicomValue value) => value.Vr switch
    {
        Vr.UN => false,
        Vr.OF or Vr.OD or Vr.OL or Vr.OV => value.Length > MostNumbers,
        _ => value.Vr.IsBulk(),
    };

    private static string Shorten(string[] texts)
    {
        var text = texts.Length == 1 ? texts[0] : string.Join("\\", texts.Length > MostNumbers ? texts.Take(MostNumbers) : texts);
        return text.Length > LongestText ? text.Substring(0, LongestText) + "..." : texts.Length > MostNumbers ? text + "\\..." : text;
    }

    private static string Bytes(long count) => count == 1 ? "<1 byte>" : $"<{count.ToString(CultureInfo.InvariantCulture)} bytes>";

    private sealed class Place(DicomDataset dataset, DicomSequence? sequence, string prefix, int? item)
    {
        public DicomDataset Dataset { get; } = dataset;

        public DicomSequence? Sequence { get; } = sequence;

        public string Prefix { get; } = prefix;

        public int? Item { get; } = item;

        public int Next { get; set; }
    }
}
