using System.Runtime.CompilerServices;

namespace DicomPS.Archiving;

/// <content>
/// Storing, one instance at a time. The order: the file is whole, under a temporary name; it gets its place, which nobody else has, or
/// that of the same instance; the index takes it, in one transaction; only then is it acknowledged. A store deletes no file but the
/// one that its own transaction took from the same instance.
/// </content>
public sealed partial class Archive
{
    private readonly KeyedLocks _instances = new();

    /// <summary>
    /// Takes over a file that lies whole inside the folder under a temporary name, as <see cref="ArchiveFolder"/> names them.
    /// </summary>
    /// <param name="temporary">The file; it is gone when this returns, and left when it throws.</param>
    /// <param name="source">Who sent it, or null.</param>
    /// <param name="same">What happens when the archive has the instance.</param>
    /// <param name="cancellationToken">Gives up as long as the index has not begun.</param>
    /// <returns>When the instance is stored for good and may be acknowledged.</returns>
    /// <exception cref="DicomException">It is no DICOM file that an index can take, or the index cannot be written; nothing has
    /// changed.</exception>
    /// <exception cref="IOException">The file cannot be read or put in its place; nothing has changed.</exception>
    public async Task<StoredFile> StoreAsync(string temporary, string? source, SameInstance same,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(temporary);
        var file = ArchivedFile.Read(this, temporary, source);
        // A removal of the study is waited for, and then any other store of the instance.
        using var hold = await HoldAsync(file.StudyUid, cancellationToken).ConfigureAwait(false);
        using var turn = await _instances.EnterAsync(file.Key, cancellationToken).ConfigureAwait(false);
        return (await StoreAsync([file], same, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Takes a file into the index that lies whole in its place inside the folder.</summary>
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
        using var hold = await HoldAsync(file.StudyUid, cancellationToken).ConfigureAwait(false);
        using var turn = await _instances.EnterAsync(file.Key, cancellationToken).ConfigureAwait(false);
        var written = await Index.ReplaceAsync([file.Entry], null, cancellationToken).ConfigureAwait(false);
        DeleteBefore(written[0]);
    }

    /// <summary>Imports files, in batches. Each is told when the archive has it for good.</summary>
    /// <param name="files">The files.</param>
    /// <param name="mode">Whether they are copied.</param>
    /// <param name="source">Where they come from, for the index; or null.</param>
    /// <param name="same">What happens to an instance that the archive has.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="DicomException">The index cannot be written.</exception>
    public async IAsyncEnumerable<ImportedFile> ImportAsync(
        IEnumerable<string> files, ImportMode mode, string? source = null, SameInstance same = SameInstance.Replace,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var all = files.GetEnumerator();
        while (true)
        {
            var results = await ImportBatchAsync(all, mode, source, same, cancellationToken).ConfigureAwait(false);
            if (results.Count == 0)
                yield break;
            foreach (var result in results)
                yield return result;
        }
    }

    /// <summary>Stores files whose locks the caller has, in one transaction: all of them or, when it fails, none.</summary>
    private async Task<List<StoredFile>> StoreAsync(List<ArchivedFile> files, SameInstance same, CancellationToken cancellationToken)
    {
        var (stored, placed) = (new StoredFile?[files.Count], new Placement?[files.Count]);
        try
        {
            var entries = new List<IndexEntry>(files.Count);
            for (var i = 0; i < files.Count; i++)
            {
                var (placement, kept) = await PlaceAsync(files[i], same, cancellationToken).ConfigureAwait(false);
                placed[i] = placement;
                if (placement is { })
                    entries.Add(files[i].At(placement.Path, IndexPath(placement.Path)).Entry);
                else
                    stored[i] = new StoredFile(FullPath(kept!.Path), Replaced: false, Kept: true, null);
            }

            await _options.BetweenSteps().ConfigureAwait(false);
            var written = entries.Count == 0 ? []
                : await Index.ReplaceAsync(entries, same != SameInstance.Replace ? IsThere : null, cancellationToken).ConfigureAwait(false);
            await _options.BetweenSteps().ConfigureAwait(false);
            for (int i = 0, at = 0; i < files.Count; i++)
            {
                if (placed[i] is { } placement)
                    stored[i] = Finish(placement, written[at++]);
                else
                    ArchiveFolder.TryDelete(files[i].Path);
            }

            return [.. stored.OfType<StoredFile>()];
        }
        catch
        {
            // Backwards: of two files of one place the first is the one that was replaced last.
            foreach (var placement in Enumerable.Reverse(placed))
                Undo(placement);
            throw;
        }
    }

    /// <summary>
    /// Gives a file its place: one that is free, or that of the same instance. What has another identity is never replaced.
    /// </summary>
    private async Task<(Placement? Placed, IndexedFile? Kept)> PlaceAsync(ArchivedFile file, SameInstance same,
        CancellationToken cancellationToken)
    {
        var rows = file.Entry.Rows;
        var folder = await _folders.FolderOfAsync(file.StudyUid, rows[0], cancellationToken).ConfigureAwait(false);
        var target = Path.Combine(Folder, folder, ArchiveFolder.Safe(rows[2]!.Uid), ArchiveFolder.Safe(rows[3]!.Uid) + ".dcm");
        if (Placement.TryNew(file.Path, target, Folder, _options.FlushToDisk) is { } placed)
            return (placed, null);

        var (mine, other) = await Index.LookAsync(file.Entry, IndexPath(target), cancellationToken).ConfigureAwait(false);
        await _options.BetweenSteps().ConfigureAwait(false);
        if (same != SameInstance.Replace && mine is { } && IsThere(mine, file.Entry.File!))
            return (null, mine);
        // Its own place, whatever it is called; or that of a file of it that no row names, which is nobody's.
        if (mine is { } && !Path.IsPathRooted(mine.Path))
            return (Placement.Over(file.Path, FullPath(mine.Path), Folder, _options.FlushToDisk), null);
        if (other is null && Placement.IsSame(target, file.Entry))
            return (Placement.Over(file.Path, target, Folder, _options.FlushToDisk), null);
        for (var number = 1; ; number++)
        {
            var beside = Path.Combine(Path.GetDirectoryName(target)!, $"{Path.GetFileNameWithoutExtension(target)}~{number}.dcm");
            if (Placement.TryNew(file.Path, beside, Folder, _options.FlushToDisk) is { } next)
                return (next, null);
        }
    }

    private bool IsThere(IndexedFile there, IndexedFile coming)
    {
        _ = coming;
        var info = new FileInfo(FullPath(there.Path));
        return info.Exists && info.Length == there.Size;
    }

    private StoredFile Finish(Placement placement, WrittenEntry written)
    {
        if (written.Kept is { } kept)
        {
            placement.Undo(Folder);
            return new StoredFile(FullPath(kept.Path), Replaced: false, Kept: true, null);
        }

        placement.Commit();
        DeleteBefore(written);
        return new StoredFile(placement.Path, placement.Replaced || written.Before is { }, Kept: false, written.Conflict);
    }

    // No row names it any more, and whoever would put a file there has to have this instance's turn. A file outside is the user's.
    private void DeleteBefore(WrittenEntry written)
    {
        if (written.Before is { } before && !Path.IsPathRooted(before))
            ArchiveFolder.TryDelete(FullPath(before));
    }

    private void Undo(Placement? placement)
    {
        if (placement is null)
            return;
        try
        {
            placement.Undo(Folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It is whole, whichever it is, and the next opening tells the index which.
            _isInDoubt = true;
        }

        // A file that could not have two names is the new one now, and its row that of the old one.
        _isInDoubt |= placement.Replaced;
    }

    private async Task<List<ImportedFile>> ImportBatchAsync(
        IEnumerator<string> files, ImportMode mode, string? source, SameInstance same, CancellationToken cancellationToken)
    {
        await _importing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ImportBatch(files, mode, source, same, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _importing.Release();
        }
    }

    private async Task<List<ImportedFile>> ImportBatch(
        IEnumerator<string> files, ImportMode mode, string? source, SameInstance same, CancellationToken cancellationToken)
    {
        var results = new List<ImportedFile>();
        var batch = new ImportBatch(_instances);
        try
        {
            while (results.Count < BatchLength && files.MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (file, result) = Bring(files.Current, mode, source);
                // An instance twice: the first is stored before the second.
                if (file is { } && batch.Has(file.Key))
                    await StoreAsync(batch, results, mode, same, cancellationToken).ConfigureAwait(false);
                if (file is { })
                    await batch.AddAsync(file, results.Count, cancellationToken).ConfigureAwait(false);
                results.Add(result);
            }

            await StoreAsync(batch, results, mode, same, cancellationToken).ConfigureAwait(false);
            return results;
        }
        finally
        {
            if (mode == ImportMode.Copy)
                batch.Files.ForEach(file => ArchiveFolder.TryDelete(file.Path));
            batch.Dispose();
        }
    }

    private (ArchivedFile? File, ImportedFile Result) Bring(string path, ImportMode mode, string? source)
    {
        string? temporary = null;
        try
        {
            temporary = mode == ImportMode.Copy ? ArchiveFolder.Copy(path, Folder, _options.FlushToDisk) : null;
            var file = ArchivedFile.Read(this, temporary ?? path, source);
            return (file, new ImportedFile(path, null, file.SopInstanceUid, null));
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            if (temporary is { })
                ArchiveFolder.TryDelete(temporary);
            return (null, new ImportedFile(path, null, null, problem));
        }
    }

    private async Task StoreAsync(ImportBatch batch, List<ImportedFile> results, ImportMode mode, SameInstance same,
        CancellationToken cancellationToken)
    {
        if (batch.Files.Count == 0)
            return;
        if (mode == ImportMode.Copy)
        {
            var stored = await StoreAsync(batch.Files, same, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < stored.Count; i++)
                results[batch.Places[i]] = results[batch.Places[i]] with { ArchivedPath = stored[i].Path, Kept = stored[i].Kept };
        }
        else
        {
            // A file outside may be gone tomorrow: the archive's own file of that instance stays, and is found again then.
            var written = await Index.ReplaceAsync(batch.Files.ConvertAll(file => file.Entry), same != SameInstance.Replace ? IsThere : null,
                cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < written.Count; i++)
            {
                var path = written[i].Kept?.Path ?? batch.Files[i].Entry.File!.Path;
                results[batch.Places[i]] = results[batch.Places[i]] with { ArchivedPath = FullPath(path), Kept = written[i].Kept is { } };
            }
        }

        batch.Clear();
    }
}
