using System.Xml.Linq;
using HelpGenerator;

namespace DicomPS.Module.Tests;

/// <summary>Pages, help file and assembly say the same.</summary>
public sealed class HelpTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly IReadOnlyList<CmdletFacts> _cmdlets = ModuleReader.Read(Path.Combine(module.Folder, "net8.0", "DicomPS.dll"));
    private readonly PageFolder _pages = new(Path.Combine(module.Root, "docs", "en-US"));
    private readonly List<XElement> _help =
        [.. XDocument.Load(Path.Combine(module.Folder, "en-US", "DicomPS.dll-Help.xml")).Root!.Elements(Command + "command")];

    [Fact]
    public void Pages_say_all_that_the_cmdlets_have_and_nothing_else()
    {
        Assert.Equal(module.Cmdlets.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), NamesOf(_cmdlets));
        var problems = from cmdlet in _cmdlets
                       from problem in PageChecks.Of(cmdlet, PageOf(cmdlet))
                       select $"docs/en-US/{cmdlet.Name}.md: {problem}";
        Assert.True(!problems.Any(), string.Join('\n', problems));
    }

    [Fact]
    public void Syntax_and_facts_of_the_pages_are_those_of_the_assembly()
    {
        var stale = from cmdlet in _cmdlets
                    let page = File.ReadAllText(_pages.PathOf(cmdlet))
                    where PageUpdater.Update(cmdlet, page, _pages.Shared) != page
                    select $"docs/en-US/{cmdlet.Name}.md is not up to date. Run 'pwsh build.ps1 -Task Docs'.";
        Assert.True(!stale.Any(), string.Join('\n', stale));
        var shared = File.ReadAllText(_pages.SharedPath);
        Assert.True(PageUpdater.UpdateShared(_cmdlets, shared) == shared, $"{_pages.SharedPath} is not up to date.");
    }

    [Fact]
    public void A_shared_parameter_is_the_same_in_every_cmdlet_that_has_no_text_of_its_own()
    {
        Assert.NotEmpty(_pages.Shared);
        Assert.All(_pages.Shared, shared =>
        {
            var users = from cmdlet in _cmdlets
                        let own = PageReader.Read(File.ReadAllText(_pages.PathOf(cmdlet))).Parameters
                        from parameter in cmdlet.Parameters
                        where parameter.Name == shared.Key && !own.ContainsKey(shared.Key)
                        select FactsLine.OfShared(parameter, PageChecks.DefaultOf(parameter, shared.Value));
            Assert.True(users.Count() >= 2, $"-{shared.Key} is shared by fewer than two cmdlets.");
            Assert.Single(users.Distinct());
        });
    }

    [Fact]
    public void Help_says_what_the_pages_say()
    {
        Assert.Equal(_cmdlets.Select(cmdlet => cmdlet.Name), _help.Select(NameOf));
        Assert.All(_cmdlets.Zip(_help), pair =>
        {
            var (cmdlet, help) = pair;
            var page = PageOf(cmdlet);
            Assert.Equal(page.Synopsis, help.Element(Command + "details")!.Element(Maml + "description")!.Value);
            Assert.Equal(page.Description, TextOf(help));
            Assert.Equal(page.Examples.Select(example => example.Code), help.Descendants(Dev + "code").Select(code => code.Value));
            Assert.Equal(page.Inputs.Select(entry => entry.Type), TypesOf(help, "inputType"));
            Assert.Equal(cmdlet.OutputTypes.Order(StringComparer.Ordinal), TypesOf(help, "returnValue").Order(StringComparer.Ordinal));
            Assert.Equal(page.Links.Select(link => link.Target), help.Descendants(Maml + "uri").Skip(1).Select(uri => uri.Value));
            Assert.Equal(page.Notes, [.. help.Elements(Maml + "alertSet").Descendants(Maml + "para").Select(para => para.Value)]);
        });
    }

    [Fact]
    public void Help_has_a_text_and_a_default_for_each_parameter()
    {
        Assert.All(_cmdlets.Zip(_help), pair =>
        {
            var (cmdlet, help) = pair;
            var described = help.Element(Command + "parameters")!.Elements().ToDictionary(NameOf);
            Assert.Equal(
                cmdlet.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal),
                described.Keys.Order(StringComparer.Ordinal));
            var texts = PageOf(cmdlet).Parameters;
            Assert.All(cmdlet.Parameters, parameter =>
            {
                var element = described[parameter.Name];
                Assert.NotEmpty(string.Concat(TextOf(element)));
                var standard = element.Element(Dev + "defaultValue")!.Value;
                var said = texts[parameter.Name].Default ?? "None";
                Assert.Equal(parameter.IsDefaultCertain ? parameter.Default : said, standard);
            });
        });
    }

    [Fact]
    public void Help_shows_no_marks_of_the_pages()
    {
        Assert.All(_help, help => Assert.DoesNotContain("```", help.Value));
        Assert.All(_help, help => Assert.All(help.Descendants(Maml + "description"), text =>
        {
            Assert.DoesNotContain('`', text.Value);
            Assert.DoesNotContain("](", text.Value);
            Assert.DoesNotContain("|---", text.Value);
        }));
    }

    [Fact]
    public void The_first_link_is_the_page_itself_so_that_Online_opens_it()
    {
        Assert.All(_help, help => Assert.Equal(
            $"https://github.com/dicomps/DicomPS/blob/main/docs/en-US/{NameOf(help)}.md", help.Descendants(Maml + "uri").First().Value));
    }

    private HelpPage PageOf(CmdletFacts cmdlet) => _pages.Read(cmdlet);

    private static IEnumerable<string> NamesOf(IEnumerable<CmdletFacts> cmdlets) =>
        cmdlets.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal);

    private static string NameOf(XElement element) =>
        (element.Element(Maml + "name") ?? element.Element(Command + "details")!.Element(Command + "name"))!.Value;

    private static IEnumerable<string> TextOf(XElement element) =>
        element.Element(Maml + "description")!.Elements().Select(para => para.Value);

    private static IEnumerable<string> TypesOf(XElement help, string name) =>
        help.Descendants(Command + name).Select(type => type.Element(Dev + "type")!.Value);
}
