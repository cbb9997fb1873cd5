namespace DicomPS.Fuzz.Targets;

/// <summary>All of them.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
        [.. NetworkTargets.All, .. DatasetTargets.All, .. TextTargets.All];
}
