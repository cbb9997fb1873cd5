using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace HelpGenerator;

/// <summary>Markdown as Get-Help shows it: without marks, tables in columns, each block a paragraph.</summary>
public static class PlainText
{
    /// <summary>A paragraph for each block.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Block> blocks) => [.. blocks.SelectMany(Of)];

    /// <summary>The text of a line or a paragraph.</summary>
    public static string Of(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        foreach (var inline in inlines ?? Enumerable.Empty<Inline>())
            text.Append(Of(inline));
        return text.ToString();
    }

    /// <summary>The lines of a code block.</summary>
    public static string Of(CodeBlock block) =>
        string.Join('\n', (block.Lines.Lines ?? []).Take(block.Lines.Count).Select(line => line.ToString())).TrimEnd();

    /// <summary>The paragraphs of a block.</summary>
    public static IEnumerable<string> Of(Block block) => block switch
    {
        Table table => [Of(table)],
        CodeBlock code => [Of(code)],
        ListBlock list => [Of(list)],
        LeafBlock leaf => [Of(leaf.Inline)],
        ContainerBlock container => container.SelectMany(Of),
        _ => [],
    };

    private static string Of(Inline inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        // A line break of the source is none of the text; Get-Help breaks lines itself.
        LineBreakInline end => end.IsHard ? "\n" : " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        AutolinkInline link => link.Url,
        LinkInline { IsImage: false } link => Of((ContainerInline)link) is var text && text == link.Url ? text : $"{text} ({link.Url})",
        ContainerInline container => Of(container),
        HtmlInline html => html.Tag,
        _ => throw new NotSupportedException($"Help has no way to show {inline.GetType().Name}."),
    };

    private static string Of(ListBlock list)
    {
        var number = int.TryParse(list.OrderedStart, out var start) ? start : 1;
        var lines = from item in list.Cast<ListItemBlock>()
                    let mark = list.IsOrdered ? $"{number++}. " : "- "
                    let text = string.Join('\n', Of(item.AsEnumerable()))
                    select mark + text.Replace("\n", "\n" + new string(' ', mark.Length), StringComparison.Ordinal);
        return string.Join('\n', lines);
    }

    private static string Of(Table table)
    {
        List<List<string>> rows = [.. table.Cast<TableRow>().Select(row => row.Cast<TableCell>().Select(TextOf).ToList())];
        var columns = Enumerable.Range(0, rows.Max(row => row.Count));
        List<int> widths = [.. columns.Select(column => rows.Max(row => row.ElementAtOrDefault(column)?.Length ?? 0))];
        rows.Insert(1, [.. widths.Select(width => new string('-', width))]);
        return string.Join('\n', rows.Select(row => LineOf(row, widths)));
    }

    private static string TextOf(TableCell cell) => string.Join(' ', Of(cell.AsEnumerable()));

    private static string LineOf(List<string> cells, List<int> widths) =>
        string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
}
