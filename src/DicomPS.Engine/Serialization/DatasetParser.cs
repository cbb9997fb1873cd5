using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Serialization;

/// <summary>How reading ended.</summary>
internal enum ParseOutcome
{
    /// <summary>The dataset was whole.</summary>
    Complete,

    /// <summary>A tag at or after the one to stop at was met.</summary>
    ReachedStop,

    /// <summary>The input ended inside an element.</summary>
    Truncated,
}

/// <summary>
/// Reads a dataset element by element. Open sequences and items are frames in a list and not calls on the stack,
/// so that no nesting can exhaust it.
/// </summary>
internal sealed partial class DatasetParser
{
    private const int CountedAtOnce = 1000, BytesForElement = 100;

    private readonly ByteSource _source;
    private readonly DatasetReaderOptions _options;
    private readonly List<ParserFrame> _frames = [];
    private readonly uint _stopAt;
    private int _count;
    private DicomTag? _last;

    public DatasetParser(ByteSource source, DatasetForm form, DatasetReaderOptions options)
    {
        _source = source;
        _options = options;
        _stopAt = options.StopAt?.Value ?? uint.MaxValue;
        Form = form;
        _frames.Add(ParserFrame.Outermost(form, source.End));
    }

    /// <summary>The form of the outermost level.</summary>
    public DatasetForm Form { get; }

    /// <summary>Whether a value of odd length was met (PS3.5 7.1.1 wants it even).</summary>
    public bool HasOddValues { get; private set; }

    /// <summary>Where the element began that the input ended in.</summary>
    public long TruncatedAt { get; private set; }

    /// <summary>Reads until the end, the tag to stop at, or the end of the input.</summary>
    /// <exception cref="DicomDataException">The bytes cannot be understood.</exception>
    public ParseOutcome Run()
    {
        while (true)
        {
            var frame = _frames[_frames.Count - 1];
            if (_source.Position >= frame.End)
            {
                if (_frames.Count == 1)
                    return ParseOutcome.Complete;

                Close(frame);
                continue;
            }

            var outcome = frame.IsSequence ? ReadItem(frame) : ReadElement(frame);
            if (outcome is { } ended)
                return ended;
        }
    }

    /// <summary>The dataset of what was read; sequences that the input ended in keep their whole items.</summary>
    /// <param name="keepPartial">Whether a sequence that is not whole is kept.</param>
    public DicomDataset ToDataset(bool keepPartial)
    {
        while (keepPartial && _frames.Count > 1)
            Close(_frames[_frames.Count - 1]);

        return Build(_frames[0]);
    }

    private ParseOutcome? ReadElement(ParserFrame frame)
    {
        var position = _source.Position;
        var result = FlowHeader.Read(_source, frame.Form, frame.Bound, out var bytes, out var header);
        if (bytes.IsEmpty && _frames.Count == 1)
            return ParseOutcome.Complete;

        if (_frames.Count == 1)
        {
            if (TrailingBytes.Starts(bytes, header, result, _last))
                return ParseOutcome.Complete;

            if (result == HeaderResult.Whole && header.Tag.Value >= _stopAt && header.Tag.Group != 0xFFFE)
                return ParseOutcome.ReachedStop;
        }

        if (result == HeaderResult.NeedsMore)
            return Truncated(position);

        if (result == HeaderResult.Garbage)
            throw _source.Error("These bytes start no data element", position);

        if (position + header.Size > frame.Bound)
            throw _source.Error("An element begins at the end of the item that holds it", position);

        if (header.Tag.Group == 0xFFFE)
            return ReadDelimiter(frame, header, position);

        // Also of what is not wanted: where the dataset ends does not depend on what is kept of it.
        if (_frames.Count == 1)
            _last = header.Tag;

        if (_frames.Count == 1 && _options.Wanted is { } wanted && !wanted(header.Tag))
            return PassOver(frame, header, position);

        Count(position);
        var vr = VrResolver.Resolve(header, frame);
        if (vr == Vr.SQ && (header.Vr != Vr.UN || header.IsUndefined || StartsWithItem(header)))
            return OpenSequence(frame, header, position);

        if (header.IsUndefined)
        {
            return vr.IsBulk()
                ? ReadFragments(frame, header, header.Vr is Vr.None or Vr.UN ? Vr.OB : vr, position)
                : throw _source.Error($"{header.Tag} has no length, which {vr} must have", position);
        }

        return ReadValue(frame, header, vr == Vr.SQ ? Vr.UN : vr, position);
    }

    private ParseOutcome? ReadValue(ParserFrame frame, ElementHeader header, Vr vr, long position)
    {
        CheckBound(frame, header, position);
        if (!_source.TrySkip(header.Size) || !_source.TryRead(header.Length, out var bytes))
            return Truncated(position);

        HasOddValues |= header.Length % 2 != 0;
        // UN is spelt as in implicit little endian, whatever is around it (PS3.5 6.2.2).
        var value = DicomValue.Create(header.Tag, vr, bytes, frame.Form.IsBigEndian && header.Vr != Vr.UN);
        if (header.Tag == Tags.PixelRepresentation && header.Length == 2 && value.IsInMemory)
            frame.PixelRepresentation = value.Bytes.Span[value.IsBigEndian ? 1 : 0];
        else if (header.Tag == Tags.SpecificCharacterSet)
            frame.HasCharacterSet = true;

        frame.Elements.Add(value);
        return null;
    }

