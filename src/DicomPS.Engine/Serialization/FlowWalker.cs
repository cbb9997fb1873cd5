using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>
/// Walks over a dataset while it flows by, from its first byte to its last: every length, every item, every fragment (PS3.5 7). It is
/// lenient
/// where the field is, and strict about the end: what breaks off is an error. Large values are counted and not copied; memory depends on
/// the depth of the sequences alone.
/// </summary>
/// <param name="syntax">The transfer syntax that was agreed; a deflated dataset comes here inflated.</param>
/// <param name="keepThrough">The last tag that <see cref="Kept"/> keeps.</param>
/// <param name="wanted">Which elements it keeps instead, or null.</param>
internal sealed class FlowWalker(TransferSyntax syntax, DicomTag keepThrough, Func<DicomTag, bool>? wanted = null)
{
    private const int MaxDepth = 1000, MostElements = 10_000_000;

    private readonly FlowEnd _end = new(syntax);
    private FlowLevel[] _levels = [new() { Form = DatasetForm.Of(syntax), End = long.MaxValue, Bound = long.MaxValue }, default, default];
    private byte[] _carry = new byte[32];
    private int _depth, _carried, _count, _needed = 8;
    private long _skip, _element;
    private DicomTag _outermost;
    private bool _hasBegun;

    /// <summary>Where the walk is, in bytes from the start of the dataset.</summary>
    public long Position { get; private set; }

    /// <summary>How many elements were met, those inside sequences too.</summary>
    public int Elements => _count;

    /// <summary>The elements that were asked for.</summary>
    public KeptElements Kept { get; } = new(keepThrough, wanted);

    private bool IsOutermost => _depth == 0;

    /// <summary>Walks over the next bytes.</summary>
    /// <exception cref="DicomDataException">They cannot be understood; the walk is over.</exception>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (_carried > 0 && !bytes.IsEmpty)
        {
            var taken = Math.Min(_needed - _carried, bytes.Length);
            Carry(bytes.Slice(0, taken));
            bytes = bytes.Slice(taken);
            if (_carried < _needed)
                return;

            Carried(Walk(_carry.AsSpan(0, _carried), isEnd: false));
        }

