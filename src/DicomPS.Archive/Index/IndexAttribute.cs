using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>An attribute that the index holds in a column of its level's table.</summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Column">The column: the keyword, as a rule.</param>
/// <param name="Vr">The VR of the dictionary.</param>
/// <param name="HasMany">Whether several values are the rule; they are matched one by one, outside SQL.</param>
/// <param name="IsTold">Whether only a peer can say it; instances do not carry it.</param>
internal sealed record IndexAttribute(DicomTag Tag, string Column, Vr Vr, bool HasMany, bool IsTold)
{
    /// <summary>The column with the form that is compared, where it is not the text itself; or null.</summary>
    public string? KeyColumn { get; } = Vr == Vr.PN || Moments.Are(Vr) ? Column + "Key" : null;

    /// <summary>The column with the sounds of a name; only the patient's has one.</summary>
    public string? SoundColumn { get; } = Tag == Tags.PatientName ? Column + "Sound" : null;

    /// <summary>All columns, in the order in which they are written.</summary>
    public IEnumerable<string> Columns => new[] { Column, KeyColumn, SoundColumn }.OfType<string>();

    /// <summary>What one of them holds.</summary>
    public ColumnKind KindOf(string column) => Vr == Vr.SQ ? ColumnKind.Bytes
        : column == KeyColumn && Vr != Vr.PN ? ColumnKind.Number : ColumnKind.Text;
}
