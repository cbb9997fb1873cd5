using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpGenerator;

/// <summary>Reads a page of docs/en-US, whose sections are those of PlatyPS.</summary>
public static partial class PageReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    /// <summary>The sections of a page, in their order.</summary>
    public static readonly IReadOnlyList<string> Sections =
        ["SYNOPSIS", "SYNTAX", "ALIASES", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">It lacks a section.</exception>
    public static HelpPage Read(string markdown)
    {
        var sections = SplitAt(Markdown.Parse(markdown, Pipeline), 2).Skip(1).ToDictionary(section => section.Title, section => section.Blocks);
        if (Sections.Except(sections.Keys).ToList() is { Count: > 0 } missing)
            throw new FormatException($"The page has no section ## {string.Join(", ## ", missing)}.");
        if (sections.Keys.Except(Sections).ToList() is { Count: > 0 } unknown)
            throw new FormatException($"No page has a section ## {string.Join(", ## ", unknown)}.");
        return new HelpPage(
            string.Join(' ', PlainText.Of(sections["SYNOPSIS"])),
            PlainText.Of(sections["DESCRIPTION"]),
            [.. SplitAt(sections["EXAMPLES"], 3).Skip(1).Select(example => ExampleOf(example.Title, example.Blocks))],
            SplitAt(sections["PARAMETERS"], 3).Skip(1).Where(part => part.Title.StartsWith('-'))
                .ToDictionary(part => part.Title[1..], part => ParameterOf(part.Blocks), StringComparer.OrdinalIgnoreCase),
            [.. SplitAt(sections["INPUTS"], 3).Skip(1).Select(part => new HelpEntry(part.Title, PlainText.Of(part.Blocks)))],
            [.. SplitAt(sections["OUTPUTS"], 3).Skip(1).Select(part => new HelpEntry(part.Title, PlainText.Of(part.Blocks)))],
            PlainText.Of(sections["NOTES"]),
            [.. sections["RELATED LINKS"].SelectMany(block => block.Descendants<LinkInline>()).Select(link => new HelpLink(PlainText.Of(link), link.Url!))]);
    }

    // What stands before the first heading comes first, with no title.
    private static IEnumerable<(string Title, List<Block> Blocks)> SplitAt(IEnumerable<Block> blocks, int level)
    {
        var title = "";
        List<Block> part = [];
        foreach (var block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level == level)
            {
                yield return (title, part);
                title = PlainText.Of(heading.Inline);
                part = [];
            }
            else
            {
                part.Add(block);
            }
        }

        yield return (title, part);
    }

    private static HelpExample ExampleOf(string title, List<Block> blocks)
    {
        var at = blocks.FindIndex(block => block is FencedCodeBlock { Info: "powershell" });
        if (at < 0)
            throw new FormatException($"'{title}' has no ```powershell block.");
        return new HelpExample(title, PlainText.Of(blocks.Take(at)), PlainText.Of((CodeBlock)blocks[at]), PlainText.Of(blocks.Skip(at + 1)));
    }

    private static ParameterText ParameterOf(List<Block> blocks)
    {
        // What the block says but for the default is in the assembly, and is taken from there.
        var facts = blocks.OfType<FencedCodeBlock>().LastOrDefault(block => block.Info == "yaml");
        var words = facts is null ? "" : DefaultLine().Match(PlainText.Of(facts)).Groups[1].Value.Trim('\'');
        return new ParameterText(PlainText.Of(blocks.Where(block => block != facts)), words.Length == 0 ? null : words);
    }

    [GeneratedRegex("(?m)^DefaultValue: (.*)$")]
    private static partial Regex DefaultLine();
}
