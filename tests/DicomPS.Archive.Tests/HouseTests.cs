using System.Runtime.CompilerServices;

namespace DicomPS.Archiving.Tests;

/// <summary>The rules of docs/architecture.md that a reader of the sources can check; ArrowTests has the arrows.</summary>
public class HouseTests
{
    [Fact]
    public void Files_stay_under_four_hundred_lines_and_have_no_conditional_compilation() => Assert.All(
        new[] { "Databases", "Index", "Storage", "Serving" }.SelectMany(Sources), file =>
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= 400, $"{file} has {lines.Length} lines");
            Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal));
        });

    private static string[] Sources(string folder) => Directory.GetFiles(Path.Combine(Root(), folder), "*.cs");

    private static string Root([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "DicomPS.Archive");
}
