using System.Runtime.CompilerServices;
using DicomPS.Archiving.Index;
using DicomPS.Data;

namespace DicomPS.Archiving.Storage;

/// <content>
/// Storing, one instance at a time. The order: the file is whole, under a temporary name; it gets its place, which nobody else has, or
/// that of the same instance; the index takes it, in one transaction; only then is it acknowledged. A store deletes no file but the
/// one that its own transaction took from the same instance.
/// </content>
public sealed partial class Archive
{
    private readonly KeyedLocks _instances = new();
    private readonly FolderNames _names;
    private long _readings;

    /// <summary>How often a file was read for its header.</summary>
    internal long Readings => Interlocked.Read(ref _readings);

    internal void CountReading() => Interlocked.Increment(ref _readings);

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
        using var arrival = await ArriveAsync(ArchivedFile.Read(this, temporary, source), cancellationToken).ConfigureAwait(false);
        await StoreAsync([arrival], same, cancellationToken).ConfigureAwait(false);
        return arrival.Stored!;
    }

    /// <summary>As the other, for a file whose header was read while it was written: it is not opened.</summary>
    /// <param name="temporary">The file; it is gone when this returns, and left when it throws.</param>
    /// <param name="header">Its elements that are <see cref="IndexEntry.IsIndexed"/>, SOP Instance UID among them.</param>
    /// <param name="transferSyntaxUid">How its dataset is spelt.</param>
    /// <param name="source">Who sent it, or null.</param>
    /// <param name="same">What happens when the archive has the instance.</param>
    /// <param name="cancellationToken">Gives up as long as the index has not begun.</param>
    /// <returns>When the instance is stored for good and may be acknowledged.</returns>
    /// <exception cref="DicomException">The index cannot take it, or cannot be written; nothing has changed.</exception>
    /// <exception cref="IOException">The file cannot be put in its place; nothing has changed.</exception>
    public async Task<StoredFile> StoreAsync(string temporary, DicomDataset header, string transferSyntaxUid, string? source,
        SameInstance same, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(temporary);
        ArgumentNullException.ThrowIfNull(header);
        var file = ArchivedFile.Of(this, temporary, header, transferSyntaxUid, source);
        using var arrival = await ArriveAsync(file, cancellationToken).ConfigureAwait(false);
        await StoreAsync([arrival], same, cancellationToken).ConfigureAwait(false);
        return arrival.Stored!;
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
        using var arrival = await ArriveAsync(ArchivedFile.Read(this, path, source), cancellationToken).ConfigureAwait(false);
        var written = await Index.ReplaceAsync([arrival.File.Entry], null, mayBlock: false, cancellationToken).ConfigureAwait(false);
        DeleteBefore(written[0]);
    }

    /// <summary>Imports files, in batches. Each is told when the archive has it for good.</summary>
    /// <param name="files">The files.</param>
    /// <param name="mode">Whether they are copied.</param>
    /// <param name="source">Where they come from, for the index; or null.</param>
    /// <param name="same">What happens to an instance that the archive has.</param>
    /// <param name="protect">Whether their studies are protected from the limits, before they can be deleted.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="DicomException">The index cannot be written.</exception>
    public async IAsyncEnumerable<ImportedFile> ImportAsync(
        IEnumerable<string> files, ImportMode mode, string? source = null, SameInstance same = SameInstance.Replace, bool protect = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var all = files.GetEnumerator();
        while (true)
        {
            var results = await ImportBatchAsync(all, mode, source, (same, protect), cancellationToken).ConfigureAwait(false);
            if (results.Count == 0)
                yield break;
            foreach (var result in results)
                yield return result;
        }
    }

    /// <summary>Has a removal of the study waited for, and then any other store of the instance.</summary>
    private async Task<Arrival> ArriveAsync(ArchivedFile file, CancellationToken cancellationToken)
    {
        var arrival = new Arrival(file);
        try
        {
            await arrival.HoldAsync(_holds, cancellationToken).ConfigureAwait(false);
            await arrival.EnterAsync(_instances, cancellationToken).ConfigureAwait(false);
            return arrival;
        }
        catch
        {
            arrival.Dispose();
            throw;
        }
    }

    /// <summary>Stores files that have their turns, in one transaction: all of them or, when it fails, none.</summary>
    private async Task StoreAsync(List<Arrival> arrivals, SameInstance same, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var arrival in arrivals)
                await PlaceAsync(arrival, same, cancellationToken).ConfigureAwait(false);
            var placed = arrivals.FindAll(arrival => arrival.Placement is { });
            await FlushNamesAsync(placed, cancellationToken).ConfigureAwait(false);
            await _options.BetweenSteps().ConfigureAwait(false);
            var written = placed.Count == 0 ? []
                : await Index.ReplaceAsync(placed.ConvertAll(EntryOf), same != SameInstance.Replace ? IsThere : null, mayBlock: true,
                    cancellationToken).ConfigureAwait(false);
            await _options.BetweenSteps().ConfigureAwait(false);
            for (var i = 0; i < placed.Count; i++)
                placed[i].Stored = Finish(placed[i].Placement!, written[i]);
            foreach (var arrival in arrivals.Where(arrival => arrival.Placement is null))
                Files.TryDelete(arrival.File.Path);
        }
        catch
        {
            // Backwards: of two files of one place the first is the one that was replaced last.
            foreach (var arrival in Enumerable.Reverse(arrivals))
                Undo(arrival.Placement);
            throw;
        }
    }

    // What the index names is on the disk, by its name, before.
    private async Task FlushNamesAsync(List<Arrival> placed, CancellationToken cancellationToken)
    {
        if (!_options.FlushToDisk)
            return;
        foreach (var folder in placed.Select(arrival => arrival.Placement!.Folder).Distinct(StringComparer.Ordinal))
            await _names.FlushAsync(folder, cancellationToken).ConfigureAwait(false);
    }

    private IndexEntry EntryOf(Arrival arrival)
    {
        var path = arrival.Placement!.Path;
        return arrival.File.At(path, IndexPath(path)).Entry;
    }

    /// <summary>
    /// Gives a file its place: one that is free, or that of the same instance. What has another identity is never replaced.
    /// </summary>
    private async Task PlaceAsync(Arrival arrival, SameInstance same, CancellationToken cancellationToken)
    {
        var file = arrival.File;
        var rows = file.Entry.Rows;
        var folder = await _folders.FolderOfAsync(file.StudyUid, rows[0], cancellationToken).ConfigureAwait(false);
        var target = Path.Combine(Folder, folder, ArchiveFolder.Safe(rows[2]!.Uid), ArchiveFolder.Safe(rows[3]!.Uid) + ".dcm");
        arrival.Placement = Placement.TryNew(_options, file.Path, target, _names);
        if (arrival.Placement is { })
            return;

        var (mine, other) = await Index.FindRivalsAsync(file.Entry, IndexPath(target), cancellationToken).ConfigureAwait(false);
        await _options.BetweenSteps().ConfigureAwait(false);
        if (same != SameInstance.Replace && mine is { } && IsThere(mine, file.Entry.File!))
            arrival.Stored = new StoredFile(FullPath(mine.Path), Replaced: false, Kept: true, null);
        // Its own place, whatever it is called; or that of a file of it that no row names, which is nobody's.
        else if (mine is { } && !Path.IsPathRooted(mine.Path))
            arrival.Placement = Placement.Over(_options, file.Path, FullPath(mine.Path), Folder, _names);
        else if (other is null && Placement.IsSame(Files, target, file.Entry))
            arrival.Placement = Placement.Over(_options, file.Path, target, Folder, _names);
        else
            arrival.Placement = PlaceBeside(file.Path, target);
    }

    private Placement PlaceBeside(string temporary, string target)
    {
        for (var number = 1; ; number++)
        {
            var beside = Path.Combine(Path.GetDirectoryName(target)!, $"{Path.GetFileNameWithoutExtension(target)}~{number}.dcm");
            if (Placement.TryNew(_options, temporary, beside, _names) is { } placed)
                return placed;
        }
    }

    private bool IsThere(IndexedFile there, IndexedFile coming)
    {
        _ = coming;
        var info = Files.Look(FullPath(there.Path));
        return info.Exists && info.Length == there.Size;
    }

    private StoredFile Finish(Placement placement, WrittenEntry written)
    {
        if (written.Kept is { } kept)
        {
            Undo(placement);
            return new StoredFile(FullPath(kept.Path), Replaced: false, Kept: true, null);
        }

        placement.Commit();
        DeleteBefore(written);
        return new StoredFile(placement.Path, placement.Replaced || written.Before is { }, Kept: false, written.Conflict);
    }

    // No row names it any more, and whoever would put a file there has to have this instance's turn. A file outside is the user's.
    private void DeleteBefore(WrittenEntry written)
    {
        if (written.Before is not { } before || Path.IsPathRooted(before))
            return;
        try
        {
            Files.Delete(FullPath(before));
            if (_options.FlushToDisk)
                Files.FlushFolder(Path.GetDirectoryName(FullPath(before))!);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // One file more of the instance: the next opening tells of it.
            _isInDoubt = true;
        }
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
        IEnumerator<string> files, ImportMode mode, string? source, (SameInstance Same, bool Protect) how,
        CancellationToken cancellationToken)
    {
        await _importing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ImportBatch(files, mode, source, how, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _importing.Release();
        }
    }

    private async Task<List<ImportedFile>> ImportBatch(
        IEnumerator<string> files, ImportMode mode, string? source, (SameInstance Same, bool Protect) how,
        CancellationToken cancellationToken)
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
                    await StoreAsync(batch, results, mode, how, cancellationToken).ConfigureAwait(false);
                if (file is { })
                    await batch.AddAsync(file, results.Count, cancellationToken).ConfigureAwait(false);
                results.Add(result);
            }

            await StoreAsync(batch, results, mode, how, cancellationToken).ConfigureAwait(false);
            return results;
        }
        finally
        {
            if (mode == ImportMode.Copy)
                batch.Arrivals.ForEach(arrival => Files.TryDelete(arrival.File.Path));
            batch.Dispose();
        }
    }

    // What is wrong with a copy is wrong with the file, whose name somebody knows.
    private Exception InWordsOf(string path, string? source, Exception problem)
    {
        if (problem is not DicomException)
            return problem;
        try
        {
            _ = ArchivedFile.Read(this, path, source);
            return problem;
        }
        catch (Exception own) when (own is DicomException or IOException or UnauthorizedAccessException)
        {
            return own;
        }
    }

    private (ArchivedFile? File, ImportedFile Result) Bring(string path, ImportMode mode, string? source)
    {
        string? temporary = null;
        try
        {
            temporary = mode == ImportMode.Copy ? Files.Copy(path, Folder, _options.FlushToDisk) : null;
            var file = ArchivedFile.Read(this, temporary ?? path, source);
            return (file, new ImportedFile(path, null, file.SopInstanceUid, null));
        }
        catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
        {
            if (temporary is { })
                Files.TryDelete(temporary);
            return (null, new ImportedFile(path, null, null, temporary is null ? problem : InWordsOf(path, source, problem)));
        }
    }

    private async Task StoreAsync(ImportBatch batch, List<ImportedFile> results, ImportMode mode, (SameInstance Same, bool Protect) how,
        CancellationToken cancellationToken)
    {
        if (batch.Arrivals.Count == 0)
            return;
        var same = how.Same;
        if (how.Protect)
        {
            string[] studies = [.. batch.Arrivals.Select(arrival => arrival.File.StudyUid).Distinct(StringComparer.Ordinal)];
            await Protected.AddAsync(studies, cancellationToken).ConfigureAwait(false);
        }

        if (mode == ImportMode.Copy)
        {
            await StoreAsync(batch.Arrivals, same, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < batch.Arrivals.Count; i++)
                Tell(batch.Places[i], batch.Arrivals[i].Stored!.Path, batch.Arrivals[i].Stored!.Kept);
        }
        else
        {
            // A file outside may be gone tomorrow: the archive's own file of that instance stays, and is found again then.
            var written = await Index.ReplaceAsync(batch.Arrivals.ConvertAll(arrival => arrival.File.Entry),
                same != SameInstance.Replace ? IsThere : null, mayBlock: true, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < written.Count; i++)
                Tell(batch.Places[i], FullPath(written[i].Kept?.Path ?? batch.Arrivals[i].File.Entry.File!.Path), written[i].Kept is { });
        }

        batch.Clear();

        void Tell(int place, string path, bool kept) => results[place] = results[place] with { ArchivedPath = path, Kept = kept };
    }
}
