using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DicomPS.Archives;

namespace DicomPS.Servers;

/// <summary>
/// What the cmdlets for archives share: which folder or which running archive is meant, and failures under ids of their own.
/// </summary>
internal static class ArchiveArgument
{
    /// <summary>The running archive of a folder, or null.</summary>
    public static ArchiveServer? ServerOf(string folder)
    {
        var full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        return ArchiveServer.Running.FirstOrDefault(server => server.Path.TrimEnd(Path.DirectorySeparatorChar) == full);
    }

    /// <summary>The folder of the archive that -Archive names, and the server where it runs in this process.</summary>
    /// <param name="archive">A folder, a running archive or its id; null for the only one that runs.</param>
    /// <param name="folderOf">The folder that a path of PowerShell names.</param>
    /// <exception cref="ModuleException">No such archive runs, or several do.</exception>
    public static (string Folder, ArchiveServer? Server) Resolve(object? archive, Func<string, string> folderOf)
    {
        switch (archive is PSObject wrapped ? wrapped.BaseObject : archive)
        {
            case ArchiveServer running:
                return (running.Path, running);
            case int id:
                return ArchiveServer.Running.FirstOrDefault(running => running.Id == id) is { } found ? (found.Path, found)
                    : throw new ModuleException(ErrorIds.ServerNotFound, ErrorCategory.ObjectNotFound,
                        $"No archive with the id {id} runs in this process.", "Get-DicomArchive lists those that do.", id);
            case null:
                var all = ArchiveServer.Running;
                return all.Count == 1 ? (all[0].Path, all[0]) : throw new ModuleException(ErrorIds.ArchiveMissing,
                    ErrorCategory.InvalidArgument,
                    all.Count == 0 ? "No archive runs in this process, and -Archive names none."
                        : $"{all.Count} archives run in this process.",
                    "Name the archive with -Archive: its folder, its object or its id.", null);
            case object named:
                var folder = folderOf(LanguagePrimitives.ConvertTo<string>(named is FileSystemInfo info ? info.FullName : named));
                return (folder, ServerOf(folder));
        }
    }

    /// <summary>Gives the failure of an archive an error id of its own; any other failure comes back as it is.</summary>
    public static Exception Named(Exception failure, string folder) => failure switch
    {
        ModuleException => failure,
        IOException when LibraryConflict.IsOne(failure) => failure,
        DicomNetworkException => failure,
        DicomException { Stage: DicomStage.File, IsTransient: true } busy =>
            new ModuleException(ErrorIds.ArchiveBusy, ErrorCategory.ResourceBusy, busy.Message, busy.Advice, folder, busy),
        DicomException { Stage: DicomStage.File } unusable =>
            new ModuleException(ErrorIds.IndexUnusable, ErrorCategory.OpenError, unusable.Message,
                unusable.Advice ?? "Repair-DicomArchive makes the index anew from the files.", folder, unusable),
        IOException or UnauthorizedAccessException => new ModuleException(ErrorIds.FolderNotWritable, ErrorCategory.PermissionDenied,
            $"The folder {folder} cannot be used: {failure.Message}", "Choose a folder that this user may write to.", folder, failure),
        _ => failure,
    };
}

/// <summary>Completes the ids of the archives that run in this process, for a command of another noun.</summary>
public sealed class ArchiveCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) =>
        new ServerIdCompleter().CompleteArgument("Get-DicomArchive", parameterName, wordToComplete, commandAst, fakeBoundParameters);
}
