using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>Goes from element to element to the end of a dataset without reading a value, to see that all of it is there.</summary>
internal static class DatasetWalker
{
    /// <summary>Walks on from an element of the outermost level.</summary>
    /// <param name="source">Stands at the element.</param>
    /// <param name="form">The form of the outermost level.</param>
    /// <param name="maxDepth">How deep sequences of undefined length may be nested; those that say their length are stepped over.</param>
    /// <param name="isOdd">Set when a value of odd length is met; sequences that say their length are not looked into.</param>
    /// <param name="syntax">The transfer syntax, where it is known: some streams of pixels end with a marker.</param>
    /// <param name="isImage">Whether pixels are due: then a sequence before them does not end the dataset.</param>
    /// <returns>Where the dataset ends; what follows there belongs to no element.</returns>
    /// <exception cref="DicomDataException">The input ends inside an element, or the bytes cannot be understood.</exception>
    public static long SkipToEnd(ByteSource source, DatasetForm form, int maxDepth, ref bool isOdd, TransferSyntax? syntax = null,
        bool isImage = false)
    {
        DicomTag? last = null;
        var frames = 1;
        while (true)
        {
            var position = source.Position;
            var result = FlowHeader.Read(source, form, source.End, out var bytes, out var header);
            if (bytes.IsEmpty)
                return position;

            if (TrailingBytes.Starts(bytes, header, result, last))
                return position;

            if (result == HeaderResult.Whole && header.Tag == Tags.NumberOfFrames && header.Length is > 0 and < 16)
                frames = FramesAt(source.Peek(header.Size + (int)header.Length), header.Size);

            var missing = header.Tag == Tags.PixelData ? frames : isImage && last is null or { Value: < 0x7FE00010 } ? int.MaxValue : 0;
            Skip(source, form, header, result, position, maxDepth, missing, syntax, ref isOdd);
            last = header.Tag.Group == 0xFFFE ? last : header.Tag;
        }
    }

    /// <summary>Goes past one element, whose header was read.</summary>
    internal static void Skip(ByteSource source, DatasetForm form, ElementHeader header, HeaderResult result, long position, int maxDepth,
        int frames, TransferSyntax? syntax, ref bool isOdd)
    {
        Require(result, source, position);
        Skip(source, header.Size, position);
        if (header.Tag.Group == 0xFFFE)
        {
            if (header.Tag == DicomTag.Item || header.Length != 0)
                throw source.Error($"{header.Tag} stands where an element should begin", position);
        }
        else if (!header.IsUndefined)
        {
            isOdd |= header.Length % 2 != 0;
            Skip(source, header.Length, position);
        }
        else if (HoldsFragments(header))
        {
            SkipFragments(source, form, position, ref isOdd, frames, syntax);
        }
        else
        {
            SkipSequence(source, FormInside(header, form), header, position, maxDepth, mayLackEnd: frames == 0, ref isOdd);
        }
    }

    private static int FramesAt(ReadOnlySpan<byte> element, int size)
    {
        var frames = 0;
        foreach (var digit in element.Slice(size))
        {
            if (digit is >= (byte)'0' and <= (byte)'9' && frames < 100_000_000)
                frames = frames * 10 + digit - '0';
        }

        return Math.Max(1, frames);
    }

    /// <summary>
    /// Items of bytes until the delimiter (PS3.5 A.4), which may be missing at the end of the input when there is a fragment for each
    /// frame.
    /// </summary>
    private static void SkipFragments(ByteSource source, DatasetForm form, long position, ref bool isOdd, int frames = int.MaxValue,
        TransferSyntax? syntax = null)
    {
        var isEnded = true;
        for (var fragments = -1; ; fragments++)
        {
            var at = source.Position;
            if (isEnded && fragments >= frames && frames > 0 && source.Peek(1).IsEmpty)
                return;

            Require(ElementHeader.TryRead(source.Peek(8), form, source.End - at, out var item), source, position);
            Skip(source, 8, position);
            if (item.Tag == DicomTag.SequenceDelimitation)
                return;

            if (item.Tag != DicomTag.Item || item.IsUndefined)
                throw source.Error($"{item.Tag} stands where a fragment should begin", at);

            isOdd |= item.Length % 2 != 0;
            var tail = source.Position + item.Length == source.End && syntax is not null && FlowEnd.EndsWithMarker(syntax)
                ? Math.Min(4, item.Length) : 0;
            Skip(source, item.Length - tail, position);
            if (tail > 0)
            {
                isEnded = FlowEnd.HasEndMarker(source.Peek((int)tail));
                Skip(source, tail, position);
            }
        }
    }

