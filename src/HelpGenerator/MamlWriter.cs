using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace HelpGenerator;

/// <summary>Writes the help file of a module, in the form that Get-Help of PowerShell 5.1 and 7 reads.</summary>
/// <param name="online">Where the pages are to be read; the name of the page follows.</param>
public sealed class MamlWriter(string online)
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Writes the file.</summary>
    public void Write(string path, IEnumerable<(CmdletFacts Cmdlet, HelpPage Page)> cmdlets)
    {
        var root = new XElement(Msh + "helpItems",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XAttribute("schema", "maml"),
            cmdlets.Select(cmdlet => CommandOf(cmdlet.Cmdlet, cmdlet.Page)));
        var settings = new XmlWriterSettings
        {
            Indent = true,
            NewLineChars = "\n",
            NewLineHandling = NewLineHandling.None,
            Encoding = new UTF8Encoding(false),
        };
        using var writer = XmlWriter.Create(path, settings);
        root.Save(writer);
    }

    private XElement CommandOf(CmdletFacts cmdlet, HelpPage page) => new(Command + "command",
        new XElement(Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            Described(page.Synopsis),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun)),
        Described([.. page.Description]),
        new XElement(Command + "syntax", cmdlet.ParameterSets.Select(set => SyntaxOf(cmdlet, set))),
        new XElement(Command + "parameters", ParametersOf(cmdlet, page)),
        new XElement(Command + "inputTypes", page.Inputs.Select(entry => EntryOf(Command + "inputType", entry))),
        new XElement(Command + "returnValues", page.Outputs.Select(entry => EntryOf(Command + "returnValue", entry))),
        page.Notes.Count == 0 ? null : new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
        new XElement(Command + "examples", page.Examples.Select(ExampleOf)),
        new XElement(Command + "relatedLinks",
            LinkOf(new HelpLink("Online Version:", $"{online}{cmdlet.Name}.md")),
            page.Links.Select(LinkOf)));

    private static XElement SyntaxOf(CmdletFacts cmdlet, ParameterSetFacts set) => new(Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        set.Parameters.Select(member => ParameterOf(member.Parameter, member.Use, null)));

    private static IEnumerable<XElement> ParametersOf(CmdletFacts cmdlet, HelpPage page) =>
        from parameter in cmdlet.Parameters
        orderby parameter.Name.ToUpperInvariant()
        let text = page.Parameters.GetValueOrDefault(parameter.Name) ?? new ParameterText([], null)
        select ParameterOf(parameter, cmdlet.UseOf(parameter), text);

    // In a syntax there is no text; the word for the value is there in both.
    private static XElement ParameterOf(ParameterFacts parameter, ParameterUse use, ParameterText? text)
    {
        var isSyntax = text is null;
        return new XElement(Command + "parameter",
            new XAttribute("required", Word(use.IsRequired)),
            new XAttribute("variableLength", Word(use.TakesRest)),
            new XAttribute("globbing", Word(parameter.TakesWildcards)),
            new XAttribute("pipelineInput", PipelineOf(use)),
            new XAttribute("position", use.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Described(isSyntax ? [] : [.. DescriptionOf(parameter, text!)]),
            parameter.IsSwitch ? null : new XElement(Command + "parameterValue",
                new XAttribute("required", "true"),
                new XAttribute("variableLength", Word(parameter.ShortType.EndsWith("[]", StringComparison.Ordinal))),
                parameter.ShortType),
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.TypeName)),
            isSyntax ? null : new XElement(Dev + "defaultValue", PageChecks.DefaultOf(parameter, text!) ?? "None"));
    }

    private static IEnumerable<string> DescriptionOf(ParameterFacts parameter, ParameterText text)
    {
        var said = string.Join('\n', text.Description);
        // Get-Help shows no list of the words that are taken. A text that names some of them says which, and why not the others.
        var isSaid = parameter.AcceptedValues.Count == 0
            || parameter.AcceptedValues.Any(word => said.Contains(word, StringComparison.Ordinal));
        return isSaid
            ? text.Description
            : [.. text.Description, $"One of {string.Join(", ", parameter.AcceptedValues)}."];
    }

    private static string PipelineOf(ParameterUse use) => (use.ByValue, use.ByPropertyName) switch
    {
        (true, true) => "true (ByValue, ByPropertyName)",
        (true, false) => "true (ByValue)",
        (false, true) => "true (ByPropertyName)",
        _ => "false",
    };

    private static XElement EntryOf(XName name, HelpEntry entry) => new(name,
        new XElement(Dev + "type", new XElement(Maml + "name", entry.Type)),
        Described([.. entry.Description]));

    // The code comes first, as in the help of PowerShell itself: what Get-Help prints of an introduction runs into the code.
    // The empty paragraph keeps one example off the next.
    private static XElement ExampleOf(HelpExample example) => new(Command + "example",
        new XElement(Maml + "title", $"--------- {example.Title} ---------"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Paragraphs([.. example.Introduction, .. example.Remarks, ""])));

    private static XElement LinkOf(HelpLink link) => new(Maml + "navigationLink",
        new XElement(Maml + "linkText", link.Text),
        new XElement(Maml + "uri", link.Target));

    private static XElement Described(params string[] paragraphs) => new(Maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(Maml + "para", text));

    private static string Word(bool value) => value ? "true" : "false";
}
