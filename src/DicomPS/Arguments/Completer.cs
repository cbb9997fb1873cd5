using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Associations;
using DicomPS.Serving;

namespace DicomPS.Arguments;

/// <summary>What Tab offers: texts that begin with what was typed, quoted where they need it.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        (string Text, string ToolTip)[] all;
        try
        {
            all = Candidates(parameterName ?? "", fakeBoundParameters ?? new Hashtable())
                .Where(candidate => candidate.Text.Length > 0).ToArray();
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            return [];
        }

        // What steers a terminal is neither typed nor shown; an id that has it cannot be offered.
        return all.Where(candidate => candidate.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
            && SafeText.Clean(candidate.Text) == candidate.Text)
            .Select(candidate => new CompletionResult(Quote(candidate.Text), candidate.Text, CompletionResultType.ParameterValue,
                candidate.ToolTip.Length > 0 ? SafeText.Clean(candidate.ToolTip) : candidate.Text));
    }

    /// <summary>Everything that could be meant, each with a line about it.</summary>
    private protected abstract IEnumerable<(string Text, string ToolTip)> Candidates();

    /// <summary>The same, for those that depend on the parameter and on what is written beside it.</summary>
    private protected virtual IEnumerable<(string Text, string ToolTip)> Candidates(string parameter, IDictionary given) => Candidates();

    // In a list, PowerShell takes 0012 for the number 12.
    private static string Quote(string text) =>
        text.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') && !double.TryParse(text, out _) ? text
            : $"'{text.Replace("'", "''")}'";
}

/// <summary>Completes the names of registered nodes.</summary>
public sealed class NodeNameCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        new NodeStore().Read().Select(node => (node.Name ?? "", node.Address));
}

/// <summary>Completes AE titles: those of the registered nodes, and for our own side those by which they know us.</summary>
public sealed class AETitleCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => Candidates("", new Hashtable());

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates(string parameter, IDictionary given)
    {
        var nodes = new NodeStore().Read();
        IEnumerable<(string Title, DicomNode Node)> theirs = nodes.Select(node => (node.AETitle, node));
        IEnumerable<(string Title, DicomNode Node)> ours = nodes.Select(node => (node.CallingAETitle, node));
        var all = parameter switch
        {
            "CallingAETitle" or "AETitle" => ours,
            // A move goes to a node, or to this machine under the title that the peer knows it by.
            "Destination" => theirs.Concat(ours),
            _ => theirs,
        };
        return all.GroupBy(pair => pair.Title, StringComparer.Ordinal)
            .Select(
                group => (group.Key,
                    string.Join(", ",
                        group.Select(pair => pair.Node.AETitle == group.Key ? $"{pair.Node}, {pair.Node.Address}"
                            : $"{pair.Node} knows us by it").Distinct())));
    }
}

/// <summary>Completes the hosts of the registered nodes.</summary>
public sealed class HostNameCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        new NodeStore().Read().GroupBy(node => node.HostName, StringComparer.OrdinalIgnoreCase)
            .Select(group => (group.Key, string.Join(", ", group)));
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
        var typed = (wordToComplete ?? "").TrimStart('@', '{', ' ');
        return FaultTransformAttribute.Keys.Where(
            fault => fault.Key != "FailStatus" && fault.Key.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(fault => new CompletionResult($"@{{ {fault.Key} = {fault.Example} }}", fault.Key, CompletionResultType.ParameterValue,
                fault.Meaning));
    }
}
