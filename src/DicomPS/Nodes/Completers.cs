using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Transfer;

namespace DicomPS.Nodes;

/// <summary>What Tab offers: texts that begin with what was typed, quoted where they need it.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? "").Trim('\'', '"');
        (string Text, string ToolTip)[] all;
        try
        {
            all = Candidates().ToArray();
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return all.Where(candidate => candidate.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(candidate => new CompletionResult(Quote(candidate.Text), candidate.Text, CompletionResultType.ParameterValue, candidate.ToolTip));
    }

    /// <summary>Everything that could be meant, each with a line about it.</summary>
    private protected abstract IEnumerable<(string Text, string ToolTip)> Candidates();

    private static string Quote(string text) =>
        text.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') ? text : $"'{text.Replace("'", "''")}'";
}

/// <summary>Completes the names of registered nodes.</summary>
public sealed class NodeNameCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        new NodeStore().Read().Select(node => (node.Name ?? "", node.Address));
}

/// <summary>Completes the names of storage layouts.</summary>
public sealed class LayoutCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        StoragePath.LayoutNames.Select(name => (name, StoragePath.Parse(name).Template));
}

/// <summary>Completes faults, each as a hashtable with an example.</summary>
public sealed class FaultCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? "").TrimStart('@', '{', ' ');
        return FaultTransformAttribute.Keys.Where(fault => fault.Key != "FailStatus" && fault.Key.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(fault => new CompletionResult($"@{{ {fault.Key} = {fault.Example} }}", fault.Key, CompletionResultType.ParameterValue, fault.Meaning));
    }
}
