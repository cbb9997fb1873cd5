using System.Runtime.CompilerServices;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;

namespace DicomPS.Archiving;

/// <summary>
/// A folder of DICOM files and an index of them. A file comes first: it lies whole in its place before the index knows it, and
/// only when the index has it for good is it stored. So a process that is killed at any moment loses nothing that it
/// acknowledged; what it left half done is found when the archive is opened again.
/// </summary>
public sealed partial class Archive : IAsyncDisposable
{
    private const int BatchLength = 200;
    private const string IndexName = "index.sqlite", OpenName = ".dicomps-open";
    private readonly ArchiveOptions _options;
    private readonly FileStream _open;

    private Archive(ArchiveOptions options, ArchiveIndex index, FileStream open)
    {
        _options = options;
        Index = index;
        _open = open;
        Folder = Path.GetFullPath(options.Folder);
    }

    /// <summary>The folder of the files.</summary>
    public string Folder { get; }

    /// <summary>The index.</summary>
    public ArchiveIndex Index { get; }

    /// <summary>What was changed so that files and index agree, when the archive had not been closed in good order; otherwise null.</summary>
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

    /// <summary>Opens an archive with an index made anew from the files, also when the old index is damaged. Files outside the folder stay known as far as the old index can be read.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="cancellationToken">Gives up; the old index is gone then, and the next opening makes the rest of the new one.</param>
    /// <exception cref="DicomException">It is open already, or the new index cannot be written.</exception>
    /// <exception cref="IOException">The folder cannot be read or written to.</exception>
    public static Task<Archive> RepairAsync(ArchiveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OpenAsync(options, startAnew: true, cancellationToken);
    }

