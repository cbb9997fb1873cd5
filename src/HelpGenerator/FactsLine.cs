using System.Globalization;

namespace HelpGenerator;

/// <summary>The line below the text of a parameter: what the assembly knows, and the default, where need be in words of the page.</summary>
public static class FactsLine
{
    private const string Separator = "; ";
    private const string Default = "default: ";

    /// <summary>The line of a parameter of a cmdlet.</summary>
    public static string Of(CmdletFacts cmdlet, ParameterFacts parameter, string? standard)
    {
        var use = cmdlet.UseOf(parameter);
        var from = new[] { use.ByValue ? "value" : "", use.ByPropertyName ? "property name" : "" }.Where(way => way.Length > 0).ToList();
        return Join(
            [
                .. Common(parameter, standard),
                use.IsRequired ? "required" : "",
                use.Position is { } position ? $"position: {position.ToString(CultureInfo.InvariantCulture)}" : "",
                from.Count > 0 ? $"pipeline: {string.Join(", ", from)}" : "",
            ]);
    }

    /// <summary>The line of a shared parameter: what is so in every cmdlet.</summary>
    public static string OfShared(ParameterFacts parameter, string? standard) => Join(Common(parameter, standard));

    /// <summary>The default that a line names; null when it names none.</summary>
    public static string? DefaultIn(string line) =>
        line.Split(Separator).FirstOrDefault(fact => fact.StartsWith(Default, StringComparison.Ordinal))?[Default.Length..];

    private static IEnumerable<string> Common(ParameterFacts parameter, string? standard) =>
    [
        parameter.IsSwitch ? "switch" : parameter.ShortType,
        parameter.IsSwitch || standard is null ? "" : Default + standard,
        parameter.AcceptedValues.Count > 0 ? $"takes: {string.Join(", ", parameter.AcceptedValues)}" : "",
        parameter.TakesWildcards ? "wildcards" : "",
        parameter.Aliases.Count > 0 ? $"aliases: {string.Join(", ", parameter.Aliases)}" : "",
    ];

    private static string Join(IEnumerable<string> facts) => $"> {string.Join(Separator, facts.Where(fact => fact.Length > 0))}\n";
}
