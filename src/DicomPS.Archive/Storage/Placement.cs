using DicomPS.Archiving.Index;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>
/// A file on its way to its place. It is there before the index has it; when the index does not take it, everything is as it was.
/// Whoever has one has the lock of its UIDs, so that nobody else touches a file of the same instance.
/// </summary>
internal sealed class Placement
{
    private readonly ArchiveOptions _options;
    private readonly string? _backup;
    private readonly bool _isNew;

    private Placement(ArchiveOptions options, string path, bool isNew, string? backup)
    {
        _options = options;
        Path = path;
        _isNew = isNew;
        _backup = backup;
    }

    /// <summary>Where the file is, in full.</summary>
    public string Path { get; }

    /// <summary>The folder that has its name.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Whether a file of the same instance was replaced.</summary>
    public bool Replaced => !_isNew;

    /// <summary>Puts a file where nothing is; null when something is.</summary>
    public static Placement? TryNew(ArchiveOptions options, string temporary, string target, FolderNames names)
    {
        const int tries = 5;
        var folder = System.IO.Path.GetDirectoryName(target)!;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return options.Files.TryMoveToNew(temporary, target) ? new Placement(options, target, isNew: true, null) : null;
            }
            catch (DirectoryNotFoundException) when (attempt < tries)
            {
                // The first of its series, or a removal took the empty folder away.
                names.Make(folder);
            }
        }
    }

    /// <summary>
    /// Puts a file in the place of the file of the same instance, which stays under a second name until the index has the new one.
    /// </summary>
    public static Placement Over(ArchiveOptions options, string temporary, string target, string archive, FolderNames names)
    {
        var second = ArchiveFolder.NewTemporary(archive);
        // Where a file cannot have two names, the new one stays also when the index refuses it.
        var backup = options.Files.Look(target).Exists && options.Files.TryLink(target, second) ? second : null;
        try
        {
            var folder = System.IO.Path.GetDirectoryName(target)!;
            if (!Directory.Exists(folder))
                names.Make(folder);
            options.Files.Replace(temporary, target);
        }
        catch
        {
            if (backup is { })
                options.Files.TryDelete(backup);
            throw;
        }

        return new Placement(options, target, isNew: false, backup);
    }

    /// <summary>The index has it.</summary>
    public void Commit()
    {
        if (_backup is { })
            _options.Files.TryDelete(_backup);
    }

    /// <summary>The index does not have it: the folder becomes what it was, also after a power cut.</summary>
    /// <exception cref="IOException">It could not be made what it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It could not be made what it was.</exception>
    public void Undo(string archive)
    {
        if (_isNew)
        {
            _options.Files.Delete(Path);
            Flush();
            _options.Files.DeleteEmpty(Folder, archive);
        }
        else if (_backup is { })
        {
            _options.Files.Replace(_backup, Path);
            Flush();
        }
    }

    /// <summary>Whether a file is of the same instance as an entry; false for what cannot be read.</summary>
    public static bool IsSame(FileSystem files, string path, IndexEntry entry)
    {
        try
        {
            var there = files.Probe(path, IndexEntry.StopAt, IndexEntry.IsWanted);
            ArchivedFile.Complete(there);
            var other = IndexEntry.ForInstance(there.Header);
            return other.Rows[3]!.Uid == entry.Rows[3]!.Uid && other.Rows[2]!.Uid == entry.Rows[2]!.Uid
                && StudyFolders.IsSame(Owner(other), Owner(entry));
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            return false;
        }

        static RowOwner Owner(IndexEntry of) => new(of.Rows[0]?.PatientID, of.Rows[0]?.Issuer, of.Rows[1]!.Uid!, null, null);
    }

    private void Flush()
    {
        if (_options.FlushToDisk)
            _options.Files.FlushFolder(Folder);
    }
}
