using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using DicomPS.Archiving.Index;
using DicomPS.Compatibility;

namespace DicomPS.Archiving.Storage;

/// <content>Removing studies that are too old or too many.</content>
public sealed partial class Archive
{
    /// <summary>What was removed, one line a study: it stays in the folder and is no part of the archive.</summary>
    private const string RemovedName = ".dicomps-removed.csv";

    private readonly StudyHolds _holds = new();

    // An import takes its files in batches; a study is removed between two of them.
    private readonly SemaphoreSlim _importing = new(1, 1);
    private long _removals;

    /// <summary>
    /// How many studies were removed so far. Whoever looks up files and then holds their studies looks again when it has changed.
    /// </summary>
    public long Removals => Interlocked.Read(ref _removals);

    /// <summary>Keeps a study from being removed until the hold is disposed of; waits while it is being removed.</summary>
    /// <param name="studyInstanceUid">The study, whether the archive has it or not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IDisposable> HoldAsync(string studyInstanceUid, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(studyInstanceUid);
        return _holds.HoldAsync(studyInstanceUid, cancellationToken);
    }

    /// <summary>
    /// The studies of an archive that have to go by these rules, without those that are protected; none when there is no archive in the
    /// folder.
    /// </summary>
    /// <param name="folder">The folder of an archive that may be open elsewhere.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomException">The index cannot be read.</exception>
    public static async Task<IReadOnlyList<StoredStudy>> ExpiredAsync(string folder, Retention rules,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var path = Path.Combine(folder, IndexName);
        if (!File.Exists(path))
            return [];
        var index = await ArchiveIndex.OpenAsync(path, new ArchiveIndexOptions { MayCreate = false }, cancellationToken)
            .ConfigureAwait(false);
        await using (index.ConfigureAwait(false))
        {
            return await rules.ExpiredAsync(index, DateTime.UtcNow, new ProtectedStudies(folder).All().Contains, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Removes the studies that have to go, the oldest first, each whole: its files inside the folder, then what the index knows of
    /// them. One that is protected stays, whatever the rules say. A process that is killed in between leaves instances without files,
    /// which the next start forgets.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="isBusy">Studies that stay for now, such as those that are being received; asked again for each before it goes.</param>
    /// <param name="cancellationToken">Stops between two studies.</param>
    /// <exception cref="DicomException">The index cannot be read or written.</exception>
    public async IAsyncEnumerable<RemovedStudy> RetainAsync(
        Retention rules, DateTime now, Func<string, bool> isBusy, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var kept = Protected.All();
        foreach (var study in await rules.ExpiredAsync(
            Index, now, uid => kept.Contains(uid) || isBusy(uid) || _holds.IsHeld(uid), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await RemoveAsync(study, isBusy, cancellationToken).ConfigureAwait(false) is { } removed)
                yield return removed;
        }
    }

    private async Task<RemovedStudy?> RemoveAsync(StoredStudy study, Func<string, bool> isBusy, CancellationToken cancellationToken)
    {
        await _importing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_holds.TryBeginRemoval(study.StudyInstanceUid))
                return null;
            try
            {
                // Asked after the removal has begun: who comes from now on waits, and who came before is seen. What has changed since it
                // was chosen is judged anew the next time.
                using var removing = Protected.BeginRemoval();
                return Protected.Contains(study.StudyInstanceUid) || isBusy(study.StudyInstanceUid)
                    || !await Index.IsUnchangedAsync(study, cancellationToken).ConfigureAwait(false)
                    ? null : await RemoveFilesAsync(study, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _folders.Forget(study.StudyInstanceUid);
                Interlocked.Increment(ref _removals);
                _holds.EndRemoval(study.StudyInstanceUid);
            }
        }
        finally
        {
            _importing.Release();
        }
    }

    private async Task<RemovedStudy> RemoveFilesAsync(StoredStudy study, CancellationToken cancellationToken)
    {
        var files = new List<IndexedFile>();
        await foreach (var file in Index.FilesAsync(study, cancellationToken).ConfigureAwait(false))
        {
            if (!Path.IsPathRooted(file.Path))
                files.Add(file);
        }

        List<IndexedFile> deleted;
        Exception? problem;
        try
        {
            (deleted, problem) = await Task.Run(() => DeleteFiles(files), CancellationToken.None).ConfigureAwait(false);
            for (var at = 0; at < deleted.Count; at += BatchLength)
                await Index.ForgetAsync(deleted.GetRange(at, Math.Min(BatchLength, deleted.Count - at)).ConvertAll(file => file.Path),
                    CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // Rows without files, which the next opening forgets.
            _isInDoubt = true;
            throw;
        }

        var removed = new RemovedStudy(study, deleted.Count, deleted.Sum(file => file.Size), problem);
        Log(removed);
        return removed;
    }

    // A file that cannot be deleted, such as one that is open on Windows, ends it: what is left is tried again later.
    private (List<IndexedFile> Deleted, Exception? Problem) DeleteFiles(List<IndexedFile> files)
    {
        var deleted = new List<IndexedFile>();
        Exception? problem = null;
        foreach (var file in files)
        {
            try
            {
                Files.Delete(FullPath(file.Path));
            }
            catch (DirectoryNotFoundException)
            {
                // Gone already.
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                problem = failure;
                break;
            }

            deleted.Add(file);
        }

        foreach (var folder in deleted.Select(file => Path.GetDirectoryName(FullPath(file.Path))!).Distinct(StringComparer.Ordinal))
        {
            // Else a power cut brings files back whose rows are gone.
            if (_options.FlushToDisk)
                TryFlush(folder);
            Files.DeleteEmpty(folder, Folder);
        }

        return (deleted, problem);
    }

    private void TryFlush(string folder)
    {
        try
        {
            Files.FlushFolder(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _isInDoubt = true;
        }
    }

    private void Log(RemovedStudy removed)
    {
        var path = Path.Combine(Folder, RemovedName);
        var line = string.Format(CultureInfo.InvariantCulture, "{0:s}Z,{1},{2},{3},{4:s}Z\n",
            _options.Time.GetUtcNow().UtcDateTime, removed.Study.StudyInstanceUid.Replace(',', '_').Replace('"', '_'),
            removed.Instances, removed.Bytes, removed.Study.LastArrival);
        try
        {
            using var file = PrivateFiles.Open(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete);
            var bytes = Encoding.UTF8.GetBytes(
                (file.Position == 0 ? "RemovedAt,StudyInstanceUID,Instances,Bytes,LastArrival\n" : "") + line);
            file.Write(bytes, 0, bytes.Length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The removal is told all the same; only this record of it is missing.
            return;
        }
    }
}
