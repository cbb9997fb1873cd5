namespace HelpGenerator;

/// <summary>Holds a page against its cmdlet.</summary>
public static class PageChecks
{
    /// <summary>The default of a parameter: what the code has, and where that is nothing, what the page says.</summary>
    public static string? DefaultOf(ParameterFacts parameter, ParameterText text) =>
        parameter.IsDefaultCertain ? parameter.Default : text.Default;

    /// <summary>What a page lacks or has too much, each a sentence that says what to do. None when they agree.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="page">Its page, with the texts of shared parameters.</param>
    public static IEnumerable<string> Of(CmdletFacts cmdlet, HelpPage page)
    {
        foreach (var parameter in cmdlet.Parameters)
        {
            if (Of(parameter, page.Parameters.GetValueOrDefault(parameter.Name)) is { } problem)
                yield return problem;
        }

        var names = cmdlet.Parameters.Select(parameter => parameter.Name);
        foreach (var name in page.Parameters.Keys.Except(names, StringComparer.OrdinalIgnoreCase))
            yield return $"-{name} is described and is no parameter of {cmdlet.Name}. Take its section away.";
        var outputs = page.Outputs.Select(entry => entry.Type).ToList();
        foreach (var type in cmdlet.OutputTypes.Except(outputs))
            yield return $"{type}, which OutputType names, is not in OUTPUTS. Add '### {type}' and say when it comes.";
        foreach (var type in outputs.Except(cmdlet.OutputTypes))
            yield return $"{type} is in OUTPUTS, and no OutputType names it. Add the attribute, or take the section away.";
        if (cmdlet.TakesPipeline && page.Inputs.Count == 0)
            yield return "INPUTS names nothing, and the cmdlet takes objects of the pipeline.";
        if (!cmdlet.TakesPipeline && page.Inputs.Count > 0)
            yield return "INPUTS names a type, and no parameter takes objects of the pipeline.";
        if (IsToFill([page.Synopsis]))
            yield return "SYNOPSIS says nothing yet.";
        if (IsToFill(page.Description))
            yield return "DESCRIPTION says nothing yet.";
        if (page.Examples.Count < 3)
            yield return "EXAMPLES has fewer than three.";
    }

    private static string? Of(ParameterFacts parameter, ParameterText? text)
    {
        if (text is null || IsToFill(text.Description))
        {
            return $"-{parameter.Name} is not described. Run 'pwsh build.ps1 -Task Docs', which makes its section, "
                + "and say there what it does.";
        }

        if (!parameter.IsDefaultCertain && parameter.Default is { } zero && text.Default is null)
        {
            return $"-{parameter.Name} is {zero} in the code when nobody gives it. Say in the line below its text what that "
                + "comes to, such as '> int; default: No limit'.";
        }

        return parameter.IsDefaultCertain && !parameter.IsSwitch && text.Default != parameter.Default
            ? $"-{parameter.Name} has the default {parameter.Default} in the code and {text.Default ?? "none"} in the page. "
                + "Run 'pwsh build.ps1 -Task Docs'; where it is a shared parameter, describe it in the page itself."
            : null;
    }

    // Nothing, or the double braces of a new page.
    private static bool IsToFill(IReadOnlyList<string> text) =>
        text.All(string.IsNullOrWhiteSpace) || text.Any(paragraph => paragraph.Contains("{{", StringComparison.Ordinal));
}
