using System.Buffers.Binary;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>A header to write, and the value that follows it.</summary>
internal readonly struct WritePart(DicomTag tag, Vr vr, uint length, DicomBytes payload = default, int swap = 1, byte padding = 0)
{
    public DicomTag Tag { get; } = tag;

    /// <summary>The VR to spell; <see cref="Vr.None"/> for items and delimiters.</summary>
    public Vr Vr { get; } = vr;

    public uint Length { get; } = length;

    public DicomBytes Payload { get; } = payload;

    /// <summary>Bytes of a word whose order is turned around; 1 for none.</summary>
    public int Swap { get; } = swap;

    /// <summary>What makes an odd payload even.</summary>
    public byte Padding { get; } = padding;

    public WritePart WithLength(uint length) => new(Tag, Vr, length, Payload, Swap, Padding);
}

/// <summary>
/// Everything that will be written, in order, with all lengths known. Planning first means that what cannot be written
/// is found before the first byte is out, and that writing is one loop whether it waits or not.
/// </summary>
internal sealed class WritePlan
{
    private const int DeepestNesting = 1000;
    private const uint LongestValue = 0xFFFFFFFE;
    private const int LongestShortForm = 0xFFFE;

    private readonly TransferSyntax _syntax;
    private readonly bool _undefinedLengths;
    private readonly List<WritePart> _parts = [];

    private WritePlan(TransferSyntax syntax, DatasetWriterOptions options)
    {
        _syntax = syntax;
        _undefinedLengths = options.UndefinedLengths;
    }

    public IReadOnlyList<WritePart> Parts => _parts;

    /// <summary>Bytes of the whole dataset before deflating.</summary>
    public long TotalLength { get; private set; }

    public static WritePlan Create(DicomDataset dataset, TransferSyntax syntax, DatasetWriterOptions? options)
    {
        var plan = new WritePlan(syntax, options ?? DatasetWriterOptions.Default);
        plan.TotalLength = plan.AddDataset(dataset, 0);
        return plan;
    }

    public int HeaderSize(Vr vr) => vr != Vr.None && _syntax.IsExplicitVr && vr.HasLongLength() ? 12 : 8;

    private long AddDataset(DicomDataset dataset, int depth)
    {
        if (depth > DeepestNesting)
            throw new InvalidOperationException($"The dataset is nested deeper than {DeepestNesting} levels; an item may hold itself.");

        long total = 0;
        var groupLengthAt = -1;
        long groupStart = 0;
        ushort group = 0;
        for (var i = 0; i < dataset.Count; i++)
        {
            var element = dataset[i];
            if (groupLengthAt >= 0 && element.Tag.Group != group)
            {
                SetGroupLength(groupLengthAt, total - groupStart);
                groupLengthAt = -1;
            }

            if (element.Tag.IsGroupLength)
            {
                // Group lengths are retired but for command sets and meta information (PS3.5 7.2, PS3.7 6.3, PS3.10 7.1).
                if (depth == 0 && element.Tag.Group is 0 or 2)
                {
                    group = element.Tag.Group;
                    groupLengthAt = _parts.Count;
                    total += Add(new WritePart(element.Tag, Vr.UL, 4, new DicomBytes(new byte[4])));
                    groupStart = total;
                }

                continue;
            }

            total += AddElement(dataset, element, depth);
        }

        if (groupLengthAt >= 0)
            SetGroupLength(groupLengthAt, total - groupStart);

        return total;
    }

    private void SetGroupLength(int index, long length)
    {
        var bytes = new byte[4];
        if (_syntax.IsBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, checked((uint)length));
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, checked((uint)length));

