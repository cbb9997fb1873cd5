using System.Buffers.Binary;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>What came of looking at the start of an element.</summary>
internal enum HeaderResult
{
    /// <summary>There is a header.</summary>
    Whole,

    /// <summary>The bytes end inside it.</summary>
    NeedsMore,

    /// <summary>These bytes start no element in any spelling.</summary>
    Garbage,
}

/// <summary>Tag, VR and length at the start of an element (PS3.5 7.1.2 and 7.1.3).</summary>
internal readonly struct ElementHeader
{
    /// <summary>The most bytes a header has.</summary>
    public const int MaxSize = 12;

    /// <summary>The length that stands for "until the delimiter" (PS3.5 7.1).</summary>
    public const uint Undefined = 0xFFFFFFFF;

    private ElementHeader(DicomTag tag, Vr vr, uint length, int size, bool isImplicit = false)
    {
        Tag = tag;
        Vr = vr;
        Length = length;
        Size = size;
        IsImplicit = isImplicit;
    }

    public DicomTag Tag { get; }

    /// <summary>The VR as it was spelt; <see cref="Vr.None"/> in implicit form and for items and delimiters.</summary>
    public Vr Vr { get; }

    public uint Length { get; }

    /// <summary>Bytes of the header itself.</summary>
    public int Size { get; }

    /// <summary>Whether no VR was spelt and the dictionary has to tell.</summary>
    public bool IsImplicit { get; }

    public bool IsUndefined => Length == Undefined;

    public static DicomTag ReadTag(ReadOnlySpan<byte> bytes, bool bigEndian) => bigEndian
        ? new DicomTag(BinaryPrimitives.ReadUInt32BigEndian(bytes))
        : new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(2)));

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">From the start of the element on; <see cref="MaxSize"/> bytes where there are as many.</param>
    /// <param name="form">The spelling.</param>
    /// <param name="remaining">Bytes from the start of the element to the end of the input; the most there is when unknown. It decides
    /// between readings of a malformed header.</param>
    /// <param name="header">The header.</param>
    public static HeaderResult TryRead(ReadOnlySpan<byte> bytes, DatasetForm form, long remaining, out ElementHeader header)
    {
        header = default;
        if (bytes.Length < 8)
            return HeaderResult.NeedsMore;

        var tag = ReadTag(bytes, form.IsBigEndian);
        if (tag.Group == 0xFFFE)
        {
            header = new ElementHeader(tag, Vr.None, Length32(bytes, 4, form), 8);
            return HeaderResult.Whole;
        }

        if (!form.IsExplicit)
        {
            header = new ElementHeader(tag, Vr.None, Length32(bytes, 4, form), 8, isImplicit: true);
            return HeaderResult.Whole;
        }

        if (VrExtensions.TryParse(bytes[4], bytes[5], out var vr))
        {
            if (!vr.HasLongLength())
            {
                header = new ElementHeader(tag, vr, Length16(bytes, form), 8);
                return HeaderResult.Whole;
            }

            if (bytes.Length < 12)
                return HeaderResult.NeedsMore;

            header = PreferLong(tag, vr, bytes, form, remaining);
            return HeaderResult.Whole;
        }

        return TryReadUnknownVr(tag, bytes, form, remaining, out header);
    }

    /// <summary>
    /// A VR that this edition does not have is UN; a VR made after 2024 has the long form (PS3.5 7.1.2).
    /// Bytes that are no letters are as a rule an implicit element astray in an explicit dataset.
    /// </summary>
    private static HeaderResult TryReadUnknownVr(DicomTag tag, ReadOnlySpan<byte> bytes, DatasetForm form, long remaining,
        out ElementHeader header)
    {
        header = default;
        if (IsCapital(bytes[4]) && IsCapital(bytes[5]))
        {
            if (bytes[6] != 0 || bytes[7] != 0)
            {
                header = new ElementHeader(tag, Vr.UN, Length16(bytes, form), 8);
                return HeaderResult.Whole;
            }

            if (bytes.Length < 12)
                return HeaderResult.NeedsMore;

            header = PreferLong(tag, Vr.UN, bytes, form, remaining);
            return HeaderResult.Whole;
        }

        var length = Length32(bytes, 4, form);
        var isSequence = DicomDictionary.VrOf(tag) == Vr.SQ;
        if (length == Undefined ? isSequence || tag.IsPrivate : length <= remaining - 8 && length < int.MaxValue)
        {
            header = new ElementHeader(tag, Vr.None, length, 8, isImplicit: true);
            return HeaderResult.Whole;
        }

        if (Length16(bytes, form) <= remaining - 8)
        {
            header = new ElementHeader(tag, Vr.UN, Length16(bytes, form), 8);
            return HeaderResult.Whole;
        }

        return HeaderResult.Garbage;
    }

    /// <summary>The long form; the short one when only that fits into the input and the two reserved bytes are a length.</summary>
    private static ElementHeader PreferLong(DicomTag tag, Vr vr, ReadOnlySpan<byte> bytes, DatasetForm form, long remaining)
    {
        var length = Length32(bytes, 8, form);
        var fits = length == Undefined || length <= remaining - 12;
        var shortLength = Length16(bytes, form);
        return !fits && shortLength != 0 && shortLength <= remaining - 8
            ? new ElementHeader(tag, vr, shortLength, 8)
            : new ElementHeader(tag, vr, length, 12);
    }

    /// <summary>A header whose reading was decided elsewhere.</summary>
    internal static ElementHeader Create(DicomTag tag, Vr vr, uint length, int size, bool isImplicit) =>
        new(tag, vr, length, size, isImplicit);

    internal static bool IsCapital(byte letter) => letter is >= (byte)'A' and <= (byte)'Z';

    internal static uint Length16(ReadOnlySpan<byte> bytes, DatasetForm form) => form.IsBigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(bytes.Slice(6))
        : BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(6));

    internal static uint Length32(ReadOnlySpan<byte> bytes, int at, DatasetForm form) => form.IsBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes.Slice(at))
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(at));
}