    /// <summary>Items until the delimiter. Sequences and items of undefined length inside take turns on a stack of their forms.</summary>
    private static void SkipSequence(ByteSource source, DatasetForm form, ElementHeader opened, long start, int maxDepth, bool mayLackEnd,
        ref bool isOdd)
    {
        CheckSequence(opened, source, start);
        var open = new Stack<(bool IsSequence, DatasetForm Form)>();
        open.Push((true, form));
        while (open.Count > 0)
        {
            var (isSequence, current) = open.Peek();
            var at = source.Position;
            if (mayLackEnd && open.Count == 1 && source.Peek(1).IsEmpty)
                return;

            var result = FlowHeader.Read(source, current, source.End, out _, out var header);
            Require(result, source, start);
            if (header.Tag.Group == 0xFFFE)
            {
                SkipDelimiter(source, open, header, at, start, ref isOdd);
                continue;
            }

            if (isSequence)
                throw source.Error($"{header.Tag} stands where an item should begin", at);

            Skip(source, header.Size, start);
            if (!header.IsUndefined)
            {
                isOdd |= header.Length % 2 != 0;
                Skip(source, header.Length, start);
            }
            else if (HoldsFragments(header))
            {
                SkipFragments(source, current, start, ref isOdd);
            }
            else
            {
                CheckSequence(header, source, at);
                if (open.Count / 2 >= maxDepth)
                    throw source.Error($"Sequences are nested deeper than {maxDepth} levels, which is the limit", at);

                open.Push((true, FormInside(header, current)));
            }
        }
    }

    private static void SkipDelimiter(ByteSource source, Stack<(bool IsSequence, DatasetForm Form)> open, ElementHeader header, long at,
        long start, ref bool isOdd)
    {
        var (isSequence, form) = open.Peek();
        if (!isSequence && header.Tag == DicomTag.SequenceDelimitation)
        {
            // The end of the sequence also ends an item whose own end was forgotten.
            open.Pop();
            return;
        }

        Skip(source, 8, start);
        if (header.Tag == DicomTag.Item && isSequence)
        {
            if (header.IsUndefined)
            {
                open.Push((false, form.IsExplicit ? form : DatasetForm.Detect(source.Peek(8), form)));
            }
            else
            {
                isOdd |= header.Length % 2 != 0;
                Skip(source, header.Length, start);
            }
        }
        else if (header.Tag == DicomTag.Item || header.Length != 0)
        {
            throw source.Error($"{header.Tag} stands where an element should begin", at);
        }
        else if (isSequence == (header.Tag == DicomTag.SequenceDelimitation))
        {
            open.Pop();
        }
        else
        {
            throw source.Error($"{header.Tag} ends nothing that is open", at);
        }
    }

    private static bool HoldsFragments(ElementHeader header) => header.Vr is Vr.None or Vr.UN
        ? DicomDictionary.VrOf(header.Tag) is Vr.OB or Vr.OW
        : header.Vr.IsBulk();

    private static DatasetForm FormInside(ElementHeader header, DatasetForm form) =>
        header.Vr == Vr.UN ? DatasetForm.ImplicitLittleEndian
        : header.IsImplicit ? new DatasetForm(false, form.IsBigEndian)
        : form;

    private static void CheckSequence(ElementHeader header, ByteSource source, long position)
    {
        if (header.Vr is not (Vr.SQ or Vr.None or Vr.UN))
            throw source.Error($"{header.Tag} has no length, which {header.Vr} must have", position);
    }

    private static void Require(HeaderResult result, ByteSource source, long position)
    {
        switch (result)
        {
            case HeaderResult.NeedsMore:
                throw source.Error("The data end inside an element", position);
            case HeaderResult.Garbage:
                throw source.Error("These bytes start no data element", position);
        }
    }

    private static void Skip(ByteSource source, long count, long position)
    {
        if (!source.TrySkip(count))
            throw source.Error("The data end inside an element", position);
    }
}
