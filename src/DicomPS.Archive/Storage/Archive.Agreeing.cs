using DicomPS.Archiving.Index;

namespace DicomPS.Archiving.Storage;

/// <content>Making files and index agree, when the archive was not closed in good order.</content>
public sealed partial class Archive
{
    /// <summary>Makes the index agree with the files: takes in those that it does not know, and forgets those that are gone.</summary>
    /// <param name="cancellationToken">Stops; what was done stays.</param>
    public Task<ArchiveRepair> ReconcileAsync(CancellationToken cancellationToken = default) =>
        ReconcileAsync(isAnew: false, cancellationToken);

    private async Task<ArchiveRepair> ReconcileAsync(bool isAnew, CancellationToken cancellationToken)
    {
        var sum = new ArchiveRepair(0, 0, 0, 0);
        using var files = ArchiveFolder.Files(Folder).Where(path => Path.GetFileName(path) is var name && !IsOurs(name)).GetEnumerator();
        while (true)
        {
            var paths = await Task.Run(() => NextBatch(files), cancellationToken).ConfigureAwait(false);
            if (paths.Count == 0)
                break;
            var known = await Index.KnownAsync(paths.ConvertAll(IndexPath), cancellationToken).ConfigureAwait(false);
            var (read, unreadable) = await Task.Run(() => ReadUnknown(paths, known, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            var written = await Index.ReplaceAsync(read.ConvertAll(file => file.Entry), (there, coming) => Stays(there, coming, isAnew),
                mayBlock: false, cancellationToken).ConfigureAwait(false);
            var doubled = TellDoubled(read, written);
            sum = sum with
            {
                Files = sum.Files + paths.Count,
                Added = sum.Added + read.Count - doubled,
                Unreadable = sum.Unreadable + unreadable,
                Doubled = sum.Doubled + doubled,
            };
        }

        sum = sum with { Forgotten = await ForgetMissingAsync(cancellationToken).ConfigureAwait(false) };
        await Index.ForgetEmptyAsync(cancellationToken).ConfigureAwait(false);
        return sum;
    }

    // Of two files of one instance, such as a kill between two steps of a replacement leaves, the one that was acknowledged stays: the
    // index has it. An index that is made anew cannot tell, and takes the one that was written last.
    private bool Stays(IndexedFile there, IndexedFile coming, bool isAnew)
    {
        var info = Files.Look(FullPath(there.Path));
        var isAsIndexed = info.Exists && info.Length == there.Size && info.LastWriteTimeUtc == there.LastWriteTimeUtc;
        return isAsIndexed && !(isAnew && coming.LastWriteTimeUtc > there.LastWriteTimeUtc);
    }

    private long TellDoubled(List<ArchivedFile> read, IReadOnlyList<WrittenEntry> written)
    {
        long doubled = 0;
        for (var i = 0; i < read.Count; i++)
        {
            if ((written[i].Kept?.Path ?? written[i].Before) is not { } other)
                continue;
            if (written[i].Kept is { })
                doubled++;
            var left = written[i].Kept is { } ? read[i].Path : FullPath(other);
            if (Files.Look(left).Exists)
                _options.Unreadable?.Invoke(left, new DicomException($"It is one more file of the instance {read[i].SopInstanceUid}."));
        }

        return doubled;
    }

    private static List<string> NextBatch(IEnumerator<string> files)
    {
        var taken = new List<string>(BatchLength);
        while (taken.Count < BatchLength && files.MoveNext())
            taken.Add(files.Current);
        return taken;
    }

    private static bool IsOurs(string name) =>
        name.StartsWith(IndexName, StringComparison.Ordinal) || name.StartsWith(".dicomps-", StringComparison.Ordinal);

    private (List<ArchivedFile> Read, int Unreadable) ReadUnknown(List<string> paths, Dictionary<string, IndexedFile> known,
        CancellationToken cancellationToken)
    {
        var read = new List<ArchivedFile>();
        var unreadable = 0;
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var info = Files.Look(path);
            if (known.TryGetValue(IndexPath(path), out var file) && file.Size == info.Length
                && file.LastWriteTimeUtc == info.LastWriteTimeUtc)
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
            if (!Path.IsPathRooted(file.Path) && !Files.Look(FullPath(file.Path)).Exists)
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
