using System.Reflection;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>The files of this folder and the scenarios, by name.</summary>
public sealed class TranscriptFilesTests
{
    [Fact]
    public void Each_transcript_has_its_scenario_and_each_scenario_its_transcript()
    {
        var folder = Path.Combine(Repository.Root(), "tests", "DicomPS.Engine.Tests", "Transcripts");
        var files = Directory.GetFiles(folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!);
        var scenarios = typeof(TranscriptFilesTests).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(TranscriptFilesTests).Namespace && type != typeof(TranscriptFilesTests))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is { })
            .Select(method => method.Name);
        Assert.Equal(scenarios.OrderBy(name => name, StringComparer.Ordinal), files.OrderBy(name => name, StringComparer.Ordinal));
    }

    [Fact]
    public void A_difference_is_the_lines_that_went_and_came_behind_the_last_that_stays() =>
        Assert.Equal(["  1: a", "- b", "+ c", "  3: d", "+ e"], Difference.Of(["a", "b", "d"], ["a", "c", "d", "e"]));

    [Theory]
    [InlineData(new byte[] { 0x10, 0x00, 0x20, 0x00, (byte)'L', (byte)'O', 2, 0, (byte)'P', (byte)'1' }, "(0010,0020) LO 2 \"P1\"")]
    [InlineData(new byte[] { 0x10, 0x00, 0x20, 0x00, (byte)'L', (byte)'O', 2, 0, (byte)'P', 0 }, "(0010,0020) LO 2 \"P\\0\"")]
    [InlineData(new byte[] { 0x10, 0x00, 0x20, 0x00, (byte)'L', (byte)'O', 2, 0, (byte)'P', 0xFC }, "(0010,0020) LO 2 50FC")]
    [InlineData(new byte[] { 0x10, 0x00, 0x20, 0x00, (byte)'L', (byte)'O', 9, 0, (byte)'P', (byte)'1' }, "100020004C4F09005031")]
    public void A_byte_that_changes_changes_a_line(byte[] bytes, string line) =>
        Assert.Equal([line], new ElementText(new Normal()).Lines(bytes, isExplicit: true));
}