    private void Count(long position)
    {
        if (++_count > _options.MaxElements)
            throw _options.TooManyElements?.Invoke()
                ?? _source.Error($"The dataset has more than {_options.MaxElements} elements", position);

        if (_count % CountedAtOnce == 0)
            _options.Charge?.Invoke(CountedAtOnce * BytesForElement);
    }

    private ParseOutcome? OpenSequence(ParserFrame frame, ElementHeader header, long position)
    {
        if (_frames.Count / 2 >= _options.MaxDepth)
            throw _source.Error($"Sequences are nested deeper than {_options.MaxDepth} levels, which is the limit", position);

        if (!header.IsUndefined)
            CheckBound(frame, header, position);

        if (!_source.TrySkip(header.Size))
            return Truncated(position);

        var unknown = header.Vr == Vr.UN;
        var form = unknown || header.IsImplicit ? new DatasetForm(false, frame.Form.IsBigEndian && !unknown) : frame.Form;
        var end = header.IsUndefined ? long.MaxValue : _source.Position + header.Length;
        _frames.Add(ParserFrame.Sequence(frame, header.Tag, position, end, form, unknown || frame.IsInsideUnknown || header.IsImplicit));
        return null;
    }

    private ParseOutcome? ReadItem(ParserFrame sequence)
    {
        var position = _source.Position;
        if (ElementHeader.TryRead(_source.Peek(8), sequence.Form, _source.End - position, out var header) == HeaderResult.NeedsMore)
        {
            // The last delimiter of a dataset is missing in some: then nothing follows at all.
            if (_frames.Count != 2 || sequence.End != long.MaxValue || !IsWholeInput())
                return Truncated(position);

            Close(sequence);
            return null;
        }

        if (position + 8 > sequence.Bound)
            throw _source.Error($"An item begins at the end of {sequence.Tag}", position);

        if (header.Tag == DicomTag.SequenceDelimitation)
        {
            // One at the end of a sequence of known length is superfluous and does no harm.
            _source.TrySkip(8);
            if (sequence.End == long.MaxValue)
                Close(sequence);

            return null;
        }

        if (header.Tag != DicomTag.Item)
            throw _source.Error($"{header.Tag} stands where an item of {sequence.Tag} should begin", position);

        if (!header.IsUndefined)
            CheckBound(sequence, header, position);

        if (!_source.TrySkip(8))
            return Truncated(position);

        Count(position);
        var item = ParserFrame.Item(sequence, position, header.IsUndefined ? long.MaxValue : _source.Position + header.Length);
        if (sequence.IsInsideUnknown)
        {
            // Writers that leave explicit elements inside a sequence of UN are met.
            item.Form = DatasetForm.Detect(_source.Peek(8), sequence.Form);
        }

        _frames.Add(item);
        return null;
    }

    private ParseOutcome? ReadDelimiter(ParserFrame frame, ElementHeader header, long position)
    {
        if (header.Tag == DicomTag.Item || header.Length != 0)
            throw _source.Error($"{header.Tag} stands where an element should begin", position);

        // The end of the sequence also ends an item whose own end was forgotten; elsewhere a stray delimiter means nothing.
        if (header.Tag == DicomTag.SequenceDelimitation && frame.End == long.MaxValue && _frames.Count > 1)
        {
            Close(frame);
            return null;
        }

        _source.TrySkip(8);
        if (header.Tag == DicomTag.ItemDelimitation && frame.End == long.MaxValue && _frames.Count > 1)
            Close(frame);

        return null;
    }

    private void Close(ParserFrame frame)
    {
        _frames.RemoveAt(_frames.Count - 1);
        var parent = _frames[_frames.Count - 1];
        if (frame.IsSequence)
            parent.Elements.Add(new DicomSequence(frame.Tag, frame.Items));
        else
            parent.Items.Add(Build(frame));
    }

    private DicomDataset Build(ParserFrame frame)
    {
        var dataset = DicomDataset.FromReader(frame.Elements);
        if (frame.HasCharacterSet)
        {
            // Present and empty is the default repertoire as much as absent is (PS3.3 C.12.1.1.2).
            // What is too long to be held in memory names no character set.
            var terms = dataset.Find(Tags.SpecificCharacterSet) is DicomValue { IsInMemory: false } ? []
                : dataset.GetStrings(Tags.SpecificCharacterSet);
            dataset.Text = terms.Length == 0 ? _options.FallbackText : SpecificCharacterSet.Parse(terms, out _);
        }
        else if (_frames.Count == 1 && ReferenceEquals(frame, _frames[0]) && !ReferenceEquals(_options.FallbackText, TextCodec.Default))
        {
            dataset.Text = _options.FallbackText;
        }

        return dataset;
    }

    private void CheckBound(ParserFrame frame, ElementHeader header, long position)
    {
        // Beyond the end of the input is the caller's case of a file cut short; beyond the end of an item is an error.
        if (frame.Bound != _source.End && position + header.Size + header.Length > frame.Bound)
            throw _source.Error($"{header.Tag} declares {header.Length} bytes, more than what holds it has left", position);
    }

    private bool StartsWithItem(ElementHeader header)
    {
        if (header.Length == 0)
            return true;

        var bytes = _source.Peek(header.Size + 4);
        return header.Length >= 8 && bytes.Length == header.Size + 4
            && ElementHeader.ReadTag(bytes.Slice(header.Size), false) == DicomTag.Item;
    }

    private ParseOutcome Truncated(long position)
    {
        TruncatedAt = position;
        return ParseOutcome.Truncated;
    }
}
