using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Serialization;

/// <summary>
/// The elements of a dataset's outermost level that are wanted while it flows by: those of the standard up to a tag, sequences and long
/// values
/// left out. Or those that somebody asks for by their tags, sequences too. What they may hold together is bounded, whatever a peer sends.
/// </summary>
/// <param name="last">The last tag that is wanted; Number of Frames (0028,0008) is kept beside.</param>
/// <param name="wanted">Which elements are wanted instead, or null.</param>
internal sealed class KeptElements(DicomTag last, Func<DicomTag, bool>? wanted = null)
{
    private const int LongestValue = 64 * 1024, MostBytes = 256 * 1024, MostElements = 4096;

    private readonly List<DicomElement> _elements = [];
    private readonly ValueArena _arena = new();
    private int _bytes;
    private ElementHeader _open;
    private Memory<byte> _value;
    private int _filled;
    private bool _isBigEndian;
    private byte[] _sequence = [];
    private int _sequenceLength;
    private DatasetForm _sequenceForm;

    /// <summary>Whether the value of an element is being collected.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the bytes of a sequence are being collected.</summary>
    public bool IsInSequence { get; private set; }

    /// <summary>
    /// Whether what was kept is what a reader of the file would find of it: nothing wanted was left out, and nothing is spelt so that
    /// the two might take it differently.
    /// </summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Something is strange: who needs it to be right has to read the file.</summary>
    public void Doubt() => IsWhole = false;

    /// <summary>Begins to collect an element if it is wanted.</summary>
    /// <param name="header">Its header, of a value with a length.</param>
    /// <param name="form">The spelling around it.</param>
    public void Open(ElementHeader header, DatasetForm form)
    {
        var tag = header.Tag;
        if (!Wants(tag))
            return;

        if (header.Vr == Vr.UN)
            Doubt();
        if (header.Length > LongestValue || header.Length > MostBytes - _bytes || _elements.Count >= MostElements)
        {
            Doubt();
            return;
        }

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

    /// <summary>Begins to collect the bytes of a sequence, from its header on, if it is wanted.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="form">The spelling around it.</param>
    public void OpenSequence(ElementHeader header, DatasetForm form)
    {
        if (wanted is null || !Wants(header.Tag))
            return;

        IsInSequence = true;
        _sequence = [];
        _sequenceLength = 0;
        _sequenceForm = form;
        if (header.Vr == Vr.UN)
            LeaveSequenceOut();
    }

    /// <summary>Takes the next bytes of the sequence.</summary>
    public void AddToSequence(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Math.Min(LongestValue - _sequenceLength, MostBytes - _bytes))
        {
            LeaveSequenceOut();
            return;
        }

        if (_sequence.Length < _sequenceLength + bytes.Length)
            Array.Resize(ref _sequence, Math.Max(_sequenceLength + bytes.Length, Math.Min(LongestValue, _sequence.Length * 2)));
        bytes.CopyTo(_sequence.AsSpan(_sequenceLength));
        _sequenceLength += bytes.Length;
        _bytes += bytes.Length;
    }

    /// <summary>The sequence is over.</summary>
    public void CloseSequence()
    {
        IsInSequence = false;
        try
        {
            // Its texts are in the character set of what holds it (PS3.5 7.5.3), which came before.
            var read = DatasetReader.Read(_sequence.AsMemory(0, _sequenceLength), _sequenceForm.ToTransferSyntax(),
                new DatasetReaderOptions { FallbackText = Text() ?? TextCodec.Default });
            _elements.AddRange(read);
            IsWhole &= read.Count == 1;
        }
        catch (DicomDataException)
        {
            Doubt();
        }
    }

    /// <summary>What was kept, with its character set.</summary>
    public DicomDataset ToDataset()
    {
        var dataset = DicomDataset.FromReader(_elements);
        if (Text() is { } text)
            dataset.Text = text;

        return dataset;
    }

    private bool Wants(DicomTag tag) =>
        wanted?.Invoke(tag) ?? ((tag <= last || tag == Tags.NumberOfFrames) && !tag.IsPrivate && !tag.IsGroupLength);

    private void LeaveSequenceOut()
    {
        IsInSequence = false;
        Doubt();
    }

    private TextCodec? Text() =>
        _elements.Find(element => element.Tag == Tags.SpecificCharacterSet) is DicomValue value
        && DicomDataset.FromReader([value]).GetStrings(Tags.SpecificCharacterSet) is { Length: > 0 } terms
            ? SpecificCharacterSet.Parse(terms, out _) : null;

    private void Close()
    {
        IsOpen = false;
        var vr = _open.Vr is Vr.None or Vr.UN ? DicomDictionary.VrOf(_open.Tag) : _open.Vr;
        if (vr is Vr.None or Vr.SQ)
            return;

        _elements.Add(DicomValue.Create(_open.Tag, vr, new DicomBytes(_value), _isBigEndian));
    }
}
