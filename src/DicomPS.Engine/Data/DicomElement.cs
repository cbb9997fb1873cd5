namespace DicomPS.Data;

/// <summary>One data element: a tag, a value representation, and a value in one of three forms (PS3.5 7.1).</summary>
public abstract class DicomElement
{
    private protected DicomElement(DicomTag tag, Vr vr)
    {
        Tag = tag;
        Vr = vr;
    }

    /// <summary>The tag.</summary>
    public DicomTag Tag { get; }

    /// <summary>The value representation: as it stood in explicit form, from the dictionary in implicit form.</summary>
    public Vr Vr { get; }

    /// <summary>The tag and the VR, for messages.</summary>
    public override string ToString() => $"{Tag} {Vr}";
}

/// <summary>A sequence of items, each a dataset (PS3.5 7.5).</summary>
public sealed class DicomSequence : DicomElement
{
    /// <summary>A sequence with its items.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="items">The items; may be none.</param>
    public DicomSequence(DicomTag tag, IReadOnlyList<DicomDataset> items)
        : base(tag, Vr.SQ) => Items = items ?? throw new ArgumentNullException(nameof(items));

    /// <summary>The items, in order.</summary>
    public IReadOnlyList<DicomDataset> Items { get; }
}

/// <summary>Encapsulated pixel data: a basic offset table and fragments (PS3.5 A.4).</summary>
public sealed class DicomFragments : DicomElement
{
    /// <summary>Encapsulated data.</summary>
    /// <param name="tag">The tag, as a rule (7FE0,0010).</param>
    /// <param name="vr">OB as a rule; OW is seen.</param>
    /// <param name="offsetTable">The first item: 32-bit offsets of the frames, or nothing.</param>
    /// <param name="fragments">The other items.</param>
    public DicomFragments(DicomTag tag, Vr vr, DicomBytes offsetTable, IReadOnlyList<DicomBytes> fragments)
        : base(tag, vr)
    {
        OffsetTable = offsetTable;
        Fragments = fragments ?? throw new ArgumentNullException(nameof(fragments));
    }

    /// <summary>The first item: 32-bit little-endian offsets of the frames, or nothing.</summary>
    public DicomBytes OffsetTable { get; }

    /// <summary>The fragments, in order.</summary>
    public IReadOnlyList<DicomBytes> Fragments { get; }
}
