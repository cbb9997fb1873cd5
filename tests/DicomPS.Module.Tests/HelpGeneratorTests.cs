using HelpGenerator;

namespace DicomPS.Module.Tests;

public sealed class HelpGeneratorTests
{
    private static readonly ParameterFacts Path = new(
        "Path", "System.String", "string", null, false, ["FullName"], [], true, [new ParameterUse(ParameterSetFacts.All, 0, true, true, false, false)]);

    private static readonly ParameterFacts Count = new(
        "Count", "System.Int32", "int", "3", true, [], [], false, [new ParameterUse(ParameterSetFacts.All, null, false, false, false, false)]);

    private static readonly CmdletFacts Cmdlet = new(
        "Get-DicomThing", [new ParameterSetFacts(ParameterSetFacts.All, false, [(Path, Path.Uses[0]), (Count, Count.Uses[0])])], [Path, Count], ["DicomPS.Thing"]);

    [Fact]
    public void A_new_page_can_be_read_and_says_what_has_to_be_filled_in()
    {
        var page = PageUpdater.Update(Cmdlet, PageUpdater.NewPage(Cmdlet));
        Assert.Contains("Get-DicomThing [-Path] <string> [-Count <int>] [<CommonParameters>]", page);
        Assert.Equal(page, PageUpdater.Update(Cmdlet, page));
        var problems = PageChecks.Of(Cmdlet, PageReader.Read(page)).ToList();
        Assert.Contains(problems, problem => problem.StartsWith("-Path is not described", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("SYNOPSIS", StringComparison.Ordinal));
    }

    [Fact]
    public void A_new_parameter_gets_a_section_in_its_place_and_the_others_keep_their_text()
    {
        var before = PageUpdater.Update(Cmdlet, PageUpdater.NewPage(Cmdlet)).Replace("{{ Say what -Path does }}", "A file.\n\nOr a folder.", StringComparison.Ordinal);
        var page = PageUpdater.Update(Cmdlet with { Parameters = [Path, Count, Count with { Name = "Depth" }] }, before);
        Assert.Contains("### -Path\n\nA file.\n\nOr a folder.\n\n```yaml\nType: System.String\n", page);
        Assert.True(page.IndexOf("### -Count", StringComparison.Ordinal) < page.IndexOf("### -Depth", StringComparison.Ordinal));
        Assert.True(page.IndexOf("### -Depth", StringComparison.Ordinal) < page.IndexOf("### -Path", StringComparison.Ordinal));
        Assert.True(page.IndexOf("### -Path", StringComparison.Ordinal) < page.IndexOf("### CommonParameters", StringComparison.Ordinal));
    }

    [Fact]
    public void A_default_that_is_another_in_the_code_is_told_and_written_anew()
    {
        var page = PageUpdater.Update(Cmdlet, PageUpdater.NewPage(Cmdlet)).Replace("{{ Say what -Count does }}", "How many.", StringComparison.Ordinal);
        Assert.Contains("DefaultValue: 3\n", page);
        var stale = page.Replace("DefaultValue: 3\n", "DefaultValue: 2\n", StringComparison.Ordinal);
        Assert.Contains(PageChecks.Of(Cmdlet, PageReader.Read(stale)), problem => problem.StartsWith("-Count has the default 3 in the code and 2 in the page", StringComparison.Ordinal));
        Assert.Equal(page, PageUpdater.Update(Cmdlet, stale));
    }

    [Fact]
    public void What_is_zero_in_the_code_has_the_words_of_the_page()
    {
        var cmdlet = Cmdlet with { Parameters = [Count with { Default = "0", IsDefaultCertain = false }] };
        var page = PageUpdater.Update(cmdlet, PageUpdater.NewPage(cmdlet)).Replace("{{ Say what -Count does }}", "How many.", StringComparison.Ordinal);
        Assert.Contains(PageChecks.Of(cmdlet, PageReader.Read(page)), problem => problem.StartsWith("-Count is 0 in the code when nobody gives it", StringComparison.Ordinal));
        var said = page.Replace("DefaultValue: ''\n", "DefaultValue: No limit\n", StringComparison.Ordinal);
        Assert.DoesNotContain(PageChecks.Of(cmdlet, PageReader.Read(said)), problem => problem.StartsWith("-Count", StringComparison.Ordinal));
        Assert.Equal(said, PageUpdater.Update(cmdlet, said));
    }

    [Fact]
    public void Marks_of_the_page_become_plain_text()
    {
        const string Text = """
            Takes `-Path` and *all*
            of [it](https://x.example/a).

            - one
            - two `2`

            | a | bb |
            |---|---|
            | ccc | d |
            """;
        var page = PageReader.Read(PageUpdater.NewPage(Cmdlet).Replace("{{ What one has to know }}", Text, StringComparison.Ordinal));
        Assert.Equal(["Takes -Path and all of it (https://x.example/a).", "- one\n- two 2", "a    bb\n---  --\nccc  d"], page.Description);
    }

    [Fact]
    public void A_page_without_a_section_is_refused_by_its_name()
    {
        var page = PageUpdater.NewPage(Cmdlet).Replace("## NOTES\n", "## NOTE\n", StringComparison.Ordinal);
        Assert.Contains("## NOTES", Assert.Throws<FormatException>(() => PageReader.Read(page)).Message);
    }
}
