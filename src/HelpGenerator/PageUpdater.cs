using System.Text;
using System.Text.RegularExpressions;

namespace HelpGenerator;

/// <summary>Writes into a page what the assembly knows: the syntax, a section for each parameter, and its facts. Text of people is left as it is.</summary>
public static partial class PageUpdater
{
    private const int Width = 100;

    /// <summary>A page for a new cmdlet, with double braces where somebody has to write.</summary>
    public static string NewPage(CmdletFacts cmdlet)
    {
        var outputs = string.Concat(cmdlet.OutputTypes.Select(type => $"\n### {type}\n\n{{{{ When it comes }}}}\n"));
        var inputs = cmdlet.TakesPipeline ? "\n### {{ Type }}\n\n{{ What it is taken for }}\n" : "";
        return $$$"""
            ---
            document type: cmdlet
            external help file: DicomPS.dll-Help.xml
            HelpUri: ''
            Locale: en-US
            Module Name: DicomPS
            title: {{{cmdlet.Name}}}
            ---

            # {{{cmdlet.Name}}}

            ## SYNOPSIS

            {{ What it does, in one sentence }}

            ## SYNTAX

            ## ALIASES

            This cmdlet has no alias.

            ## DESCRIPTION

            {{ What one has to know }}

            ## EXAMPLES

            ### Example 1: {{ What it shows }}

            {{ A sentence }}

            ```powershell
            {{ Code }}
            ```

            ```output
            ```

            ## PARAMETERS

            ### CommonParameters

            This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable,
            -InformationAction, -InformationVariable, -OutBuffer, -OutVariable, -PipelineVariable,
            -ProgressAction, -Verbose, -WarningAction, and -WarningVariable. For more information, see
            [about_CommonParameters](https://go.microsoft.com/fwlink/?LinkID=113216).

            ## INPUTS
            {{{inputs}}}
            ## OUTPUTS
            {{{outputs}}}
            ## NOTES

            ## RELATED LINKS

            - [{{ Cmdlet }}](https://github.com/dicomps/DicomPS/blob/main/docs/en-US/{{ Cmdlet }}.md)

            """;
    }

    /// <summary>The page as it has to be; the same page when it is up to date.</summary>
    public static string Update(CmdletFacts cmdlet, string page)
    {
        var sections = Split(page.Replace("\r\n", "\n", StringComparison.Ordinal), "## ");
        for (var i = 1; i < sections.Count; i++)
        {
            if (sections[i].StartsWith("## SYNTAX\n", StringComparison.Ordinal))
                sections[i] = SyntaxOf(cmdlet);
            else if (sections[i].StartsWith("## PARAMETERS\n", StringComparison.Ordinal))
                sections[i] = ParametersOf(cmdlet, sections[i]);
        }

        return string.Concat(sections).TrimEnd() + "\n";
    }

    private static string SyntaxOf(CmdletFacts cmdlet)
    {
        var text = new StringBuilder("## SYNTAX\n\n");
        foreach (var set in cmdlet.ParameterSets)
        {
            var line = new StringBuilder(cmdlet.Name);
            var lines = new List<string>();
            foreach (var word in set.Parameters.Select(member => WordOf(member.Parameter, member.Use)).Append("[<CommonParameters>]"))
            {
                if (line.Length + 1 + word.Length > Width)
                {
                    lines.Add(line.ToString());
                    line.Clear();
                }

                line.Append(' ').Append(word);
            }

            lines.Add(line.ToString());
            text.Append($"### {NameOf(set)}\n\n```\n{string.Join('\n', lines)}\n```\n\n");
        }

        return text.ToString();
    }

    private static string NameOf(ParameterSetFacts set) => set.IsDefault ? $"{set.Name} (Default)" : set.Name;

    private static string WordOf(ParameterFacts parameter, ParameterUse use)
    {
        var name = use.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
        var word = parameter.IsSwitch ? name : $"{name} <{parameter.ShortType}>";
        return use.IsRequired ? word : $"[{word}]";
    }

