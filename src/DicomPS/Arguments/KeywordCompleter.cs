using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Dictionary;

namespace DicomPS.Arguments;

/// <summary>Completes the keywords of the dictionary, those that the standard has withdrawn left out.</summary>
public sealed class KeywordCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        DicomDictionary.All.Where(entry => entry.Keyword.Length > 0 && !entry.IsRetired && entry.Tag.Group >= 0x0008)
            .OrderBy(entry => entry.Keyword, StringComparer.OrdinalIgnoreCase)
            .Select(entry => (entry.Keyword, $"{entry.Tag} {entry.VrText} {entry.Name}"));
}

/// <summary>
/// Completes the first key of a table of keys; within the braces PowerShell asks nobody, and offers the properties of
/// <see cref="KeyTable"/>.
/// </summary>
public sealed class KeyTableCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) =>
        new KeywordCompleter().CompleteArgument(commandName, parameterName, (wordToComplete ?? "").TrimStart('@', '{', ' '), commandAst,
            fakeBoundParameters)
            .Select(keyword => new CompletionResult($"@{{ {keyword.ListItemText} = '' }}", keyword.ListItemText,
                CompletionResultType.ParameterValue, keyword.ToolTip));
}
