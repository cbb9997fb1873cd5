using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>One open level while a dataset is read: a dataset (the outermost, or an item) or a sequence.</summary>
internal sealed class ParserFrame
{
    private ParserFrame(bool isSequence, DicomTag tag, long start, long end, DatasetForm form)
    {
        IsSequence = isSequence;
        Tag = tag;
        Start = start;
        End = end;
        Form = form;
    }

    public bool IsSequence { get; }

    /// <summary>The tag of a sequence.</summary>
    public DicomTag Tag { get; }

    /// <summary>Where its header began.</summary>
    public long Start { get; }

    /// <summary>Where it ends; <see cref="long.MaxValue"/> when a delimiter ends it.</summary>
    public long End { get; }

    /// <summary>Where nothing inside may go beyond, whatever ends this level.</summary>
    public long Bound { get; private init; }

    public DatasetForm Form { get; set; }

    /// <summary>Whether items inside may be spelt in another form than the dataset around, as in UN (PS3.5 6.2.2).</summary>
    public bool IsInsideUnknown { get; private init; }

    /// <summary>Pixel Representation (0028,0103), which chooses between US and SS; -1 while unknown.</summary>
    public int PixelRepresentation { get; set; } = -1;

    /// <summary>Whether (0008,0005) was met.</summary>
    public bool HasCharacterSet { get; set; }

    public List<DicomElement> Elements { get; private init; } = null!;

    public List<DicomDataset> Items { get; private init; } = null!;

    public static ParserFrame Outermost(DatasetForm form, long end) =>
        new(false, default, 0, end, form) { Bound = end, Elements = [] };

    public static ParserFrame Sequence(ParserFrame parent, DicomTag tag, long start, long end, DatasetForm form, bool fromUnknown) =>
        new(true, tag, start, end, form)
        {
            Bound = Math.Min(end, parent.Bound),
            Items = [],
            IsInsideUnknown = fromUnknown,
            PixelRepresentation = parent.PixelRepresentation,
        };

    public static ParserFrame Item(ParserFrame parent, long start, long end) =>
        new(false, DicomTag.Item, start, end, parent.Form)
        {
            Bound = Math.Min(end, parent.Bound),
            Elements = [],
            IsInsideUnknown = parent.IsInsideUnknown,
            PixelRepresentation = parent.PixelRepresentation,
        };
}
