namespace DicomPS.Engine.Tests.Support;

/// <summary>What runs these tests. What Mono alone does otherwise is listed in docs/architecture.md.</summary>
internal static class Runtime
{
    public static bool IsMono { get; } = Type.GetType("Mono.Runtime") is not null;

    public static void SkipOnMono(string reason) => Assert.SkipWhen(IsMono, $"Mono: {reason}");
}
