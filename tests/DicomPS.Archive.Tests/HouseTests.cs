using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DicomPS.Archiving.Tests;

/// <summary>The arrows between the folders of the archive, as docs/architecture.md has them: Index, then Storage, then Serving.</summary>
public class HouseTests
{
    private static readonly Regex Comment = new(@"^\s*//.*$", RegexOptions.Multiline);

    private static readonly Regex Declared =
        new(@"^(?:    )?(?:public|internal)[\w ]* (?:class|record|struct|enum|interface|delegate [\w<>?, ]+) (\w+)",
            RegexOptions.Multiline);

    // Of the engine, what only a server needs.
    private static readonly string[] Network = ["Pdus", "Associations", "Dimse", "Scu", "Scp", "Commitment", "Serving", "Querying"];

    [Theory]
    [InlineData("Index", new[] { "Storage", "Serving" })]
    [InlineData("Storage", new[] { "Serving" })]
    public void A_folder_names_no_type_of_those_above_it(string folder, string[] above)
    {
        var types = above.SelectMany(Sources).SelectMany(file => Declared.Matches(File.ReadAllText(file)).Cast<Match>())
            .Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.Contains("ArchiveHost", types);
        var named = new Regex($@"\b({string.Join("|", types)})\b");
        var wrong = Sources(folder).SelectMany(file => named.Matches(Code(file)).Cast<Match>()
            .Select(match => $"{Path.GetFileName(file)} names {match.Value}"));
        Assert.Equal("", string.Join("\n", wrong.Distinct()));
    }

    [Theory]
    [InlineData("Index")]
    [InlineData("Storage")]
    public void What_is_below_the_server_knows_no_network(string folder) => Assert.All(Sources(folder), file =>
        Assert.DoesNotContain(Network, used => Regex.IsMatch(Code(file), $@"\bDicomPS\.{used}\b")));

    [Fact]
    public void Files_stay_under_four_hundred_lines_and_have_no_conditional_compilation() => Assert.All(
        new[] { "Index", "Storage", "Serving" }.SelectMany(Sources), file =>
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= 400, $"{file} has {lines.Length} lines");
            Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal));
        });

    private static string Code(string file) => Comment.Replace(File.ReadAllText(file), "");

    private static string[] Sources(string folder) => Directory.GetFiles(Path.Combine(Root(), folder), "*.cs");

    private static string Root([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "DicomPS.Archive");
}
