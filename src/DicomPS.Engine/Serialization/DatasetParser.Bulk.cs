using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <content>What is gone past or left where it is: fragments, and elements that nobody wants.</content>
internal sealed partial class DatasetParser
{
    private ParseOutcome? PassOver(ParserFrame frame, ElementHeader header, long position)
    {
        if (!header.IsUndefined)
        {
            HasOddValues |= header.Length % 2 != 0;
            return _source.TrySkip(header.Size) && _source.TrySkip(header.Length) ? null : Truncated(position);
        }

        var isOdd = HasOddValues;
        DatasetWalker.Skip(_source, frame.Form, header, HeaderResult.Whole, position, _options.MaxDepth, int.MaxValue, null, ref isOdd);
        HasOddValues = isOdd;
        return null;
    }

    /// <summary>Items of bytes until the delimiter; the first is the offset table (PS3.5 A.4).</summary>
    private ParseOutcome? ReadFragments(ParserFrame frame, ElementHeader header, Vr vr, long position)
    {
        if (!_source.TrySkip(header.Size))
            return Truncated(position);

        DicomBytes table = default;
        var fragments = new List<DicomBytes>();
        for (var first = true; ; first = false)
        {
            var at = _source.Position;
            var isOver = false;
            if (ElementHeader.TryRead(_source.Peek(8), frame.Form, _source.End - at, out var item) == HeaderResult.NeedsMore)
            {
                isOver = _frames.Count == 1 && header.Tag == Tags.PixelData && IsWholeInput() && fragments.Count >= Frames(frame);
                if (!isOver)
                    return Truncated(position);
            }

            if (isOver || item.Tag == DicomTag.SequenceDelimitation)
            {
                // The last delimiter of a dataset is missing in some; where frames are missing too, it was cut.
                _source.TrySkip(isOver ? 0 : 8);
                frame.Elements.Add(new DicomFragments(header.Tag, vr, table, fragments));
                return null;
            }

            if (item.Tag != DicomTag.Item || item.IsUndefined)
                throw _source.Error($"{item.Tag} stands where a fragment of {header.Tag} should begin", at);

            CheckBound(frame, item, at);
            HasOddValues |= item.Length % 2 != 0;
            if (!_source.TrySkip(8) || !_source.TryRead(item.Length, out var bytes))
                return Truncated(position);

            if (first)
                table = bytes;
            else
                fragments.Add(bytes);
        }
    }

    /// <summary>Whether all was read that there is, and all that there is was wanted.</summary>
    private bool IsWholeInput() => !_source.IsPrefix && _options.StopAt is null && _source.Peek(1).IsEmpty;

    private static int Frames(ParserFrame frame)
    {
        var number = frame.Elements.FirstOrDefault(element => element.Tag == Tags.NumberOfFrames);
        return number is null ? 1 : Math.Max(1, new DicomDataset { number }.GetInt32(Tags.NumberOfFrames) ?? 1);
    }
}
