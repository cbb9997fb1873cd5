namespace DicomPS.Archiving.Serving;

/// <summary>Columns of a worklist that name no attribute. The rest is served, and may lack what was meant.</summary>
/// <param name="names">Their names, at least one.</param>
internal sealed class UnknownColumnsException(IReadOnlyCollection<string> names) : DicomException(
    $"{(names.Count == 1 ? "A column names" : "Columns name")} no attribute, and what is in {(names.Count == 1 ? "it" : "them")} is left "
    + "out: "
    + string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more." : "."))
{
    private const int MostNamed = 10;
}
