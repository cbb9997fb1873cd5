using System.Management.Automation;
using DicomPS.Compatibility;
using DicomPS.Scp;
using Microsoft.PowerShell.Commands;

namespace DicomPS.Files;

/// <summary>A folder that was named, and what became of the files in it.</summary>
internal sealed class FolderScope(string path)
{
    public string Path { get; } = path;

    /// <summary>Files of it that are DICOM, sent or failed.</summary>
    public long Dicom { get; set; }
}

/// <summary>
/// Turns -Path and -LiteralPath into files, a folder at a time, in the order of names. What cannot be found or listed
/// is written as a non-terminating error, and the rest goes on.
/// </summary>
/// <param name="cmdlet">The cmdlet that works on the files.</param>
/// <param name="recurse">Whether folders below folders are gone through.</param>
/// <param name="names">Which names of files are meant, wherever they come from: a folder, a wildcard, a list or the pipeline.</param>
internal sealed class FileSource(PSCmdlet cmdlet, bool recurse, NameFilter names) : IDisposable
{
    private readonly List<FolderScope> _folders = [];
    // Names that were written as they are.
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private FileCounter? _counter;
    private bool _isToldOfFolders;

    /// <summary>How many files there are, once that is known; what comes down the pipeline is not counted.</summary>
    public long? Total => _counter?.Total;

    /// <summary>How many files of folders were passed over because they are not DICOM.</summary>
    public long Skipped { get; set; }

