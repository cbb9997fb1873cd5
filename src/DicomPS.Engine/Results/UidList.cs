using System.Collections.ObjectModel;

namespace DicomPS;

/// <summary>UIDs that are one text in a cell: joined by backslashes, as DICOM joins values, where an array says only its type.</summary>
/// <param name="uids">The UIDs.</param>
public sealed class UidList(IList<string> uids) : ReadOnlyCollection<string>(uids)
{
    /// <summary>No UID.</summary>
    public static UidList None { get; } = new([]);

    /// <summary>How many there are, as scripts ask an array.</summary>
    public int Length => Count;

    /// <summary>The UIDs with backslashes between them; nothing when there are none.</summary>
    public override string ToString() => string.Join("\\", this);
}
