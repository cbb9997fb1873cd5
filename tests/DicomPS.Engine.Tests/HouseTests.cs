using System.Text.RegularExpressions;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests;

/// <summary>The rules of docs/architecture.md that a reader of the sources can check; ArrowTests has the arrows.</summary>
public partial class HouseTests
{
    private static string Engine => Path.Combine(Repository.Root(), "src", "DicomPS.Engine");

    [Fact]
    public void Conditional_compilation_is_in_Compatibility_alone() => Assert.All(
        Sources().Where(source => source.Folder != "Compatibility"),
        source => Assert.False(Directive().IsMatch(File.ReadAllText(source.File)), $"{source.File} has #if"));

    [Fact]
    public void Files_stay_under_four_hundred_lines_and_have_no_regions() => Assert.All(
        Sources().Where(source => !source.File.EndsWith(".Generated.cs", StringComparison.Ordinal)),
        source =>
        {
            var lines = File.ReadAllLines(source.File);
            Assert.True(lines.Length <= 400, $"{source.File} has {lines.Length} lines");
            Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal));
        });

    [Fact]
    public void Lines_fit_into_a_hundred_and_forty_columns()
    {
        var root = Repository.Root();
        var wide = new[] { "src", "tests", "docs" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.EndsWith(".Generated.cs", StringComparison.Ordinal) && !BuildOutput().IsMatch(file))
            .SelectMany(file => File.ReadLines(file).Select((line, i) => (Where: $"{file}({i + 1})", line.Length)))
            .Where(line => line.Length > 140)
            .Select(line => $"{line.Where}: {line.Length} columns");
        Assert.False(wide.Any(), string.Join('\n', wide));
    }

    [Fact]
    public void Each_namespace_is_that_of_its_folder() => Assert.All(
        Sources().Where(source => source.Folder != "Compatibility"),
        source => Assert.Contains(source.Folder is "" or "Results" ? "namespace DicomPS;" : $"namespace DicomPS.{source.Folder};",
            File.ReadAllText(source.File), StringComparison.Ordinal));

    private static IEnumerable<(string Folder, string File)> Sources() => Directory
        .EnumerateFiles(Engine, "*.cs", SearchOption.AllDirectories)
        .Select(file => (Folder: Path.GetDirectoryName(Path.GetRelativePath(Engine, file))!.Split(Path.DirectorySeparatorChar)[0], file))
        .Where(source => source.Folder is not ("bin" or "obj"));

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"^\s*#(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
