namespace DicomPS.Files;

/// <summary>
/// The order in which files are gone through, the same on every system: by name without regard to case; where only case differs, by code.
/// </summary>
internal static class NameOrder
{
    /// <summary>The order, for LINQ.</summary>
    public static readonly IComparer<string> Comparer = Comparer<string>.Create(Compare);

    /// <summary>Compares two names or paths.</summary>
    public static int Compare(string left, string right) =>
        string.Compare(left, right, StringComparison.OrdinalIgnoreCase) is var order and not 0 ? order : string.CompareOrdinal(left, right);
}
