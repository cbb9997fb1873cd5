using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace DicomPS.Scripts;

/// <summary>
/// A script block made ready for runspaces of its own: its text, with $using: variables replaced by others that carry their values.
/// </summary>
internal sealed class HandlerBlock
{
    private static readonly HashSet<string> Deferring = new(StringComparer.OrdinalIgnoreCase)
    {
        "ForEach-Object", "ForEach", "%", "Start-ThreadJob", "Start-Job", "Invoke-Command", "icm",
    };

    // What changes more than the block's own scope. A reset takes milliseconds, so it is for blocks that need it.
    private static readonly HashSet<string> Lasting = new(StringComparer.OrdinalIgnoreCase)
    {
        "Set-Location", "sl", "cd", "chdir", "Push-Location", "pushd", "Set-Variable", "sv", "set", "New-Variable", "nv",
        "Import-Module", "ipmo",
        "Invoke-Expression", "iex", "Set-StrictMode",
    };

    private const string Exit = "return & { if ($args[0]) { throw \"The block ended with exit $($args[0]).\" } }";

    private HandlerBlock(string parameter, string script, bool leavesTraces) =>
        (Parameter, Script, LeavesTraces) = (parameter, script, leavesTraces);

    /// <summary>The parameter that it came from, such as OnFind.</summary>
    public string Parameter { get; }

    /// <summary>
    /// A script that takes the request and the further arguments. The block sees the request as its first argument and as $_.
    /// </summary>
    public string Script { get; }

    /// <summary>Whether it may change variables or the location of its runspace, which the next request must not see.</summary>
    public bool LeavesTraces { get; }

    /// <summary>Prepares a block.</summary>
    /// <param name="parameter">The parameter that it came from.</param>
    /// <param name="block">The block.</param>
    /// <param name="values">Takes the values of the $using: variables, by the names that replace them.</param>
    /// <param name="lookUp">Finds a variable of the caller.</param>
    /// <exception cref="ModuleException">A variable is not there, or is a script block, which belongs to the runspace that made
    /// it.</exception>
    public static HandlerBlock From(string parameter, ScriptBlock block, IDictionary<string, object?> values,
        Func<string, PSVariable?> lookUp)
    {
        // The text of a function has its parameters inside, unlike its syntax tree; so it is read anew.
        var text = block.ToString();
        var tree = Parser.ParseInput(text, out _, out _);
        var edits = new SortedDictionary<int, (int Length, string Text)>();
        // In a runspace of a server nothing ends by exit but the block, as if all had gone well.
        foreach (var exit in tree.FindAll(node => node is ExitStatementAst, searchNestedScriptBlocks: true).Cast<ExitStatementAst>())
            edits[exit.Extent.StartOffset] = ("exit".Length, exit.Pipeline is null ? "return" : Exit);
        var uses = tree.FindAll(node => node is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Where(use => !IsDeferred(use))
            .Select(use => (VariableExpressionAst)use.Find(node => node is VariableExpressionAst, searchNestedScriptBlocks: false));
        foreach (var use in uses)
        {
            var name = use.VariablePath.UserPath;
            var replacement = $"__using_{name}";
            values[replacement] = ValueOf(name, parameter, lookUp);
            edits[use.Extent.StartOffset] = (use.Extent.EndOffset - use.Extent.StartOffset,
                use.Splatted ? $"@{replacement}" : $"${{{replacement}}}");
        }

        var rewritten = new StringBuilder(text);
        foreach (var edit in edits.Reverse())
            rewritten.Remove(edit.Key, edit.Value.Length).Insert(edit.Key, edit.Value.Text);

        // The line breaks keep a comment at the end from swallowing the brace.
        return new HandlerBlock(parameter,
            $"param($DicomRequest, $DicomArguments) $_ = $DicomRequest; & {{\n{rewritten}\n}} $DicomRequest @DicomArguments",
            tree.FindAll(IsLasting, searchNestedScriptBlocks: true).Any());
    }

    private static bool IsLasting(Ast node) => node switch
    {
        VariableExpressionAst variable => variable.VariablePath.IsGlobal || variable.VariablePath.IsScript
            || variable.VariablePath.DriveName is { Length: > 0 } drive && drive.Equals("variable", StringComparison.OrdinalIgnoreCase),
        // A script that is called or dot-sourced may do anything.
        CommandAst command => command.GetCommandName() is not { } name || Lasting.Contains(name)
            || name.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    // What such a command inside the block runs elsewhere takes its $using: variables from the block, not from here.
    private static bool IsDeferred(Ast use)
    {
        for (var at = use.Parent; at is not null; at = at.Parent)
        {
            if (at is ScriptBlockExpressionAst { Parent: CommandAst command } && Deferring.Contains(command.GetCommandName() ?? ""))
                return true;
        }

        return false;
    }

    private static object? ValueOf(string name, string parameter, Func<string, PSVariable?> lookUp) => lookUp(name) switch
    {
        null => throw new ModuleException(ErrorIds.UsingVariableInvalid, ErrorCategory.ObjectNotFound,
            $"-{parameter} uses $using:{name}, but there is no variable ${name} here.", $"Set ${name} before the server is started.", name),
        { Value: ScriptBlock } => throw new ModuleException(ErrorIds.UsingVariableInvalid, ErrorCategory.InvalidArgument,
            $"-{parameter} uses $using:{name}, which is a script block and belongs to the runspace that made it.",
            "Write its text into the block, or put it into a module that the block imports.", name),
        { } variable => variable.Value,
    };
}
