using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpGenerator;

/// <summary>Reads a page of docs/en-US.</summary>
public static class PageReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().Build();

    /// <summary>The sections of a page, in their order.</summary>
    public static readonly IReadOnlyList<string> Sections =
        ["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">It lacks a section.</exception>
    public static HelpPage Read(string markdown)
    {
        var sections = SplitAt(Markdown.Parse(markdown, Pipeline), 2).Skip(1)
            .ToDictionary(section => section.Title, section => section.Blocks);
        if (Sections.Except(sections.Keys).ToList() is { Count: > 0 } missing)
            throw new FormatException($"The page has no section ## {string.Join(", ## ", missing)}.");
        if (sections.Keys.Except(Sections).ToList() is { Count: > 0 } unknown)
            throw new FormatException($"No page has a section ## {string.Join(", ## ", unknown)}.");
        return new HelpPage(
            string.Join(' ', PlainText.Of(sections["SYNOPSIS"])),
            PlainText.Of(sections["DESCRIPTION"]),
            [.. SplitAt(sections["EXAMPLES"], 3).Skip(1).Select(example => ExampleOf(example.Title, example.Blocks))],
            ParametersOf(sections["PARAMETERS"]),
            [.. SplitAt(sections["INPUTS"], 3).Skip(1).Select(part => new HelpEntry(part.Title, PlainText.Of(part.Blocks)))],
            [.. SplitAt(sections["OUTPUTS"], 3).Skip(1).Select(part => new HelpEntry(part.Title, PlainText.Of(part.Blocks)))],
            PlainText.Of(sections["NOTES"]),
            [
                .. sections["RELATED LINKS"].SelectMany(block => block.Descendants<LinkInline>())
                    .Select(link => new HelpLink(PlainText.Of(link), link.Url!)),
            ]);
    }

    /// <summary>Reads the page of shared parameters.</summary>
    public static IReadOnlyDictionary<string, ParameterText> ReadShared(string markdown) =>
        ParametersOf(Markdown.Parse(markdown, Pipeline));

    private static Dictionary<string, ParameterText> ParametersOf(IEnumerable<Block> blocks) =>
        SplitAt(blocks, 3).Where(part => part.Title.StartsWith('-'))
            .ToDictionary(part => part.Title[1..], part => ParameterOf(part.Blocks), StringComparer.OrdinalIgnoreCase);

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
        return new HelpExample(
            title, PlainText.Of(blocks.Take(at)), PlainText.Of((CodeBlock)blocks[at]), PlainText.Of(blocks.Skip(at + 1)));
    }

    // What the last line says but for the default is in the assembly, and is taken from there.
    private static ParameterText ParameterOf(List<Block> blocks)
    {
        var facts = blocks.LastOrDefault() as QuoteBlock;
        var words = facts is null ? null : FactsLine.DefaultIn(string.Join(' ', PlainText.Of(facts.AsEnumerable())));
        return new ParameterText(PlainText.Of(blocks.Where(block => block != facts)), words);
    }
}
