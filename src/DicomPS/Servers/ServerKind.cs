using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Archives;
using DicomPS.Scripts;
using DicomPS.Serving;

namespace DicomPS.Servers;

/// <summary>A kind of server: its noun, what it is called, and a line about one.</summary>
internal sealed record ServerKind(Type Type, string Noun, string Word, Func<RunningServer, string> About)
{
    private static readonly ServerKind[] Kinds =
    [
        new(typeof(StorageServer), "DicomStorageScp", "storage SCP", server => ((StorageServer)server).Path),
        new(typeof(ScriptServer), "DicomScp", "SCP", server => ((ScriptServer)server).Handlers),
        new(typeof(ArchiveServer), "DicomArchive", "archive", server => ((ArchiveServer)server).Path),
    ];

    // What cmdlets for more than one kind work on.
    private static readonly ServerKind Any =
        new(typeof(RunningServer), "DicomArchive, Get-DicomStorageScp or Get-DicomScp", "server", server => $"{server}");

    /// <summary>The kind of a type.</summary>
    public static ServerKind Of<T>()
        where T : RunningServer => Kinds.SingleOrDefault(kind => kind.Type == typeof(T)) ?? Any;

    /// <summary>The kind that a command is for; null for any other command.</summary>
    public static ServerKind? Of(string commandName) =>
        Kinds.FirstOrDefault(kind => commandName.EndsWith($"-{kind.Noun}", StringComparison.OrdinalIgnoreCase));

    /// <summary>The running servers with these ids; an id that is not there is an error of its own.</summary>
    public static IReadOnlyList<T> WithIds<T>(Cmdlet cmdlet, int[] ids)
        where T : RunningServer
    {
        T[] running = [.. RunningServer.All.OfType<T>()];
        var kind = Of<T>();
        foreach (var id in ids.Where(id => running.All(server => server.Id != id)))
        {
            cmdlet.WriteError(ErrorRecords.From(new ModuleException(ErrorIds.ServerNotFound, ErrorCategory.ObjectNotFound,
                $"No {kind.Word} with the id {id} runs in this process.", $"Get-{kind.Noun} lists those that do.", id), id));
        }

        return [.. running.Where(server => ids.Contains(server.Id))];
    }
}

/// <summary>Completes the ids of the servers that run in this process, of the kind that the command is for.</summary>
public sealed class ServerIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var kind = ServerKind.Of(commandName ?? "");
        return RunningServer.All
            .Where(server => (kind is null || kind.Type.IsInstanceOfType(server))
                && $"{server.Id}".StartsWith(wordToComplete ?? "", StringComparison.Ordinal))
            .Select(server => new CompletionResult($"{server.Id}", $"{server.Id}", CompletionResultType.ParameterValue,
                $"{server.AETitle}, port {server.Port}{(kind is null ? "" : $", {kind.About(server)}")}"));
    }
}