        _parts[index] = new WritePart(_parts[index].Tag, Vr.UL, 4, new DicomBytes(bytes));
    }

    private long AddElement(DicomDataset dataset, DicomElement element, int depth) => element switch
    {
        DicomValue value => AddValue(value, dataset.Text),
        DicomSequence sequence => AddSequence(sequence, depth),
        DicomFragments fragments => AddFragments(fragments),
        _ => throw new InvalidOperationException($"{element} cannot be written."),
    };

    private long AddValue(DicomValue value, TextCodec text)
    {
        var vr = value.Vr;
        if (vr is Vr.None or Vr.SQ || value.Tag.Group == 0xFFFE)
            throw new InvalidOperationException($"{value} cannot be written as a value.");

        var payload = value.IsUnencodedText ? new DicomBytes(Encode(value, text))
            : value.Range is { } range ? new DicomBytes(range)
            : new DicomBytes(value.Bytes);
        var length = payload.Length + (payload.Length & 1);
        if (length > LongestValue)
            throw new InvalidOperationException($"{value.Tag} has {payload.Length} bytes, more than a length can say.");

        var written = vr;
        if (_syntax.IsExplicitVr && !vr.HasLongLength() && length > LongestShortForm)
        {
            // PS3.5 6.2.2: what the 16-bit length cannot say is spelt as UN.
            written = Vr.UN;
        }

        var bigEndian = _syntax.IsBigEndian && written != Vr.UN;
        var swap = vr.UnitSize() > 1 && bigEndian != value.IsBigEndian ? vr.UnitSize() : 1;
        return Add(new WritePart(value.Tag, written, (uint)length, payload, swap, vr.PaddingByte()));
    }

    private static ReadOnlyMemory<byte> Encode(DicomValue value, TextCodec text)
    {
        try
        {
            return value.Encode(text);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"{value.Tag} cannot be written: {e.Message}", e);
        }
    }

    private long AddSequence(DicomSequence sequence, int depth)
    {
        // In implicit form only a missing length tells that an element unknown to the dictionary is a sequence.
        var undefined = _undefinedLengths || (!_syntax.IsExplicitVr && DicomDictionary.VrOf(sequence.Tag) != Vr.SQ);
        var at = _parts.Count;
        long content = 0;
        Add(new WritePart(sequence.Tag, Vr.SQ, ElementHeader.Undefined));
        foreach (var item in sequence.Items)
        {
            var itemAt = _parts.Count;
            content += Add(new WritePart(DicomTag.Item, Vr.None, ElementHeader.Undefined));
            var length = AddDataset(item, depth + 1);
            content += length;
            if (undefined)
                content += Add(new WritePart(DicomTag.ItemDelimitation, Vr.None, 0));
            else
                SetLength(itemAt, length, sequence.Tag);
        }

        if (undefined)
            content += Add(new WritePart(DicomTag.SequenceDelimitation, Vr.None, 0));
        else
            SetLength(at, content, sequence.Tag);

        return HeaderSize(Vr.SQ) + content;
    }

    private void SetLength(int index, long length, DicomTag tag) => _parts[index] = length <= LongestValue
        ? _parts[index].WithLength((uint)length)
        : throw new InvalidOperationException($"{tag} has {length} bytes, more than a length can say. Write it with undefined lengths.");

    private long AddFragments(DicomFragments fragments)
    {
        if (!_syntax.IsEncapsulated)
        {
            throw new InvalidOperationException(
                $"{fragments.Tag} is encapsulated, which {_syntax.Name} cannot carry. Decompressing is not done here.");
        }

        var total = Add(new WritePart(fragments.Tag, fragments.Vr, ElementHeader.Undefined));

        // Padding a fragment moves those after it, so a table over odd ones would point wrong; none is allowed (PS3.5 A.4).
        var moved = false;
        foreach (var fragment in fragments.Fragments)
            moved |= (fragment.Length & 1) != 0;

        total += AddFragment(moved ? default : fragments.OffsetTable, fragments.Tag);
        foreach (var fragment in fragments.Fragments)
            total += AddFragment(fragment, fragments.Tag);

        return total + Add(new WritePart(DicomTag.SequenceDelimitation, Vr.None, 0));
    }

    private long AddFragment(DicomBytes bytes, DicomTag tag)
    {
        var length = bytes.Length + (bytes.Length & 1);
        return length <= LongestValue
            ? Add(new WritePart(DicomTag.Item, Vr.None, (uint)length, bytes))
            : throw new InvalidOperationException($"A fragment of {tag} has {bytes.Length} bytes, more than a length can say.");
    }

    private long Add(WritePart part)
    {
        _parts.Add(part);
        return HeaderSize(part.Vr) + part.Payload.Length + (part.Payload.Length & 1);
    }
}
