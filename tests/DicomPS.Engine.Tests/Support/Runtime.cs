namespace DicomPS.Engine.Tests.Support;

/// <summary>What runs these tests.</summary>
internal static class Runtime
{
    /// <summary>Skips a test for what Mono alone does otherwise; docs/architecture.md lists them.</summary>
    public static void SkipOnMono(string reason) => Assert.SkipWhen(Type.GetType("Mono.Runtime") is not null, $"Mono: {reason}");
}
