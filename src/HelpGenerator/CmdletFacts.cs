namespace HelpGenerator;

/// <summary>What the assembly says about one cmdlet.</summary>
/// <param name="Name">Verb-Noun.</param>
/// <param name="ParameterSets">The default one first, the others as they are declared.</param>
/// <param name="Parameters">In the order of Get-Command.</param>
/// <param name="OutputTypes">Full names, as OutputType has them.</param>
public sealed record CmdletFacts(
    string Name,
    IReadOnlyList<ParameterSetFacts> ParameterSets,
    IReadOnlyList<ParameterFacts> Parameters,
    IReadOnlyList<string> OutputTypes)
{
    /// <summary>The part before the hyphen.</summary>
    public string Verb => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>The part after the hyphen.</summary>
    public string Noun => Name[(Verb.Length + 1)..];

    /// <summary>
    /// The use of a parameter that stands for those of all its sets: that of the first one, which is the default; required
    /// only where it is required always, and open to the pipeline where it is so at all.
    /// </summary>
    public ParameterUse UseOf(ParameterFacts parameter)
    {
        var uses = ParameterSets.SelectMany(set => set.Parameters)
            .Where(member => member.Parameter == parameter).Select(member => member.Use).ToList();
        return uses[0] with
        {
            IsRequired = uses.All(use => use.IsRequired),
            ByValue = uses.Any(use => use.ByValue),
            ByPropertyName = uses.Any(use => use.ByPropertyName),
        };
    }

    /// <summary>Whether anything can be piped to it.</summary>
    public bool TakesPipeline => Parameters.Any(parameter => parameter.Uses.Any(use => use.ByValue || use.ByPropertyName));
}

/// <summary>A parameter set and what is in it, in the order of a syntax line.</summary>
public sealed record ParameterSetFacts(string Name, bool IsDefault, IReadOnlyList<(ParameterFacts Parameter, ParameterUse Use)> Parameters)
{
    /// <summary>The name that PowerShell gives to parameters that are in every set.</summary>
    public const string All = "__AllParameterSets";
}

/// <summary>What the assembly says about one parameter.</summary>
/// <param name="Name">Without the hyphen.</param>
/// <param name="TypeName">The full name of the type.</param>
/// <param name="ShortType">The type as a syntax line has it; empty for a switch.</param>
/// <param name="Default">What a made cmdlet has in it; null when that is nothing.</param>
/// <param name="IsDefaultCertain">Whether that is all; a mere zero may stand for what is decided later.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="AcceptedValues">The only words that it takes; none when it takes any.</param>
/// <param name="TakesWildcards">Whether it says that it takes wildcards.</param>
/// <param name="Uses">Its place in parameter sets.</param>
public sealed record ParameterFacts(
    string Name,
    string TypeName,
    string ShortType,
    string? Default,
    bool IsDefaultCertain,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    bool TakesWildcards,
    IReadOnlyList<ParameterUse> Uses)
{
    /// <summary>Whether it is there or not, with no value.</summary>
    public bool IsSwitch => ShortType.Length == 0;
}

/// <summary>What one Parameter attribute says.</summary>
/// <param name="Set">The parameter set, or the name for all of them.</param>
/// <param name="Position">Null where the parameter is named.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="ByValue">Whether objects of the pipeline are taken for it.</param>
/// <param name="ByPropertyName">Whether properties of objects of the pipeline are.</param>
/// <param name="TakesRest">Whether it takes the arguments that are left.</param>
public sealed record ParameterUse(string Set, int? Position, bool IsRequired, bool ByValue, bool ByPropertyName, bool TakesRest);