    private static string ParametersOf(CmdletFacts cmdlet, string section)
    {
        var parts = Split(section, "### ");
        var known = parts.Skip(1).Where(part => part.StartsWith("### -", StringComparison.Ordinal)).ToDictionary(TitleOf, StringComparer.OrdinalIgnoreCase);
        var rest = parts.Skip(1).Where(part => !part.StartsWith("### -", StringComparison.Ordinal));
        var all = known.Keys.Union(cmdlet.Parameters.Select(parameter => $"-{parameter.Name}"), StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(name => cmdlet.Parameters.FirstOrDefault(parameter => name.Equals($"-{parameter.Name}", StringComparison.OrdinalIgnoreCase)) is { } parameter
                ? ParameterOf(cmdlet, parameter, known.GetValueOrDefault(name)) : known[name]);
        return string.Concat([parts[0], .. all, .. rest]);
    }

    private static string ParameterOf(CmdletFacts cmdlet, ParameterFacts parameter, string? part)
    {
        var words = part is null ? "" : DefaultLine().Match(part).Groups[1].Value.Trim('\'');
        var text = part is null ? $$$"""{{ Say what -{{{parameter.Name}}} does }}""" : Facts().Replace(part[(part.IndexOf('\n', StringComparison.Ordinal) + 1)..], "").Trim();
        var standard = PageChecks.DefaultOf(parameter, new ParameterText([], words.Length == 0 ? null : words));
        return $"### -{parameter.Name}\n\n{text}\n\n```yaml\n{FactsOf(cmdlet, parameter, standard)}```\n\n";
    }

    private static string FactsOf(CmdletFacts cmdlet, ParameterFacts parameter, string? standard)
    {
        var facts = new StringBuilder();
        facts.Append($"Type: {parameter.TypeName}\n");
        facts.Append($"DefaultValue: {Quoted(standard ?? "")}\n");
        facts.Append($"SupportsWildcards: {Word(parameter.TakesWildcards)}\n");
        facts.Append(ListOf("Aliases", parameter.Aliases));
        facts.Append("ParameterSets:\n");
        var order = cmdlet.ParameterSets.Select(set => set.Name).ToList();
        foreach (var use in parameter.Uses.OrderBy(use => order.IndexOf(use.Set)))
        {
            facts.Append($"- Name: {(use.Set == ParameterSetFacts.All ? "(All)" : use.Set)}\n");
            facts.Append($"  Position: {use.Position?.ToString() ?? "Named"}\n");
            facts.Append($"  IsRequired: {Word(use.IsRequired)}\n");
            facts.Append($"  ValueFromPipeline: {Word(use.ByValue)}\n");
            facts.Append($"  ValueFromPipelineByPropertyName: {Word(use.ByPropertyName)}\n");
            facts.Append($"  ValueFromRemainingArguments: {Word(use.TakesRest)}\n");
        }

        facts.Append("DontShow: false\n");
        facts.Append(ListOf("AcceptedValues", parameter.AcceptedValues));
        facts.Append("HelpMessage: ''\n");
        return facts.ToString();
    }

    private static string ListOf(string name, IReadOnlyList<string> values) =>
        values.Count == 0 ? $"{name}: []\n" : $"{name}:\n{string.Concat(values.Select(value => $"- {value}\n"))}";

    private static string Quoted(string text) => text.Length == 0 || !char.IsLetterOrDigit(text[0]) ? $"'{text}'" : text;

    private static string Word(bool value) => value ? "true" : "false";

    private static string TitleOf(string part) => part[4..part.IndexOf('\n', StringComparison.Ordinal)].Trim();

    // What a code block holds is no heading.
    private static List<string> Split(string text, string mark)
    {
        List<string> parts = [];
        var part = new StringBuilder();
        var isCode = false;
        foreach (var line in (text.EndsWith('\n') ? text[..^1] : text).Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            if (!isCode && line.StartsWith(mark, StringComparison.Ordinal))
            {
                parts.Add(part.ToString());
                part.Clear();
            }

            part.Append(line).Append('\n');
        }

        parts.Add(part.ToString());
        return parts;
    }

    [GeneratedRegex("(?m)^DefaultValue: (.*)$")]
    private static partial Regex DefaultLine();

    [GeneratedRegex("(?s)```yaml\n.*?```\n?")]
    private static partial Regex Facts();
}