    /// <summary>A folder that a path of PowerShell names, whether it is there or not.</summary>
    /// <exception cref="ModuleException">The path lies in something else than a file system.</exception>
    public static string Folder(PSCmdlet cmdlet, string path)
    {
        var folder = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == "FileSystem" ? folder : throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.InvalidArgument,
            $"'{path}' is not in the file system.", "Name a folder.", path);
    }

    /// <summary>The files that arguments name, each with the folder that happened to hold it; null when it was named itself.</summary>
    public IEnumerable<(string File, FolderScope? Folder)> Files(string[] paths, bool literal)
    {
        var items = paths.SelectMany(path => Resolve(path, literal)).ToArray();
        if (!cmdlet.MyInvocation.ExpectingInput)
            _counter = new FileCounter(token => Count(items, token));
        foreach (var item in items)
        {
            var folder = Directory.Exists(item) ? Remember(item) : null;
            foreach (var file in Files(item))
                yield return (file, folder);
        }
    }

    /// <summary>Writes an error for each folder in which no DICOM file was found.</summary>
    public void TellEmptyFolders()
    {
        foreach (var folder in _folders.Where(folder => folder.Dicom == 0))
        {
            cmdlet.WriteError(ErrorRecords.From(new ModuleException(ErrorIds.FolderWithoutDicom, ErrorCategory.ObjectNotFound,
                $"No DICOM file {(names.IsOn ? "whose name is meant " : "")}was found in '{folder.Path}'.",
                (names.IsOn ? "Check -Include and -Exclude. " : "")
                    + (recurse ? "Check the folder." : "Add -Recurse to look into the folders below it as well."), folder.Path),
                    folder.Path));
        }
    }

    /// <summary>Warns of the files that were passed over.</summary>
    public void TellSkipped()
    {
        if (Skipped > 0)
            cmdlet.WriteWarning($"{Skipped} file(s) were skipped because they are not DICOM; -Verbose names them.");
    }

    /// <summary>Ends the counting.</summary>
    public void Dispose() => _counter?.Dispose();

    /// <summary>The files of a folder, or the file itself.</summary>
    public IEnumerable<string> Files(string item)
    {
        if (Directory.Exists(item))
            return Walk(item);
        if (names.Takes(item))
            return [item];
        TellLeftOut(item);
        return [];
    }

    /// <summary>What an object says of its file: its path, and who sent it; null when it names none.</summary>
    public static (string Path, string? Source)? FileOf(PSObject item)
    {
        switch (item.BaseObject)
        {
            case string text:
                return (text, null);
            case FileSystemInfo info:
                return (info.FullName, null);
            case ReceivedInstance received:
                return (received.Path, received.CallingAETitle);
        }

        foreach (var name in new[] { "PSPath", "FullName", "Path" })
        {
            if (item.Properties[name]?.Value is string { Length: > 0 } path)
                return (path, item.Properties["CallingAETitle"]?.Value as string);
        }

        return null;
    }

    /// <summary>The files and folders that one argument names.</summary>
    public IReadOnlyList<string> Resolve(string path, bool literal)
    {
        try
        {
            var exact = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            if (!typeof(FileSystemProvider).IsAssignableFrom(provider.ImplementingType))
            {
                throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.InvalidArgument,
                    $"'{path}' is not in the file system.", "Name a file or a folder.", path);
            }

            // A name that is there as it stands is meant as it stands, even with brackets in it.
            if (File.Exists(exact) || Directory.Exists(exact))
            {
                if (names.IsOn && !cmdlet.MyInvocation.ExpectingInput)
                    _named.Add(exact);
                return [exact];
            }

            if (!literal && WildcardPattern.ContainsWildcardCharacters(path))
            {
                IReadOnlyList<string> found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _);
                var meant = found.Where(name => names.Takes(name) || Directory.Exists(name))
                    .OrderBy(name => name, NameOrder.Comparer).ToArray();
                if (meant.Length > 0)
                    return meant;
                if (found.Count > 0)
                {
                    throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                        $"Of {found.Count} file(s) that match '{path}', -Include and -Exclude leave none.",
                        "Check the patterns; they are of names of files.", path);
                }

                throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                    $"No file matches '{path}'.", "Check the folder and the pattern.", path);
            }

            throw new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                $"There is no file or folder '{path}'.", "Check the path; relative paths start at Get-Location.", path);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            cmdlet.WriteError(ErrorRecords.From(e, path));
            return [];
        }
        catch (RuntimeException e) when (e is SessionStateException)
        {
            // An unknown drive, or a wildcard in a folder that is not there.
            cmdlet.WriteError(ErrorRecords.From(new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                e.Message, "Check the drive and the folder.", path, e), path));
            return [];
        }
    }

    // Gives up when told to.
    private long Count(IEnumerable<string> items, CancellationToken token)
    {
        long count = 0;
        foreach (var item in items)
        {
            var files = Directory.Exists(item) ? Walk(item, recurse, names, static (_, _) => { }, static _ => { })
                : names.Takes(item) ? [item] : [];
            foreach (var _ in files)
            {
                count++;
                if (token.IsCancellationRequested)
                    return count;
            }
        }

        return count;
    }

    private FolderScope Remember(string folder)
    {
        // A folder with something in it needs no watching any more, so that a long pipeline of folders stays flat.
        _folders.RemoveAll(old => old.Dicom > 0);
        _folders.Add(new FolderScope(folder));
        return _folders[_folders.Count - 1];
    }

    // A file that is named and left out at once is a contradiction that somebody wrote; what a pipeline brings is not.
    private void TellLeftOut(string file)
    {
        var text = $"'{file}' is left out: its name is not one that -Include and -Exclude leave.";
        if (_named.Contains(file))
            cmdlet.WriteWarning(text);
        else
            cmdlet.WriteVerbose(text);
    }

    // Who excludes a folder has to know at once that its files are taken.
    private void TellFolder(string folder)
    {
        if (_isToldOfFolders || !names.Names(folder))
            return;
        _isToldOfFolders = true;
        cmdlet.WriteWarning($"The folder '{folder}' is gone through all the same: -Exclude is for names of files, not of folders.");
    }

    private IEnumerable<string> Walk(string folder) => Walk(folder, recurse, names, (failed, failure) =>
        cmdlet.WriteError(ErrorRecords.From(new ModuleException(ErrorIds.FolderUnreadable, ErrorCategory.PermissionDenied,
            $"The folder '{failed}' cannot be listed: {failure.Message}", "Check its permissions; the other folders are gone through.",
            failed, failure), failed)),
        special => cmdlet.WriteVerbose($"'{special}' is a pipe, a socket or a device and no file: it is passed over."), TellFolder);

    // Depth first, the files of a folder before its folders, each in the order of names: file systems have orders of their own, and
    // what is sent, listed or numbered should be the same everywhere. One folder's names at a time are held.
    // A link to a folder is not followed, so that no circle can be.
    private static IEnumerable<string> Walk(string folder, bool recurse, NameFilter names, Action<string, Exception> onFailure,
        Action<string> onSpecial, Action<string>? onFolder = null)
    {
        var pending = new Stack<string>();
        pending.Push(folder);
        while (pending.Count > 0)
        {
            var current = pending.Pop();
            onFolder?.Invoke(current);
            foreach (var name in Sorted(current, Directory.EnumerateFiles, onFailure))
            {
                var file = Path.Combine(current, name);
                if (!names.Takes(file))
                    continue;
                if (FileKind.IsSpecial(file))
                    onSpecial(file);
                else
                    yield return file;
            }

            if (!recurse)
                yield break;
            foreach (var name in Enumerable.Reverse(Sorted(current, Directory.EnumerateDirectories, onFailure)))
            {
                var child = Path.Combine(current, name);
                if ((File.GetAttributes(child) & FileAttributes.ReparsePoint) == 0)
                    pending.Push(child);
            }
        }
    }

    private static List<string> Sorted(string folder, Func<string, IEnumerable<string>> list, Action<string, Exception> onFailure)
    {
        var found = new List<string>();
        foreach (var entry in Guarded(folder, list, onFailure))
            found.Add(Path.GetFileName(entry));
        found.Sort(NameOrder.Compare);
        return found;
    }

    private static IEnumerable<string> Guarded(string folder, Func<string, IEnumerable<string>> list, Action<string, Exception> onFailure)
    {
        IEnumerator<string>? entries = null;
        try
        {
            while (true)
            {
                try
                {
                    entries ??= list(folder).GetEnumerator();
                    if (!entries.MoveNext())
                        yield break;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    onFailure(folder, e);
                    yield break;
                }

                yield return entries.Current;
            }
        }
        finally
        {
            entries?.Dispose();
        }
    }
}