    /// <summary>Takes a file into the index that lies whole in its place inside the folder, as a storage server leaves it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Who sent it, or null.</param>
    /// <param name="cancellationToken">Gives up as long as the index has not begun.</param>
    /// <returns>When the instance is stored for good and may be acknowledged.</returns>
    /// <exception cref="DicomException">It is no DICOM file that an index can take, or the index cannot be written.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task AddAsync(string path, string? source = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = ArchivedFile.Read(this, path, source);
        await WriteAsync([file], replaces: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Imports files, in batches. Each is told when the archive has it for good.</summary>
    /// <param name="files">The files.</param>
    /// <param name="mode">Whether they are copied.</param>
    /// <param name="source">Where they come from, for the index; or null.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="DicomException">The index cannot be written.</exception>
    public async IAsyncEnumerable<ImportedFile> ImportAsync(
        IEnumerable<string> files, ImportMode mode, string? source = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var all = files.GetEnumerator();
        while (true)
        {
            var results = await ImportBatchAsync(all, mode, source, cancellationToken).ConfigureAwait(false);
            if (results.Count == 0)
                yield break;
            foreach (var result in results)
                yield return result;
        }
    }

    /// <summary>The full path of a file as it stands in the index.</summary>
    /// <param name="indexed">The path in the index: inside the folder, or full.</param>
    public string FullPath(string indexed) => Path.Combine(Folder, (indexed ?? throw new ArgumentNullException(nameof(indexed))).Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Where an instance belongs, as a full path inside the folder.</summary>
    /// <param name="header">Its first elements, with the UIDs of its study and its series.</param>
    /// <param name="sopInstanceUid">Its SOP Instance UID.</param>
    /// <exception cref="DicomException">The path that <see cref="ArchiveOptions.PathFor"/> gives leaves the folder.</exception>
    public string PlaceOf(DicomDataset header, string sopInstanceUid)
    {
        ArgumentNullException.ThrowIfNull(header);
        var place = Path.GetFullPath(Path.Combine(Folder, _options.PathFor?.Invoke(header) ?? ArchiveFolder.PathFor(header, sopInstanceUid)));
        return Path.IsPathRooted(IndexPath(place))
            ? throw new DicomException($"The path for {sopInstanceUid} leaves the folder {Folder}.") { Stage = DicomStage.File }
            : place;
    }

    /// <summary>Reads attributes that the index lacks from a file of the archive: an <see cref="AttributeReader"/>.</summary>
    /// <param name="path">The path as it stands in the index.</param>
    /// <param name="tags">What is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<DicomDataset?> ReadAttributesAsync(string path, IReadOnlyList<DicomTag> tags, CancellationToken cancellationToken) =>
        FileAttributeReader.ReadAsync(FullPath(path), tags, cancellationToken);

    /// <summary>Makes the index agree with the files: takes in those that it does not know, and forgets those that are gone.</summary>
    /// <param name="cancellationToken">Stops; what was done stays.</param>
    public async Task<ArchiveRepair> ReconcileAsync(CancellationToken cancellationToken = default)
    {
        var sum = new ArchiveRepair(0, 0, 0, 0);
        using var files = ArchiveFolder.Files(Folder).Where(path => Path.GetFileName(path) is var name && !IsOurs(name)).GetEnumerator();
        while (true)
        {
            var paths = await Task.Run(() => Take(files), cancellationToken).ConfigureAwait(false);
            if (paths.Count == 0)
                break;
            var known = await Index.KnownAsync(paths.ConvertAll(IndexPath), cancellationToken).ConfigureAwait(false);
            var (read, unreadable) = await Task.Run(() => ReadUnknown(paths, known, cancellationToken), cancellationToken).ConfigureAwait(false);
            await Index.WriteAsync(read.ConvertAll(file => file.Entry), cancellationToken).ConfigureAwait(false);
            sum = sum with { Files = sum.Files + paths.Count, Added = sum.Added + read.Count, Unreadable = sum.Unreadable + unreadable };
        }
        return sum with { Forgotten = await ForgetMissingAsync(cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Closes the archive in good order.</summary>
    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync().ConfigureAwait(false);
        var path = _open.Name;
        _open.Dispose();
        File.Delete(path);
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
        return full.StartsWith(prefix, StringComparison.Ordinal) ? full.Substring(prefix.Length).Replace(Path.DirectorySeparatorChar, '/') : full;
    }

    private static async Task<Archive> OpenAsync(ArchiveOptions options, bool startAnew, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Folder);
        Directory.CreateDirectory(folder);
        var index = Path.Combine(folder, IndexName);
        var marker = Path.Combine(folder, OpenName);
        var mustReconcile = File.Exists(marker) || !File.Exists(index) || startAnew;
        var open = Lock(marker, folder);
        ArchiveIndex? opened = null;
        try
        {
            ArchiveFolder.DeleteAbandoned(folder);
            var damage = startAnew ? await IndexCheck.RunAsync(index, cancellationToken).ConfigureAwait(false) : null;
            // Only the old index knows of files outside the folder.
            var outside = startAnew ? await OutsideAsync(index, cancellationToken).ConfigureAwait(false) : [];
            if (startAnew)
                ArchiveFolder.DeleteIndex(index);
            opened = await ArchiveIndex.OpenAsync(index, new ArchiveIndexOptions { FlushToDisk = options.FlushToDisk }, cancellationToken).ConfigureAwait(false);
            var archive = new Archive(options, opened, open) { Damage = damage };
            if (mustReconcile)
                archive.Recovered = await archive.ReconcileAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var file in archive.ImportAsync(outside, ImportMode.InPlace, null, cancellationToken).ConfigureAwait(false))
                archive.Count(file);
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

    private static async Task<List<string>> OutsideAsync(string index, CancellationToken cancellationToken)
    {
        var outside = new List<string>();
        if (!File.Exists(index))
            return outside;
        try
        {
            var old = await ArchiveIndex.OpenAsync(index, new ArchiveIndexOptions { MayCreate = false }, cancellationToken).ConfigureAwait(false);
            await using (old.ConfigureAwait(false))
            {
                await foreach (var file in old.FilesAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
                {
                    if (Path.IsPathRooted(file.Path))
                        outside.Add(file.Path);
                }
            }
        }
        catch (DicomException)
        {
            // A damaged index is why it is made anew; what could be read of it is taken.
            return outside;
        }
        return outside;
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

    private static FileStream Lock(string marker, string folder)
    {
        try
        {
            return new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

    private static List<string> Take(IEnumerator<string> files)
    {
        var taken = new List<string>(BatchLength);
        while (taken.Count < BatchLength && files.MoveNext())
            taken.Add(files.Current);
        return taken;
    }

    private static bool IsOurs(string name) => name.StartsWith(IndexName, StringComparison.Ordinal) || name.StartsWith(".dicomps-", StringComparison.Ordinal);

    private async Task WriteAsync(List<ArchivedFile> files, bool replaces, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
            return;
        var before = await Index.ReplaceAsync(files.ConvertAll(file => file.Entry), cancellationToken).ConfigureAwait(false);
        // A file outside may be gone tomorrow: the archive's own file of that instance stays, and is found again then.
        if (!replaces)
            return;
        // An instance that came back under another study or series has another path now: its old file would be nobody's.
        before.Except(files.Select(file => file.IndexPath), StringComparer.Ordinal).Where(path => !Path.IsPathRooted(path))
            .ToList().ForEach(path => ArchiveFolder.TryDelete(FullPath(path)));
    }

    private async Task<List<ImportedFile>> ImportBatchAsync(IEnumerator<string> files, ImportMode mode, string? source, CancellationToken cancellationToken)
    {
        await _importing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (read, results) = await Task.Run(() => ImportBatch(files, mode, source, cancellationToken), cancellationToken).ConfigureAwait(false);
            await WriteAsync(read, mode == ImportMode.Copy, cancellationToken).ConfigureAwait(false);
            return results;
        }
        finally
        {
            _importing.Release();
        }
    }

    private (List<ArchivedFile> Read, List<ImportedFile> Results) ImportBatch(IEnumerator<string> files, ImportMode mode, string? source, CancellationToken cancellationToken)
    {
        var read = new List<ArchivedFile>();
        var results = new List<ImportedFile>();
        while (results.Count < BatchLength && files.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = files.Current;
            try
            {
                var file = mode == ImportMode.Copy ? Copy(path, source) : ArchivedFile.Read(this, path, source);
                read.Add(file);
                results.Add(new ImportedFile(path, FullPath(file.IndexPath), file.SopInstanceUid, null));
            }
            catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
            {
                results.Add(new ImportedFile(path, null, null, problem));
            }
        }
        return (read, results);
    }

    private ArchivedFile Copy(string path, string? source)
    {
        var probed = DicomFileProbe.Read(path, IndexEntry.StopAt);
        var target = PlaceOf(probed.Header, probed.SopInstanceUid);
        if (target != Path.GetFullPath(path))
            ArchiveFolder.Copy(path, Folder, target, _options.FlushToDisk);
        return ArchivedFile.Read(this, target, source);
    }

    private (List<ArchivedFile> Read, int Unreadable) ReadUnknown(List<string> paths, Dictionary<string, IndexedFile> known, CancellationToken cancellationToken)
    {
        var read = new List<ArchivedFile>();
        var unreadable = 0;
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var info = new FileInfo(path);
            if (known.TryGetValue(IndexPath(path), out var file) && file.Size == info.Length && file.LastWriteTimeUtc == info.LastWriteTimeUtc)
                continue;
            try
            {
                read.Add(ArchivedFile.Read(this, path, null));
            }
            catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
            {
                unreadable++;
                _options.Unreadable?.Invoke(path, problem);
            }
        }
        return (read, unreadable);
    }

    private async Task<long> ForgetMissingAsync(CancellationToken cancellationToken)
    {
        long forgotten = 0;
        var missing = new List<string>();
        // Files outside the folder may be on a disk that is not there today: they stay known.
        await foreach (var file in Index.FilesAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (!Path.IsPathRooted(file.Path) && !File.Exists(FullPath(file.Path)))
                missing.Add(file.Path);
            if (missing.Count >= BatchLength)
                await ForgetAsync().ConfigureAwait(false);
        }
        await ForgetAsync().ConfigureAwait(false);
        return forgotten;

        async Task ForgetAsync()
        {
            if (missing.Count > 0)
                forgotten += await Index.ForgetAsync([.. missing], cancellationToken).ConfigureAwait(false);
            missing.Clear();
        }
    }
}

/// <summary>A file of an archive, read as far as the index needs.</summary>
internal sealed record ArchivedFile(string IndexPath, string SopInstanceUid, IndexEntry Entry)
{
    public static ArchivedFile Read(Archive archive, string path, string? source)
    {
        // The time before the content: a file that changes meanwhile differs from the index, and is read again.
        var info = new FileInfo(path);
        var (size, time) = (info.Exists ? info.Length : 0, info.LastWriteTimeUtc);
        var probed = DicomFileProbe.Read(path, IndexEntry.StopAt);
        if (probed.Header.GetString(Tags.SOPInstanceUID) is null)
            probed.Header.Set(Tags.SOPInstanceUID, Vr.UI, probed.SopInstanceUid);
        if (probed.Header.GetString(Tags.SOPClassUID) is null)
            probed.Header.Set(Tags.SOPClassUID, Vr.UI, probed.SopClassUid);
        var indexed = archive.IndexPath(path);
        return new ArchivedFile(indexed, probed.SopInstanceUid, IndexEntry.ForInstance(probed.Header, new IndexedFile(indexed, size, time, probed.TransferSyntax.Uid), source));
    }
}
