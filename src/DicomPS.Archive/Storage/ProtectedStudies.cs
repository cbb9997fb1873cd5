using DicomPS.Compatibility;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>
/// The studies of an archive that no limit deletes: a file for each beside the instances, so that an index that is made anew forgets
/// none, and another process than that of the archive may add some. All members are for any thread and any process.
/// </summary>
/// <remarks>
/// Who removes a study holds <see cref="BeginRemoval"/> and then looks; who protects one writes its file and then waits for the removal
/// that may be under way. So one of them sees the other.
/// </remarks>
/// <param name="folder">The folder of the archive.</param>
internal sealed class ProtectedStudies(string folder)
{
    // As all files of ours, so that no start takes them for instances.
    private const string FolderName = ".dicomps-protected", Prefix = ".dicomps-", Suffix = ".keep", RemovingName = ".dicomps-removing";

    // A removal deletes the files of one study.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20), LongestRemoval = TimeSpan.FromMinutes(5);

    private string Markers => Path.Combine(folder, FolderName);

    /// <summary>The Study Instance UIDs of all.</summary>
    /// <exception cref="IOException">The disk failed: then nobody knows, and nothing may be deleted.</exception>
    public HashSet<string> All()
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists(Markers))
            return all;
        foreach (var path in Directory.EnumerateFiles(Markers, $"{Prefix}*{Suffix}"))
        {
            var name = Path.GetFileName(path);
            all.Add(Uri.UnescapeDataString(name.Substring(Prefix.Length, name.Length - Prefix.Length - Suffix.Length)));
        }

        return all;
    }

    /// <summary>Whether a study is protected.</summary>
    /// <param name="studyInstanceUid">Its UID; two patients who have a study of one UID have both protected.</param>
    public bool Contains(string studyInstanceUid) => File.Exists(MarkerOf(studyInstanceUid));

    /// <summary>
    /// Protects studies, whether the archive has them or not; once it has returned, the disk has it, and no removal that does not know of
    /// it is under way. Look after it whether a study is still there.
    /// </summary>
    /// <param name="studyInstanceUids">Their UIDs.</param>
    /// <param name="cancellationToken">Gives up; those that were protected stay so.</param>
    /// <returns>Those that were not protected before.</returns>
    /// <exception cref="IOException">They cannot be protected.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public async Task<IReadOnlyList<string>> AddAsync(IReadOnlyList<string> studyInstanceUids, CancellationToken cancellationToken)
    {
        var added = new List<string>();
        PrivateFiles.CreateFolder(Markers);
        foreach (var uid in studyInstanceUids.Where(uid => !Contains(uid)))
        {
            using var file = PrivateFiles.Open(
                MarkerOf(uid), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            FileSystem.Default.Flush(file);
            added.Add(uid);
        }

        FileSystem.Default.FlushNames(Markers, folder);
        await NoRemovalAsync(cancellationToken).ConfigureAwait(false);
        return added;
    }

    /// <summary>Lets limits delete studies again; true where one was protected.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public bool Remove(string studyInstanceUid)
    {
        if (!Contains(studyInstanceUid))
            return false;
        File.Delete(MarkerOf(studyInstanceUid));
        return true;
    }

    /// <summary>Says that a study is being removed until the answer is disposed of; look after it whether it is protected.</summary>
    /// <exception cref="IOException">Somebody looks just now, or the folder cannot be written to.</exception>
    public IDisposable BeginRemoval() => new FileStream(Path.Combine(folder, RemovingName), FileMode.OpenOrCreate, FileAccess.ReadWrite,
        FileShare.None, 1, FileOptions.DeleteOnClose);

    private string MarkerOf(string uid) => Path.Combine(Markers, Prefix + Uri.EscapeDataString(uid) + Suffix);

    // What a kill left behind is nobody's, and can be opened.
    private async Task NoRemovalAsync(CancellationToken cancellationToken)
    {
        var (path, end) = (Path.Combine(folder, RemovingName), DateTime.UtcNow + LongestRemoval);
        while (File.Exists(path))
        {
            try
            {
                new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                return;
            }
            catch (FileNotFoundException)
            {
                return;
            }
            catch (IOException) when (DateTime.UtcNow < end)
            {
                await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
