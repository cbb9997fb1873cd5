using HelpGenerator;

namespace DicomPS.Module.Tests;

public sealed class HelpGeneratorTests
{
    private static readonly Dictionary<string, ParameterText> None = [];

    private static readonly ParameterFacts Path = new(
        "Path", "System.String", "string", null, false, ["FullName"], [], true,
        [new ParameterUse(ParameterSetFacts.All, 0, true, true, false, false)]);

    private static readonly ParameterFacts Count = new(
        "Count", "System.Int32", "int", "3", true, [], [], false,
        [new ParameterUse(ParameterSetFacts.All, null, false, false, false, false)]);

    private static readonly CmdletFacts Cmdlet = With(Path, Count);

    [Fact]
    public void A_new_page_can_be_read_and_says_what_has_to_be_filled_in()
    {
        var page = PageOf(Cmdlet);
        Assert.Contains("Get-DicomThing [-Path] <string> [-Count <int>] [<CommonParameters>]", page);
        Assert.Equal(page, PageUpdater.Update(Cmdlet, page, None));
        var problems = ProblemsOf(Cmdlet, page);
        Assert.Contains(problems, problem => problem.StartsWith("-Path is not described", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("SYNOPSIS", StringComparison.Ordinal));
    }

    [Fact]
    public void A_new_parameter_gets_a_section_in_its_place_and_the_others_keep_their_text()
    {
        const string Text = "A file.\n\n> not a fact\n\nOr a folder.";
        var before = PageOf(Cmdlet).Replace("{{ Say what -Path does }}", Text, StringComparison.Ordinal);
        var page = PageUpdater.Update(With(Path, Count, Count with { Name = "Depth" }), before, None);
        const string Facts = "> string; wildcards; aliases: FullName; required; position: 0; pipeline: value";
        Assert.Contains($"### -Path\n\n{Text}\n\n{Facts}\n", page);
        string[] headings = ["### -Count", "### -Depth", "### -Path", "### Shared parameters", "## INPUTS"];
        Assert.Equal(headings, headings.OrderBy(heading => page.IndexOf(heading, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_default_that_is_another_in_the_code_is_told_and_written_anew()
    {
        var page = PageOf(Cmdlet).Replace("{{ Say what -Count does }}", "How many.", StringComparison.Ordinal);
        Assert.Contains("> int; default: 3\n", page);
        var stale = page.Replace("default: 3\n", "default: 2\n", StringComparison.Ordinal);
        var told = "-Count has the default 3 in the code and 2 in the page";
        Assert.Contains(ProblemsOf(Cmdlet, stale), problem => problem.StartsWith(told, StringComparison.Ordinal));
        Assert.Equal(page, PageUpdater.Update(Cmdlet, stale, None));
    }

    [Fact]
    public void What_is_zero_in_the_code_has_the_words_of_the_page()
    {
        var cmdlet = With(Count with { Default = "0", IsDefaultCertain = false });
        var page = PageOf(cmdlet).Replace("{{ Say what -Count does }}", "How many.", StringComparison.Ordinal);
        var told = "-Count is 0 in the code when nobody gives it";
        Assert.Contains(ProblemsOf(cmdlet, page), problem => problem.StartsWith(told, StringComparison.Ordinal));
        var said = page.Replace("> int\n", "> int; default: No limit\n", StringComparison.Ordinal);
        Assert.DoesNotContain(ProblemsOf(cmdlet, said), problem => problem.StartsWith("-Count", StringComparison.Ordinal));
        Assert.Equal(said, PageUpdater.Update(cmdlet, said, None));
    }

    [Fact]
    public void A_shared_parameter_is_linked_and_has_its_text_and_a_page_that_describes_it_goes_before()
    {
        var shared = PageReader.ReadShared("# Shared\n\n### -Count\n\nHow many in all.\n\n> int; default: 3\n");
        var page = PageUpdater.Update(Cmdlet, PageUpdater.NewPage(Cmdlet), shared);
        Assert.DoesNotContain("### -Count", page);
        Assert.Contains("[-Count](shared_parameters.md#-count)", page);
        Assert.Equal(["How many in all."], PageFolder.Merge(Cmdlet, PageReader.Read(page), shared).Parameters["Count"].Description);
        var own = PageUpdater.Update(Cmdlet, PageOf(Cmdlet), shared);
        Assert.Contains("### -Count", own);
        Assert.DoesNotContain("shared_parameters.md#-count", own);
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

    private static CmdletFacts With(params ParameterFacts[] parameters) => new(
        "Get-DicomThing",
        [new ParameterSetFacts(ParameterSetFacts.All, false, [.. parameters.Select(parameter => (parameter, parameter.Uses[0]))])],
        parameters,
        ["DicomPS.Thing"]);

    private static string PageOf(CmdletFacts cmdlet) => PageUpdater.Update(cmdlet, PageUpdater.NewPage(cmdlet), None);

    private static List<string> ProblemsOf(CmdletFacts cmdlet, string page) => [.. PageChecks.Of(cmdlet, PageReader.Read(page))];
}
