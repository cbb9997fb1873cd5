using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>
/// Element headers of a dataset that is still coming (PS3.5 7.1.2). Where a header is malformed, what stands behind its value decides how
/// it is read; <see cref="ElementHeader.TryRead"/> has the whole input for that, and here the bytes are waited for.
/// </summary>
internal static class FlowHeader
{
    /// <summary>Reads a header.</summary>
    /// <param name="bytes">From the start of the element on, at least 8.</param>
    /// <param name="form">The spelling.</param>
    /// <param name="room">Bytes from the start of the element to the end of what holds it, or the most there is.</param>
    /// <param name="isEnd">Whether nothing follows these bytes.</param>
    /// <param name="needed">How many bytes are needed when there are too few.</param>
    /// <param name="header">The header.</param>
    public static HeaderResult TryRead(ReadOnlySpan<byte> bytes, DatasetForm form, long room, bool isEnd, out int needed,
        out ElementHeader header)
    {
        needed = ElementHeader.MaxSize;
        if (isEnd)
            return LastOf(bytes, form, room, out header);

        var first = bytes[4];
        var second = bytes[5];
        if (!form.IsExplicit || (bytes[0] == 0xFE && bytes[1] == 0xFF) || (bytes[0] == 0xFF && bytes[1] == 0xFE))
            return ElementHeader.TryRead(bytes, form, long.MaxValue, out header);

        var isKnown = VrExtensions.TryParse(first, second, out var vr);
        if (isKnown && !vr.HasLongLength())
            return ElementHeader.TryRead(bytes, form, long.MaxValue, out header);

        var hasLetters = ElementHeader.IsCapital(first) && ElementHeader.IsCapital(second);
        var length = ElementHeader.Length16(bytes, form);
        if ((isKnown && length == 0) || (!isKnown && hasLetters && length != 0))
            return ElementHeader.TryRead(bytes, form, long.MaxValue, out header);

        return Decide(bytes, form, room, hasLetters, isKnown ? vr : Vr.UN, length, out needed, out header);
    }

    /// <summary>Reads a header where the input can be looked into as far as there is any.</summary>
    /// <param name="source">Stands at the element.</param>
    /// <param name="form">The spelling.</param>
    /// <param name="bound">Where what holds the element ends, or the most there is.</param>
    /// <param name="bytes">What was looked at: the header, unless the input ends before.</param>
    /// <param name="header">The header.</param>
    public static HeaderResult Read(ByteSource source, DatasetForm form, long bound, out ReadOnlySpan<byte> bytes, out ElementHeader header)
    {
        var position = source.Position;
        bytes = source.Peek(ElementHeader.MaxSize);
        if (bytes.Length < 8)
            return ElementHeader.TryRead(bytes, form, source.End - position, out header);

        while (true)
        {
            var result = TryRead(bytes, form, Math.Min(bound, source.End) - position, isEnd: false, out var needed, out header);
            if (result != HeaderResult.NeedsMore)
                return result;

            if (bytes.Length < needed && source.Peek(needed) is var more && more.Length > bytes.Length)
            {
                bytes = more;
                continue;
            }

            return LastOf(bytes, form, bound - position, out header);
        }
    }

    // Now the end is known: what a file with these bytes would be read as is what they are.
    private static HeaderResult LastOf(ReadOnlySpan<byte> bytes, DatasetForm form, long room, out ElementHeader header)
    {
        header = default;
        var result = bytes.Length < 8 ? HeaderResult.NeedsMore
            : TryRead(bytes, form, Math.Min(room, bytes.Length), isEnd: false, out _, out header);
        return result == HeaderResult.NeedsMore ? ElementHeader.TryRead(bytes, form, bytes.Length, out header) : result;
    }

    /// <summary>
    /// Two bytes of length, as those write who do not know that a VR has four; or else four: as the VR wants, or as an implicit element
    /// that
    /// went astray into an explicit dataset.
    /// </summary>
    private static HeaderResult Decide(
        ReadOnlySpan<byte> bytes, DatasetForm form, long room, bool hasLetters, Vr vr, uint length, out int needed,
        out ElementHeader header)
    {
        header = default;
        var tag = ElementHeader.ReadTag(bytes, form.IsBigEndian);
        var next = 8 + (int)length;
        needed = next + 8;
        var endsLevel = next == room;
        if (!endsLevel && needed <= room && bytes.Length < needed)
            return HeaderResult.NeedsMore;

        if (endsLevel || (needed <= room && StartsElement(bytes.Slice(next), form, bytes)))
        {
            header = ElementHeader.Create(tag, vr, length, 8, isImplicit: false);
            return HeaderResult.Whole;
        }

        needed = ElementHeader.MaxSize;
        if (bytes.Length < needed)
            return HeaderResult.NeedsMore;

        header = hasLetters
            ? ElementHeader.Create(tag, vr, ElementHeader.Length32(bytes, 8, form), 12, isImplicit: false)
            : ElementHeader.Create(tag, Vr.None, ElementHeader.Length32(bytes, 4, form), 8, isImplicit: true);
        return HeaderResult.Whole;
    }

    /// <summary>Whether bytes are surely the header of an explicit element behind another, or a delimiter.</summary>
    /// <param name="bytes">The bytes, at least 8.</param>
    /// <param name="form">The spelling.</param>
    /// <param name="previous">The header in front of them: who writes one strange VR writes more.</param>
    internal static bool StartsElement(ReadOnlySpan<byte> bytes, DatasetForm form, ReadOnlySpan<byte> previous)
    {
        var tag = ElementHeader.ReadTag(bytes, form.IsBigEndian);
        return tag.Group == 0xFFFE
            ? tag == DicomTag.ItemDelimitation || tag == DicomTag.SequenceDelimitation
            : tag > ElementHeader.ReadTag(previous, form.IsBigEndian)
                && ((ElementHeader.IsCapital(bytes[4]) && ElementHeader.IsCapital(bytes[5]))
                    || (bytes[4] == previous[4] && bytes[5] == previous[5]));
    }
}