        if (!bytes.IsEmpty)
            Carry(bytes.Slice(Walk(bytes, isEnd: false)));
    }

    /// <summary>The dataset ended: so must everything in it.</summary>
    /// <exception cref="DicomDataException">It ends before its lengths say.</exception>
    public void Complete()
    {
        while (_carried > 0)
            Carried(Walk(_carry.AsSpan(0, _carried), isEnd: true));

        if (_skip > 0)
            throw Cut();

        CloseWhatEnded();
        if (Kept.IsInSequence)
            Kept.CloseSequence();
        if (!IsOutermost && !_end.MayLackDelimiter(_levels[_depth], _depth, Kept))
            throw Cut();
    }

    private void Carry(ReadOnlySpan<byte> bytes)
    {
        if (_carry.Length < _carried + bytes.Length || _carry.Length < _needed)
            Array.Resize(ref _carry, Math.Max(_needed, _carried + bytes.Length));

        bytes.CopyTo(_carry.AsSpan(_carried));
        _carried += bytes.Length;
    }

    private void Carried(int used)
    {
        _carry.AsSpan(used, _carried - used).CopyTo(_carry);
        _carried -= used;
    }

    /// <returns>How many bytes were walked over; the rest, too little to go on with, is to be given again with more behind it.</returns>
    private int Walk(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        for (var at = 0; ;)
        {
            if (_skip > 0)
            {
                var step = (int)Math.Min(_skip, bytes.Length - at);
                Pass(bytes.Slice(at, step));
                at += step;
                if (_skip > 0)
                    return at;
            }

            CloseWhatEnded();
            if (Kept.IsInSequence && IsOutermost)
                Kept.CloseSequence();
            var rest = bytes.Slice(at);
            if (_end.IsPadding)
            {
                _end.CheckPadding(rest, Position);
                Position += rest.Length;
                return bytes.Length;
            }

            if (rest.IsEmpty || (rest.Length < _needed && !isEnd))
                return at;

            var used = rest.Length < 8 ? LastBytes(rest)
                : _levels[_depth].Kind == FlowKind.Elements ? StepElement(rest, isEnd)
                : StepItem(rest);
            if (used == 0)
                return isEnd ? throw Cut() : at;

            if (Kept.IsInSequence)
                Kept.AddToSequence(rest.Slice(0, used));
            at += used;
            Position += used;
            _needed = 8;
        }
    }

    private void Pass(ReadOnlySpan<byte> value)
    {
        if (Kept.IsOpen)
            Kept.Add(value);
        if (Kept.IsInSequence)
            Kept.AddToSequence(value);
        if (_levels[_depth].Kind == FlowKind.Fragments)
            _end.SawFragment(value);
        _skip -= value.Length;
        Position += value.Length;
    }

    private void CloseWhatEnded()
    {
        while (_depth > 0 && Position >= _levels[_depth].End)
            _depth--;
    }

    /// <summary>Fewer bytes than any header has, and nothing behind them.</summary>
    private int LastBytes(ReadOnlySpan<byte> rest)
    {
        if (!IsOutermost || !_end.StartsPadding(rest, _hasBegun))
        {
            _element = Position;
            throw Cut();
        }

        return rest.Length;
    }

    private int StepElement(ReadOnlySpan<byte> rest, bool isEnd)
    {
        ref var level = ref _levels[_depth];
        _element = Position;
        if (IsOutermost && _end.StartsPadding(rest.Slice(0, 8), _hasBegun))
            return 8;

        var room = level.Bound - Position;
        if (room < 8)
            throw Error($"An item of {level.Tag} ends in an element");

        if (!_hasBegun)
        {
            if (rest.Length < 16 && !isEnd)
                return Need(16);

            level.Form = FlowSpelling.Check(rest, syntax);
            if (!syntax.IsKnown || DatasetForm.Detect(rest.Slice(0, Math.Min(rest.Length, 16)), level.Form) != level.Form)
                Kept.Doubt();
        }

        switch (FlowHeader.TryRead(rest, level.Form, room, isEnd, out var needed, out var header))
        {
            case HeaderResult.NeedsMore:
                return Need(needed);
            case HeaderResult.Garbage:
                throw Error("These bytes start no data element");
        }

        if (header.Tag.Group == 0xFFFE)
            return StepDelimiter(ref level, header);

        // Ten times what the largest datasets have: nobody is to keep a server busy with what nobody can use.
        if (++_count > MostElements)
            throw Error($"More than {MostElements} elements");

        if (IsOutermost)
            Outermost(header, level.Form);

        if (!header.IsUndefined && header.Size + header.Length > room)
            throw Error($"{header.Tag} is longer than what holds it");

        Enter(ref level, header);
        return header.Size;
    }

    private int Need(int count)
    {
        _needed = count;
        return 0;
    }

    private void Outermost(ElementHeader header, DatasetForm form)
    {
        FlowSpelling.CheckIdentifier(header, form, Position);
        _end.Saw(header, Position);
        // A reader that stops at a tag sees nothing of what stands behind it.
        if ((_hasBegun && header.Tag <= _outermost) || (header.IsImplicit && form.IsExplicit))
            Kept.Doubt();
        _outermost = header.Tag;
        _hasBegun = true;
    }

    /// <summary>Goes into a sequence or fragments, or past a value.</summary>
    private void Enter(ref FlowLevel level, ElementHeader header)
    {
        var known = header.Vr is Vr.None or Vr.UN ? DicomDictionary.VrOf(header.Tag) : header.Vr;
        var isBytes = known is Vr.OB or Vr.OW;
        // UN with a length is not looked into; without one it is a sequence (PS3.5 6.2.2).
        var isSequence = header.Vr == Vr.SQ || (header.Vr == Vr.None && known == Vr.SQ)
            || (header.IsUndefined && header.Vr is Vr.None or Vr.UN && !isBytes);
        if (isSequence)
        {
            if (IsOutermost)
                Kept.OpenSequence(header, level.Form);
            var isUnknown = header.Vr == Vr.UN;
            var form = isUnknown ? DatasetForm.ImplicitLittleEndian
                : header.IsImplicit ? new DatasetForm(false, level.Form.IsBigEndian)
                : level.Form;
            Open(FlowKind.Items, header, form, isUnknown || level.IsInsideUnknown || header.IsImplicit);
        }
        else if (!header.IsUndefined)
        {
            _skip = header.Length;
            if (IsOutermost)
                Kept.Open(header, level.Form);
        }
        else if (isBytes || known.IsBulk())
        {
            Open(FlowKind.Fragments, header, level.Form, false);
        }
        else
        {
            throw Error($"{header.Tag} has no length, which {known} must have");
        }
    }

    private void Open(FlowKind kind, ElementHeader header, DatasetForm form, bool isInsideUnknown)
    {
        if (_depth / 2 >= MaxDepth)
            throw Error($"Sequences are nested deeper than {MaxDepth} levels");

        Push(kind, kind == FlowKind.Elements ? _levels[_depth].Tag : header.Tag, form, isInsideUnknown,
            header.IsUndefined ? long.MaxValue : Position + header.Size + header.Length);
    }

    private void Push(FlowKind kind, DicomTag tag, DatasetForm form, bool isInsideUnknown, long end)
    {
        var bound = Math.Min(end, _levels[_depth].Bound);
        if (++_depth == _levels.Length)
            Array.Resize(ref _levels, _depth * 2);

        _levels[_depth] = new() { Kind = kind, Tag = tag, Form = form, IsInsideUnknown = isInsideUnknown, End = end, Bound = bound };
    }

    /// <summary>A delimiter among elements: one that ends nothing means nothing, as in <see cref="DatasetParser"/>.</summary>
    private int StepDelimiter(ref FlowLevel level, ElementHeader header)
    {
        if (header.Tag == DicomTag.Item || header.Length != 0)
            throw Error($"{header.Tag} stands where an element is due");

        var isOpen = !IsOutermost && level.End == long.MaxValue;
        if (isOpen && header.Tag == DicomTag.SequenceDelimitation)
        {
            // It ends the sequence, and with it the item whose own end was forgotten.
            _depth--;
            return StepItemHeader(header, default);
        }

        if (isOpen && header.Tag == DicomTag.ItemDelimitation)
            _depth--;

        return 8;
    }

    private int StepItem(ReadOnlySpan<byte> rest)
    {
        _element = Position;
        if (_levels[_depth].Bound - Position < 8)
            throw Error($"{_levels[_depth].Tag} ends in an item");

        return ElementHeader.TryRead(rest, _levels[_depth].Form, long.MaxValue, out var header) == HeaderResult.Whole
            ? StepItemHeader(header, rest)
            : throw Error($"No item of {_levels[_depth].Tag}");
    }

    private int StepItemHeader(ElementHeader header, ReadOnlySpan<byte> rest)
    {
        ref var level = ref _levels[_depth];
        if (header.Tag == DicomTag.SequenceDelimitation)
        {
            // One at the end of a sequence of known length is superfluous and does no harm.
            if (level.End == long.MaxValue)
                Close(level);

            return 8;
        }

        if (header.Tag != DicomTag.Item || (level.Kind == FlowKind.Fragments && header.IsUndefined))
            throw Error($"{header.Tag} stands where an item is due");

        if (!header.IsUndefined && 8 + header.Length > level.Bound - Position)
            throw Error($"An item is longer than {level.Tag}");

        if (level.Kind == FlowKind.Fragments)
        {
            _skip = header.Length;
            _end.BeginFragment(_depth, level.Tag);
            return 8;
        }

        var form = level.Form;
        if (level.IsInsideUnknown && header.Length >= 8)
        {
            // Writers that leave explicit elements inside a sequence of UN are met.
            if (rest.Length < 16)
                return Need(16);

            form = DatasetForm.Detect(rest.Slice(8, 8), form);
        }

        Open(FlowKind.Elements, header, form, level.IsInsideUnknown);
        return 8;
    }

    private void Close(FlowLevel level)
    {
        _depth--;
        if (level.Kind == FlowKind.Fragments)
            _end.EndFragments();
    }

    private DicomDataException Cut() =>
        new(IsOutermost && _skip == 0 ? "The data end inside an element" : $"The data end inside {_outermost}", _element);

    private DicomDataException Error(string message) => new(message, _element);
}
