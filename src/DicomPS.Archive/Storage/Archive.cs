using System.Runtime.InteropServices;
using DicomPS.Archiving.Index;
using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>
/// A folder of DICOM files and an index of them. A file comes first: it lies whole in its place before the index knows it, and
/// only when the index has it for good is it stored. So a process that is killed at any moment loses nothing that it
/// acknowledged; what it left half done is found when the archive is opened again. docs/architecture.md has the order and why it holds.
/// </summary>
/// <remarks>
/// All members are for any thread; one process at a time has a folder open.
/// <example>
/// <code>
/// await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = folder }, token);
/// await foreach (var file in archive.ImportAsync(files, ImportMode.Copy, cancellationToken: token))
///     Console.WriteLine($"{file.Path}: {file.Problem?.Message ?? "stored"}");
/// </code>
/// </example>
/// </remarks>
public sealed partial class Archive : IAsyncDisposable
{
    private const int BatchLength = 200;
    private const string IndexName = "index.sqlite", OpenName = ".dicomps-open";
    private readonly ArchiveOptions _options;
    private readonly FileStream _open;
    private readonly StudyFolders _folders;

    // Files and index may differ: the next opening looks, as after a kill.
    private volatile bool _isInDoubt;

    private Archive(ArchiveOptions options, ArchiveIndex index, FileStream open)
    {
        _options = options;
        Index = index;
        _open = open;
        _folders = new StudyFolders(index);
        Folder = Path.GetFullPath(options.Folder);
        Protected = new ProtectedStudies(Folder);
        _names = new FolderNames(Folder, options.Files);
    }

    /// <summary>The folder of the files.</summary>
    public string Folder { get; }

    /// <summary>Whether the next opening looks through all files, because something could not be undone.</summary>
    internal bool IsInDoubt => _isInDoubt;

    /// <summary>The disk.</summary>
    internal FileSystem Files => _options.Files;

    /// <summary>The studies that no limit deletes.</summary>
    internal ProtectedStudies Protected { get; }

    /// <summary>The index.</summary>
    public ArchiveIndex Index { get; }

    /// <summary>
    /// What was changed so that files and index agree, when the archive had not been closed in good order; otherwise null.
    /// </summary>
    public ArchiveRepair? Recovered { get; private set; }

    /// <summary>What was damaged in the index that a repair replaced, in SQLite's words; null when it was sound or missing.</summary>
    public string? Damage { get; private init; }

