using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Serialization;

/// <summary>
/// The elements of a dataset's outermost level that are wanted while it flows by: those of the standard up to a tag, sequences and long
/// values
/// left out. What they may hold together is bounded, whatever a peer sends.
/// </summary>
/// <param name="last">The last tag that is wanted; Number of Frames (0028,0008) is kept beside.</param>
internal sealed class KeptElements(DicomTag last)
{
    private const int LongestValue = 64 * 1024, MostBytes = 256 * 1024, MostElements = 4096;

    private readonly List<DicomElement> _elements = [];
    private readonly ValueArena _arena = new();
    private int _bytes;
    private ElementHeader _open;
    private Memory<byte> _value;
    private int _filled;
    private bool _isBigEndian;

    /// <summary>Whether the value of an element is being collected.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Begins to collect an element if it is wanted.</summary>
    /// <param name="header">Its header, of a value with a length.</param>
    /// <param name="form">The spelling around it.</param>
    public void Open(ElementHeader header, DatasetForm form)
    {
        var tag = header.Tag;
        if ((tag > last && tag != Tags.NumberOfFrames) || tag.IsPrivate || tag.IsGroupLength
            || header.Length > LongestValue || header.Length > MostBytes - _bytes || _elements.Count >= MostElements)
            return;

        _open = header;
        _isBigEndian = form.IsBigEndian && header.Vr != Vr.UN;
        _bytes += (int)header.Length;
        _value = _arena.Allocate((int)header.Length);
        _filled = 0;
        IsOpen = true;
        if (header.Length == 0)
            Close();
    }

    /// <summary>Takes the next bytes of the value.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_value.Span.Slice(_filled));
        _filled += bytes.Length;
        if (_filled == _value.Length)
            Close();
    }

    /// <summary>What was kept, with its character set.</summary>
    public DicomDataset ToDataset()
    {
        var dataset = DicomDataset.FromReader(_elements);
        if (dataset.GetStrings(Tags.SpecificCharacterSet) is { Length: > 0 } terms)
            dataset.Text = SpecificCharacterSet.Parse(terms, out _);

        return dataset;
    }

    private void Close()
    {
        IsOpen = false;
        var vr = _open.Vr is Vr.None or Vr.UN ? DicomDictionary.VrOf(_open.Tag) : _open.Vr;
        if (vr is Vr.None or Vr.SQ)
            return;

        _elements.Add(DicomValue.Create(_open.Tag, vr, new DicomBytes(_value), _isBigEndian));
    }
}
