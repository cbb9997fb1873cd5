using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>
/// Completes rules of -Allow: services after the colon, registered nodes with their addresses before it, and the keys of a hashtable.
/// </summary>
public sealed class AllowCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        if (typed.TrimStart('@', '{', ' ') is var key && (typed.StartsWith("@{") || typed == "@"))
            return Keys(key);
        var colon = typed.LastIndexOf(':');
        if (colon >= 0 && !AddressRange.LooksLikeAddress(typed.Substring(typed.IndexOf('@') + 1)))
            return Services(typed, Math.Max(colon, typed.LastIndexOf(',')) + 1);
        return Callers().Where(caller => caller.Rule.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(caller => new CompletionResult($"'{caller.Rule.Replace("'", "''")}'", caller.Rule, CompletionResultType.ParameterValue,
                SafeText.Clean(caller.Node)))
            .Concat(typed.Length == 0 ? Keys("") : []);
    }

    private static IEnumerable<CompletionResult> Keys(string typed) => AllowTransformAttribute.Keys
        .Where(key => key.Key.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
        .Select(key => new CompletionResult($"@{{ {key.Key} = {key.Example} }}", key.Key, CompletionResultType.ParameterValue,
            key.Meaning));

    private static IEnumerable<CompletionResult> Services(string typed, int start)
    {
        var (before, begun) = (typed.Substring(0, start), typed.Substring(start).Trim());
        return AccessOf.Names.Where(name => name.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult($"'{before.Replace("'", "''")}{name}'", name, CompletionResultType.ParameterValue,
                $"{before}{name}"));
    }

    private static IEnumerable<(string Rule, string Node)> Callers()
    {
        try
        {
            return [.. new NodeStore().Read().Select(node => (AddressRange.LooksLikeAddress(node.HostName)
                    ? $"{node.AETitle}@{node.HostName}:" : $"{node.AETitle}:", $"{node.Name}, {node.Address}"))
                .Where(caller => SafeText.Clean(caller.Item1) == caller.Item1)];
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
