using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>What a level of a dataset that flows by is made of.</summary>
internal enum FlowKind : byte
{
    /// <summary>Elements: the outermost level or an item.</summary>
    Elements,

    /// <summary>Items of a sequence.</summary>
    Items,

    /// <summary>Fragments of bytes (PS3.5 A.4).</summary>
    Fragments,
}

/// <summary>One open level of a dataset that flows by.</summary>
internal struct FlowLevel
{
    public FlowKind Kind;

    /// <summary>The element that opened it, or that of the sequence around an item.</summary>
    public DicomTag Tag;

    public DatasetForm Form;

    /// <summary>Whether items inside may be spelt in another form than what is around them (PS3.5 6.2.2).</summary>
    public bool IsInsideUnknown;

    /// <summary>Where it ends; <see cref="long.MaxValue"/> when a delimiter ends it.</summary>
    public long End;

    /// <summary>Where nothing inside may go beyond.</summary>
    public long Bound;
}
