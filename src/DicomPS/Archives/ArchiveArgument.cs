using System.Management.Automation;
using DicomPS.Nodes;

namespace DicomPS.Archives;

/// <summary>What the cmdlets for archives share: which folder or which running archive is meant, and failures under ids of their own.</summary>
internal static class ArchiveArgument
{
    /// <summary>The running archives with these ids; an id that is not there is an error of its own.</summary>
    public static IReadOnlyList<ArchiveServer> WithIds(Cmdlet cmdlet, int[] ids)
    {
        IReadOnlyList<ArchiveServer> running = ArchiveServer.Running;
        foreach (int id in ids.Where(id => running.All(server => server.Id != id)))
        {
            cmdlet.WriteError(Errors.From(new ModuleException(Errors.ServerNotFound, ErrorCategory.ObjectNotFound,
                $"No archive with the id {id} runs in this process.", "Get-DicomArchive lists those that do.", id), id));
        }

        return running.Where(server => ids.Contains(server.Id)).ToArray();
    }

    /// <summary>The running archive of a folder, or null.</summary>
    public static ArchiveServer? ServerOf(string folder)
    {
        string full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        return ArchiveServer.Running.FirstOrDefault(server => server.Path.TrimEnd(Path.DirectorySeparatorChar) == full);
    }

    /// <summary>The folder that a path of PowerShell names.</summary>
    public static string Folder(PSCmdlet cmdlet, string path)
    {
        string folder = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return provider.Name == "FileSystem" ? folder : throw new ModuleException(Errors.FileNotFound, ErrorCategory.InvalidArgument,
            $"'{path}' is not in the file system.", "Name a folder.", path);
    }

    /// <summary>What an archive that cannot be used is called; any other failure stays what it is.</summary>
    public static Exception Named(Exception failure, string folder) => failure switch
    {
        ModuleException => failure,
        DicomNetworkException => failure,
        DicomException { Stage: DicomStage.File, IsTransient: true } busy =>
            new ModuleException(Errors.ArchiveBusy, ErrorCategory.ResourceBusy, busy.Message, busy.Advice, folder, busy),
        DicomException { Stage: DicomStage.File } unusable =>
            new ModuleException(Errors.IndexUnusable, ErrorCategory.OpenError, unusable.Message,
                unusable.Advice ?? "Repair-DicomArchive makes the index anew from the files.", folder, unusable),
        IOException or UnauthorizedAccessException => new ModuleException(Errors.FolderNotWritable, ErrorCategory.PermissionDenied,
            $"The folder {folder} cannot be used: {failure.Message}", "Choose a folder that this user may write to.", folder, failure),
        _ => failure,
    };
}

/// <summary>Completes the ids of the archives that run in this process.</summary>
public sealed class ArchiveIdCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        ArchiveServer.Running.Select(server => ($"{server.Id}", $"{server.AETitle}, port {server.Port}, {server.Path}"));
}
