using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DicomPS.Module.Tests;

public sealed class ShippedTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    [Theory]
    [InlineData("net8.0")]
    [InlineData("netstandard2.0")]
    public void Shipped_assemblies_are_those_that_the_architecture_page_gives_a_reason_for(string framework)
    {
        var folder = Path.Combine(module.Folder, framework);
        string[] shipped = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))];
        string[] explained = [.. ExplainedIn(File.ReadAllText(Path.Combine(module.Root, "docs", "architecture.md")), framework)];
        Assert.True(explained.Length > 10, $"Only {explained.Length} files are in the table.");
        Assert.Equal(explained.Order(StringComparer.Ordinal), shipped.Order(StringComparer.Ordinal));
    }

    // The compiler holds the same of every member of the engine and the archive (CS1591 in .editorconfig).
    [Theory]
    [InlineData("DicomPS")]
    [InlineData("DicomPS.Archive")]
    [InlineData("DicomPS.Engine")]
    public void Every_public_type_is_documented(string name)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var comments = XDocument.Load(Path.Combine(module.Root, "src", name, "bin", configuration, "net8.0", $"{name}.xml"));
        HashSet<string> documented = [.. comments.Descendants("member").Where(member => member.Value.Trim().Length > 0)
            .Select(member => (string)member.Attribute("name")!)];
        var types = module.CoreAssembly(name).GetExportedTypes();
        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Contains($"T:{type.FullName!.Replace('+', '.')}", documented));
    }

    [Theory]
    [InlineData("DicomPS.Archive")]
    [InlineData("DicomPS.Engine")]
    public void The_compiler_refuses_a_public_member_without_documentation(string name)
    {
        var settings = File.ReadAllText(Path.Combine(module.Root, ".editorconfig"));
        Assert.Matches($@"\[src/{Regex.Escape(name)}/\*\*\.cs\]\n(?:[^\[]*\n)*?dotnet_diagnostic\.CS1591\.severity = warning", settings);
        Assert.Contains("<TreatWarningsAsErrors>true<", File.ReadAllText(Path.Combine(module.Root, "Directory.Build.props")));
        var project = File.ReadAllText(Path.Combine(module.Root, "src", name, $"{name}.csproj"));
        Assert.Contains("<GenerateDocumentationFile>true<", project);
        Assert.DoesNotContain("CS1591", project);
    }

    /// <summary>Rows of "What is shipped": names, then for each framework an x, a folder, or the platforms of a native library.</summary>
    private static IEnumerable<string> ExplainedIn(string page, string framework)
    {
        var table = page[page.IndexOf("## What is shipped", StringComparison.Ordinal)..];
        foreach (var cells in Regex.Matches(table, @"(?m)^\|(.+)\|\r?$")
            .Select(row => row.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries)).Skip(2))
        {
            var names = cells[0].Split(',', StringSplitOptions.TrimEntries);
            var cell = cells[framework == "net8.0" ? 1 : 2];
            if (cell.Length == 0)
                continue;
            if (names[0].Split("PLATFORM/") is [var folder, var first])
            {
                names[0] = first;
                foreach (var platform in cell.Split(',', StringSplitOptions.TrimEntries))
                {
                    var extension = platform.StartsWith("win", StringComparison.Ordinal) ? ".dll"
                        : platform.StartsWith("osx", StringComparison.Ordinal) ? ".dylib" : ".so";
                    yield return $"{folder}{platform}/{names.Single(name => name.EndsWith(extension, StringComparison.Ordinal))}";
                }
            }
            else
            {
                foreach (var name in names)
                    yield return (cell == "x" ? "" : cell) + (name.EndsWith(".dll", StringComparison.Ordinal) ? name : $"{name}.dll");
            }
        }
    }
}
