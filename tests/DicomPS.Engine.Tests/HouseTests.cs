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

    /// <summary>Files that are not named after their main type, or have more than one, and why.</summary>
    private static readonly Dictionary<string, string> Families = new(StringComparer.Ordinal)
    {
        ["AssociationTable.cs"] = "the state table is a page of PS3.8 9.2: events, actions and cells",
        ["DicomRange.cs"] = "dates, times and both: three ranges, closed",
        ["Entries.cs"] = "the rows of the generated tables",
        ["KeyMatcher.cs"] = "the kinds of keys, closed",
        ["LanguageSupport.cs"] = "what the compiler lacks on netstandard2.0",
        ["Program.cs"] = "statements, no type",
        ["QueryResult.cs"] = "the levels of results, closed",
        ["Rows.cs"] = "the rows of the tables of a store, closed",
        ["TermCompleters.cs"] = "a few lines each",
        ["UserItems.cs"] = "the items of PS3.7 D.3.3, closed",
    };

    [Fact]
    public void A_file_has_one_main_type_and_is_named_after_it()
    {
        const int mostLines = 40;
        var wrong = new List<string>();
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in SourceFiles().Where(file => !file.EndsWith(".Generated.cs", StringComparison.Ordinal)))
        {
            var name = Path.GetFileName(file);
            var main = name.Split('.')[0];
            var types = Types(File.ReadAllLines(file));
            var problem = types.All(type => type.Name != main) ? "has no type of its name"
                : types.Find(type => type.Name != main && type.Lines > mostLines) is ({ } other, var lines)
                    ? $"has {other} too, {lines} lines" : null;
            if (problem is { } && !Families.ContainsKey(name))
                wrong.Add($"{file} {problem}");
            else if (problem is { })
                needed.Add(name);
        }

        Assert.Equal("", string.Join('\n', wrong));
        Assert.Equal(Families.Keys.Order(StringComparer.Ordinal), needed.Order(StringComparer.Ordinal));
    }

    // Types outside of others, each with its lines up to the next one's documentation.
    private static List<(string Name, int Lines)> Types(string[] lines)
    {
        var starts = new List<(string Name, int From)>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (Declared().Match(lines[i]) is { Success: true } match)
                starts.Add((match.Groups[1].Value + match.Groups[2].Value, i));
        }

        return starts.ConvertAll(start =>
        {
            var end = starts.Where(next => next.From > start.From).Select(next => next.From).DefaultIfEmpty(lines.Length).First();
            while (lines[end - 1].Length == 0 || lines[end - 1].StartsWith('/') || lines[end - 1].StartsWith('['))
                end--;
            return (start.Name, end - start.From);
        });
    }

    [Fact]
    public void The_three_walks_of_the_page_go_by_files_that_are_there()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root(), "docs", "architecture.md"));
        var walks = page.Split("## Three walks")[1].Split("\n## ")[0];
        var files = SourceFiles().Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal);
        var named = Named().Matches(walks).Select(match => match.Groups[1].Value).ToArray();
        Assert.True(named.Length > 50, $"{named.Length} files are named.");
        Assert.All(named, name => Assert.Contains(name, files));
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

    private static IEnumerable<string> SourceFiles() => Directory
        .EnumerateFiles(Path.Combine(Repository.Root(), "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !BuildOutput().IsMatch(file));

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|readonly|partial|ref|file) )*"
        + @"(?:class|record struct|record|struct|enum|interface) (\w+)|^(?:public|internal) delegate [^(]*?(\w+)(?:<[^(]*>)?\(")]
    private static partial Regex Declared();

    [GeneratedRegex(@"`(?:\w+/)?([\w.]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"^\s*#(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
