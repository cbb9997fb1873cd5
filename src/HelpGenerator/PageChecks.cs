namespace HelpGenerator;

/// <summary>Holds a page against its cmdlet.</summary>
public static class PageChecks
{
    /// <summary>The default of a parameter: what the code has, and where that is nothing, what the page says.</summary>
    public static string? DefaultOf(ParameterFacts parameter, ParameterText text) =>
        parameter.IsDefaultCertain ? parameter.Default : text.Default;

    /// <summary>What a page lacks or has too much, each a sentence that says what to do. None when they agree.</summary>
    public static IEnumerable<string> Of(CmdletFacts cmdlet, HelpPage page)
    {
        foreach (var parameter in cmdlet.Parameters)
        {
            if (!page.Parameters.TryGetValue(parameter.Name, out var text) || IsToFill(text.Description))
            {
                yield return $"-{parameter.Name} is not described. Run 'pwsh build.ps1 -Task Docs', which makes its section, and say there what it does.";
                continue;
            }

            if (!parameter.IsDefaultCertain && parameter.Default is { } zero && text.Default is null)
                yield return $"-{parameter.Name} is {zero} in the code when nobody gives it. Say after DefaultValue: in the page what that comes to.";
            if (parameter.IsDefaultCertain && text.Default is { } said && said != parameter.Default)
                yield return $"-{parameter.Name} has the default {parameter.Default} in the code and {said} in the page. Run 'pwsh build.ps1 -Task Docs'.";
        }

        foreach (var name in page.Parameters.Keys.Except(cmdlet.Parameters.Select(parameter => parameter.Name), StringComparer.OrdinalIgnoreCase))
            yield return $"-{name} is described and is no parameter of {cmdlet.Name}. Take its section away.";
        foreach (var type in cmdlet.OutputTypes.Except(page.Outputs.Select(entry => entry.Type)))
            yield return $"{type}, which OutputType names, is not in OUTPUTS. Add '### {type}' and say when it comes.";
        foreach (var type in page.Outputs.Select(entry => entry.Type).Except(cmdlet.OutputTypes))
            yield return $"{type} is in OUTPUTS, and no OutputType attribute names it. Add the attribute, or take the section away.";
        if (cmdlet.TakesPipeline != page.Inputs.Any(entry => entry.Type != "None"))
            yield return cmdlet.TakesPipeline ? "INPUTS names nothing, and the cmdlet takes objects of the pipeline." : "INPUTS names a type, and no parameter takes objects of the pipeline.";
        if (IsToFill([page.Synopsis]))
            yield return "SYNOPSIS says nothing yet.";
        if (IsToFill(page.Description))
            yield return "DESCRIPTION says nothing yet.";
        if (page.Examples.Count < 3)
            yield return "EXAMPLES has fewer than three.";
    }

    // Nothing, or the double braces of a new page.
    private static bool IsToFill(IReadOnlyList<string> text) =>
        text.All(string.IsNullOrWhiteSpace) || text.Any(paragraph => paragraph.Contains("{{", StringComparison.Ordinal));
}
