using System.Text.RegularExpressions;

namespace DicomPS.Module.Tests;

public sealed partial class TopicTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    [Fact]
    public void Every_error_id_is_explained_in_Troubleshooting()
    {
        var source = string.Concat(
            Directory.GetFiles(Path.Combine(module.Root, "src", "DicomPS", "Errors"), "Error*.cs").Select(File.ReadAllText));
        var ids = ErrorId().Matches(source).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(ids.Count > 20, $"Only {ids.Count} ids were found.");
        // Ids that ErrorRecords.cs puts together: of the engine's timeouts by name, and of the verdicts.
        ids.UnionWith(new[] { "Connect", "Association", "Response", "Write", "Idle", "Release", "Commitment" }.Select(
            name => $"Dicom{name}Timeout"));
        ids.UnionWith(new[] { "Partial", "Failed", "Suspect", "Cancelled" }.Select(verdict => $"DicomRetrieve{verdict}"));

        var topic = File.ReadAllText(Path.Combine(module.Root, "docs", "en-US", "about_DicomPS_Troubleshooting.md"));
        Assert.All(ids, id => Assert.Matches($@"(?m)^(\w+, )*{id}[:,]", topic));
        Assert.All(TopicId().Matches(topic), named => Assert.Contains(named.Groups[1].Value, ids));
    }

    [Fact]
    public void Topics_are_shipped_under_the_name_that_Get_Help_looks_for()
    {
        var topics = Directory.GetFiles(Path.Combine(module.Root, "docs", "en-US"), "about_*.md");
        Assert.NotEmpty(topics);
        Assert.All(topics, topic =>
        {
            var shipped = Path.Combine(module.Folder, "en-US", Path.GetFileNameWithoutExtension(topic) + ".help.txt");
            Assert.Equal(File.ReadAllText(topic), File.ReadAllText(shipped));
            Assert.All(File.ReadAllLines(topic), line => Assert.True(line.Length <= 120, $"{topic}: {line}"));
        });
    }

    [Fact]
    public void Topics_name_only_cmdlets_and_topics_that_exist()
    {
        var cmdlets = module.Cmdlets.Select(cmdlet => cmdlet.Name).ToHashSet();
        var folder = Path.Combine(module.Root, "docs", "en-US");
        var topics = Directory.GetFiles(folder, "about_*.md").Select(topic => Path.GetFileNameWithoutExtension(topic)).ToHashSet();
        foreach (var topic in topics)
        {
            // Lines of another module have its own cmdlets.
            var lines = File.ReadLines(Path.Combine(folder, topic + ".md"));
            var text = string.Join('\n', lines.Where(line => !line.StartsWith("    DicomTools ", StringComparison.Ordinal)));
            Assert.All(Cmdlet().Matches(text), named => Assert.Contains(named.Value, cmdlets));
            Assert.All(Topic().Matches(text), named => Assert.Contains(named.Value, topics));
        }
    }

    [GeneratedRegex(@"""(Dicom[A-Z]\w+)""")]
    private static partial Regex ErrorId();

    [GeneratedRegex(@"(?m)^(Dicom[A-Z]\w+):")]
    private static partial Regex TopicId();

    [GeneratedRegex(@"\b[A-Z][a-z]+-Dicom[A-Za-z]+")]
    private static partial Regex Cmdlet();

    [GeneratedRegex(@"\babout_\w+")]
    private static partial Regex Topic();
}
