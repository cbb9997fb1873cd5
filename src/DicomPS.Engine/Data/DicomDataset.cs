using System.Collections;

namespace DicomPS.Data;

/// <summary>Data elements in the order of their tags, each tag at most once (PS3.5 7.1).</summary>
/// <remarks>Not safe for writing from several threads; reading from several threads is fine.</remarks>
public sealed partial class DicomDataset : IEnumerable<DicomElement>
{
    private readonly List<DicomElement> _elements;
    private TextCodec? _text;
    private DicomDataset? _parent;

    /// <summary>An empty dataset.</summary>
    public DicomDataset() => _elements = [];

    /// <summary>A dataset of elements in any order; the last of several with the same tag stays.</summary>
    /// <param name="elements">The elements.</param>
    public DicomDataset(IEnumerable<DicomElement> elements)
    {
        _elements = [.. elements ?? throw new ArgumentNullException(nameof(elements))];
        Sort();
        foreach (var element in _elements)
            Adopt(element);
    }

    /// <summary>
    /// The character set of the texts in here: the one set, or that of the dataset around this item, or the default repertoire.
    /// It follows Specific Character Set (0008,0005) when a dataset is read.
    /// </summary>
    public TextCodec Text
    {
        get
        {
            for (var dataset = this; dataset is not null; dataset = dataset._parent)
            {
                if (dataset._text is not null)
                    return dataset._text;
            }

            return TextCodec.Default;
        }
        set => _text = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>How many elements, those inside sequences not counted.</summary>
    public int Count => _elements.Count;

    /// <summary>The element at a place in tag order.</summary>
    internal DicomElement this[int index] => _elements[index];

    /// <summary>Whether the dataset has the element, with or without a value.</summary>
    /// <param name="tag">The tag.</param>
    public bool Contains(DicomTag tag) => IndexOf(tag) >= 0;

    /// <summary>The element, or null when there is none.</summary>
    /// <param name="tag">The tag.</param>
    public DicomElement? Find(DicomTag tag)
    {
        var index = IndexOf(tag);
        return index >= 0 ? _elements[index] : null;
    }

    /// <summary>Puts an element in its place, instead of the one that had the same tag.</summary>
    /// <param name="element">The element.</param>
    public void Add(DicomElement element)
    {
        if (element is null)
            throw new ArgumentNullException(nameof(element));

        Adopt(element);
        var index = _elements.Count > 0 && element.Tag <= _elements[_elements.Count - 1].Tag ? IndexOf(element.Tag) : ~_elements.Count;
        if (index >= 0)
            _elements[index] = element;
        else
            _elements.Insert(~index, element);
    }

    /// <summary>Takes an element out.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(DicomTag tag)
    {
        var index = IndexOf(tag);
        if (index < 0)
            return false;

        _elements.RemoveAt(index);
        return true;
    }

    /// <summary>The elements in tag order.</summary>
    public List<DicomElement>.Enumerator GetEnumerator() => _elements.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator<DicomElement> IEnumerable<DicomElement>.GetEnumerator() => _elements.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _elements.GetEnumerator();

    /// <summary>How many elements there are: what a cell of a table has room for.</summary>
    public override string ToString() => _elements.Count == 1 ? "1 element" : $"{_elements.Count} elements";

    /// <summary>The name that owns a private element: the value of its private creator (PS3.5 7.8.1); null when there is none.</summary>
    /// <param name="tag">A private tag, such as (0029,1010).</param>
    public string? GetPrivateCreator(DicomTag tag) => tag.IsPrivate && tag.Element >= 0x1000
        ? GetString(new DicomTag(tag.Group, (ushort)(tag.Element >> 8)))
        : null;

    /// <summary>The private element that an owner put into a group, whichever block it reserved there (PS3.5 7.8.1).</summary>
    /// <param name="creator">The owner, as it stands in the private creator element.</param>
    /// <param name="group">The odd group.</param>
    /// <param name="element">The lower byte of the element.</param>
    /// <returns>The element, or null when the owner has no block or the block no such element.</returns>
    public DicomElement? FindPrivate(string creator, ushort group, byte element)
    {
        var block = FindPrivateBlock(creator, group);
        return block < 0 ? null : Find(new DicomTag(group, (ushort)((block << 8) | element)));
    }

    /// <summary>The tag for a private element of an owner, reserving a block for the owner when it has none (PS3.5 7.8.1).</summary>
    /// <param name="creator">The owner, up to 64 characters.</param>
    /// <param name="group">The odd group, above 0008.</param>
    /// <param name="element">The lower byte of the element.</param>
    /// <exception cref="ArgumentException">The group is not private.</exception>
    /// <exception cref="InvalidOperationException">All blocks of the group are taken.</exception>
    public DicomTag ReservePrivate(string creator, ushort group, byte element)
    {
        if ((group & 1) == 0 || group <= 8)
            throw new ArgumentException($"Group {group:X4} is not private.", nameof(group));

        var block = FindPrivateBlock(creator, group);
        for (var free = 0x10; block < 0 && free <= 0xFF; free++)
        {
            var owner = new DicomTag(group, (ushort)free);
            if (!Contains(owner))
            {
                Set(owner, Vr.LO, creator);
                block = free;
            }
        }

        return block < 0
            ? throw new InvalidOperationException($"Group {group:X4} has no free private block.")
            : new DicomTag(group, (ushort)((block << 8) | element));
    }

    /// <summary>A dataset of what a reader found, which is nearly always in order already.</summary>
    internal static DicomDataset FromReader(List<DicomElement> elements) => new(elements, default);

    private DicomDataset(List<DicomElement> elements, ValueTuple ownsTheList)
    {
        _ = ownsTheList;
        _elements = elements;
        Sort();
        foreach (var element in _elements)
            Adopt(element);
    }

    private int FindPrivateBlock(string creator, ushort group)
    {
        for (var i = ~IndexOfOrNext(new DicomTag(group, 0x0010)); i < _elements.Count; i++)
        {
            var tag = _elements[i].Tag;
            if (tag.Group != group || tag.Element > 0xFF)
                break;

            if (string.Equals(GetString(tag), creator, StringComparison.Ordinal))
                return tag.Element;
        }

        return -1;
    }

    private int IndexOfOrNext(DicomTag tag)
    {
        var index = IndexOf(tag);
        return index >= 0 ? ~index : index;
    }

    private int IndexOf(DicomTag tag)
    {
        int low = 0, high = _elements.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = _elements[middle].Tag.Value;
            if (found == tag.Value)
                return middle;

            if (found < tag.Value)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    private void Sort()
    {
        var inOrder = true;
        for (var i = 1; i < _elements.Count && inOrder; i++)
            inOrder = _elements[i - 1].Tag < _elements[i].Tag;

        if (inOrder)
            return;

        // A stable order, so that the last of several elements with one tag is the one that stays.
        var sorted = _elements.Select((element, index) => (element, index)).ToArray();
        Array.Sort(sorted, static (a, b) => a.element.Tag == b.element.Tag
            ? a.index.CompareTo(b.index)
            : a.element.Tag.CompareTo(b.element.Tag));
        _elements.Clear();
        foreach (var (element, _) in sorted)
        {
            if (_elements.Count > 0 && _elements[_elements.Count - 1].Tag == element.Tag)
                _elements[_elements.Count - 1] = element;
            else
                _elements.Add(element);
        }
    }

    /// <summary>Items take the character set of the dataset around them (PS3.3 C.12.1.1.2).</summary>
    private void Adopt(DicomElement element)
    {
        if (element is DicomSequence sequence)
        {
            foreach (var item in sequence.Items)
                item._parent = this;
        }
    }
}
