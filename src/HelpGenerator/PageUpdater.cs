using System.Text;

namespace HelpGenerator;

/// <summary>
/// Writes into a page what the assembly knows: the syntax, a section for each parameter that is not shared, and its facts.
/// The text of people is left as it is.
/// </summary>
public static class PageUpdater
{
    private const int Width = 100;
    private const string CommonParameters = "https://go.microsoft.com/fwlink/?LinkID=113216";

    /// <summary>A page for a new cmdlet, with double braces where somebody has to write.</summary>
    public static string NewPage(CmdletFacts cmdlet)
    {
        var outputs = string.Concat(cmdlet.OutputTypes.Select(type => $"\n### {type}\n\n{{{{ When it comes }}}}\n"));
        var inputs = cmdlet.TakesPipeline ? "\n### {{ Type }}\n\n{{ What it is taken for }}\n" : "";
        return $$$"""
            # {{{cmdlet.Name}}}

            ## SYNOPSIS

            {{ What it does, in one sentence }}

            ## SYNTAX

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
    public static string Update(CmdletFacts cmdlet, string page, IReadOnlyDictionary<string, ParameterText> shared)
    {
        var sections = Split(page.Replace("\r\n", "\n", StringComparison.Ordinal), "## ");
        for (var i = 1; i < sections.Count; i++)
        {
            if (sections[i].StartsWith("## SYNTAX\n", StringComparison.Ordinal))
                sections[i] = SyntaxOf(cmdlet);
            else if (sections[i].StartsWith("## PARAMETERS\n", StringComparison.Ordinal))
                sections[i] = ParametersOf(cmdlet, sections[i], shared);
        }

        return string.Concat(sections).TrimEnd() + "\n";
    }

    /// <summary>The page of shared parameters as it has to be. Its facts are those of a cmdlet that has the parameter: of
    /// the first, where they are no cmdlet's.</summary>
    public static string UpdateShared(IReadOnlyList<CmdletFacts> cmdlets, string page)
    {
        var parts = Split(page.Replace("\r\n", "\n", StringComparison.Ordinal), "### ");
        for (var i = 1; i < parts.Count; i++)
        {
            // A cmdlet in which it is otherwise describes it in its own page.
            var part = parts[i];
            var all = cmdlets.SelectMany(cmdlet => cmdlet.Parameters)
                .Where(parameter => TitleOf(part).Equals($"-{parameter.Name}", StringComparison.OrdinalIgnoreCase))
                .Select(parameter => PartOf(parameter, part, standard => FactsLine.OfShared(parameter, standard))).ToList();
            if (all.Count > 0 && !all.Contains(part))
                parts[i] = all[0];
        }

        return string.Concat(parts).TrimEnd() + "\n";
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

    private static string ParametersOf(CmdletFacts cmdlet, string section, IReadOnlyDictionary<string, ParameterText> shared)
    {
        var parts = Split(section, "### ");
        var own = parts.Skip(1).Where(part => part.StartsWith("### -", StringComparison.Ordinal))
            .ToDictionary(part => TitleOf(part)[1..], StringComparer.OrdinalIgnoreCase);
        var facts = cmdlet.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
        var all = from name in own.Keys.Union(facts.Keys, StringComparer.OrdinalIgnoreCase)
                  where own.ContainsKey(name) || !shared.ContainsKey(name)
                  orderby name.ToUpperInvariant()
                  select facts.TryGetValue(name, out var parameter)
                      ? PartOf(parameter, own.GetValueOrDefault(name), standard => FactsLine.Of(cmdlet, parameter, standard))
                      : own[name];
        var links = from name in facts.Keys
                    where shared.ContainsKey(name) && !own.ContainsKey(name)
                    orderby name.ToUpperInvariant()
                    select $"[-{name}]({PageFolder.SharedName}#-{name.ToLowerInvariant()})";
        return string.Concat([parts[0], .. all, SharedOf([.. links])]);
    }

    private static string SharedOf(IReadOnlyList<string> links)
    {
        var common = $"Like every cmdlet this one takes [the common parameters]({CommonParameters}) of PowerShell.\n\n";
        var list = $"Described in [shared parameters]({PageFolder.SharedName}): {string.Join(", ", links)}.\n\n";
        return $"### Shared parameters\n\n{(links.Count == 0 ? "" : list)}{common}";
    }

    private static string PartOf(ParameterFacts parameter, string? part, Func<string?, string> facts)
    {
        var text = $$$"""{{ Say what -{{{parameter.Name}}} does }}""";
        string? words = null;
        if (part is not null)
        {
            var lines = part.TrimEnd().Split('\n')[1..];
            var isFacts = lines.Length > 0 && lines[^1].StartsWith("> ", StringComparison.Ordinal);
            words = isFacts ? FactsLine.DefaultIn(lines[^1][2..]) : null;
            text = string.Join('\n', isFacts ? lines[..^1] : lines).Trim();
        }

        var standard = PageChecks.DefaultOf(parameter, new ParameterText([], words));
        return $"### -{parameter.Name}\n\n{text}\n\n{facts(standard)}\n";
    }

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
}