    /// <summary>Opens an archive; makes it when the folder is empty or missing.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomException">It is open already, or its index cannot be used.</exception>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    public static Task<Archive> OpenAsync(ArchiveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OpenAsync(options, startAnew: false, cancellationToken);
    }

    /// <summary>
    /// Opens an archive with an index made anew from the files, also when the old index is damaged. Files outside the folder stay known
    /// as far as the old index can be read.
    /// </summary>
    /// <param name="options">Where it is.</param>
    /// <param name="cancellationToken">Gives up; the old index is gone then, and the next opening makes the rest of the new one.</param>
    /// <exception cref="DicomException">It is open already, or the new index cannot be written.</exception>
    /// <exception cref="IOException">The folder cannot be read or written to.</exception>
    public static Task<Archive> RepairAsync(ArchiveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OpenAsync(options, startAnew: true, cancellationToken);
    }

    /// <summary>The full path of a file as it stands in the index.</summary>
    /// <param name="indexed">The path in the index: inside the folder, or full.</param>
    public string FullPath(string indexed) =>
        Path.Combine(Folder, (indexed ?? throw new ArgumentNullException(nameof(indexed))).Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Reads attributes that the index lacks from a file of the archive: an <see cref="AttributeReader"/>.</summary>
    /// <param name="path">The path as it stands in the index.</param>
    /// <param name="tags">What is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<DicomDataset?> ReadAttributesAsync(string path, IReadOnlyList<DicomTag> tags, CancellationToken cancellationToken) =>
        FileAttributeReader.ReadAsync(FullPath(path), tags, cancellationToken);

    /// <summary>Closes the archive in good order.</summary>
    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync().ConfigureAwait(false);
        var marker = _open.Name;
        // On Unix the marker goes while it is locked: else it might be that of who opened the archive in between. Windows refuses that.
        var isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        if (!_isInDoubt && !isWindows)
            Files.TryDelete(marker);
        _open.Dispose();
        if (!_isInDoubt && isWindows)
            Files.TryDelete(marker);
    }

    /// <summary>Closes the files as the end of a killed process does, without saying that all is in order.</summary>
    internal async Task AbandonAsync()
    {
        await Index.DisposeAsync().ConfigureAwait(false);
        _open.Dispose();
    }

    /// <summary>The path for the index: relative and with slashes inside the folder, full outside.</summary>
    internal string IndexPath(string path)
    {
        var full = Path.GetFullPath(path);
        var prefix = Folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        return full.StartsWith(prefix, StringComparison.Ordinal)
            ? full.Substring(prefix.Length).Replace(Path.DirectorySeparatorChar, '/') : full;
    }

    private static async Task<Archive> OpenAsync(ArchiveOptions options, bool startAnew, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Folder);
        var files = options.Files;
        files.CreateFolder(folder, isPrivate: true);
        var index = Path.Combine(folder, IndexName);
        var (open, wasClosed) = Lock(files, Path.Combine(folder, OpenName), folder);
        ArchiveIndex? opened = null;
        try
        {
            // A power cut that took the marker would take the sign that there is something to compare.
            files.FlushFolder(folder);
            var mustReconcile = !wasClosed || !File.Exists(index) || startAnew;
            files.DeleteAbandoned(folder);
            var damage = startAnew ? await IndexCheck.RunAsync(index, cancellationToken).ConfigureAwait(false) : null;
            // Only the old index knows of files outside the folder, and of who sent what conflicts.
            var (outside, conflicts) = startAnew ? await OldAsync(index, cancellationToken).ConfigureAwait(false) : ([], []);
            if (startAnew)
                files.DeleteIndex(index);
            var how = new ArchiveIndexOptions { FlushToDisk = options.FlushToDisk, Time = options.Time, AtStep = options.AtStep };
            opened = await ArchiveIndex.OpenAsync(index, how, cancellationToken).ConfigureAwait(false);
            var archive = new Archive(options, opened, open) { Damage = damage };
            if (mustReconcile || opened.IsUpgraded)
                archive.Recovered = await archive.ReconcileAsync(startAnew, cancellationToken).ConfigureAwait(false);
            await foreach (var file in archive.ImportAsync(outside, ImportMode.InPlace, null, cancellationToken: cancellationToken)
                .ConfigureAwait(false))
                archive.Count(file);
            if (conflicts.Count > 0)
                await opened.RestoreConflictsAsync(conflicts, cancellationToken).ConfigureAwait(false);
            if (startAnew)
                await opened.CheckAsync(cancellationToken).ConfigureAwait(false);
            return archive;
        }
        catch
        {
            // The marker stays: the next opening has to look again.
            if (opened is { })
                await opened.DisposeAsync().ConfigureAwait(false);
            open.Dispose();
            throw;
        }
    }

    private static async Task<(List<string> Outside, List<IndexConflict> Conflicts)> OldAsync(string index,
        CancellationToken cancellationToken)
    {
        var (outside, conflicts) = (new List<string>(), new List<IndexConflict>());
        if (!File.Exists(index))
            return (outside, conflicts);
        try
        {
            var old = await ArchiveIndex.OpenAsync(index, new ArchiveIndexOptions { MayCreate = false }, cancellationToken)
                .ConfigureAwait(false);
            await using (old.ConfigureAwait(false))
            {
                await foreach (var file in old.FilesAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
                {
                    if (Path.IsPathRooted(file.Path))
                        outside.Add(file.Path);
                }

                await foreach (var conflict in old.ConflictsAsync(cancellationToken).ConfigureAwait(false))
                    conflicts.Add(conflict);
            }
        }
        catch (DicomException problem) when (!IndexDatabase.IsNewer(problem))
        {
            // A damaged index is why it is made anew; what could be read of it is taken. One of a newer version is not damaged.
            return (outside, conflicts);
        }

        return (outside, conflicts);
    }

    private void Count(ImportedFile file)
    {
        if (file.Problem is { } problem)
            _options.Unreadable?.Invoke(file.Path, problem);
        var sum = Recovered!;
        Recovered = sum with
        {
            Files = sum.Files + 1,
            Added = sum.Added + (file.Problem is null ? 1 : 0),
            Unreadable = sum.Unreadable + (file.Problem is null ? 0 : 1),
        };
    }

    /// <summary>Opens the archive for this process alone, and says whether it had been closed in good order.</summary>
    private static (FileStream Open, bool WasClosed) Lock(FileSystem files, string marker, string folder)
    {
        try
        {
            return (files.Open(marker, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None), true);
        }
        catch (IOException) when (File.Exists(marker))
        {
            // Left behind, or somebody's who has it open.
        }

        try
        {
            return (files.Open(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), false);
        }
        catch (IOException problem) when (File.Exists(marker))
        {
            throw new DicomException($"The archive {folder} is open already.", problem)
            {
                Stage = DicomStage.File,
                IsTransient = true,
                Advice = "Stop the archive that uses this folder, in this session or another.",
            };
        }
    }
}
