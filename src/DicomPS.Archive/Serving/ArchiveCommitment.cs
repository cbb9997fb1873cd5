using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// What an archive answers for (PS3.4 J): what its index has and whose file is there, whole, and of the SOP class that is named.
/// </summary>
internal sealed class ArchiveCommitment(Archive archive)
{
    // UIDs to one look into the index.
    private const int Batch = 500;

    /// <summary>Looks each instance up. A <see cref="CommitmentHandler"/>.</summary>
    public async Task<IReadOnlyList<ushort>> FindAsync(string requester, IReadOnlyList<SopReference> instances, CancellationToken token)
    {
        var reasons = new ushort[instances.Count];
        for (var start = 0; start < instances.Count; start += Batch)
        {
            SopReference[] some = [.. instances.Skip(start).Take(Batch)];
            var files = await FilesAsync(some, token).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                token.ThrowIfCancellationRequested();
                reasons[start + i] = files.TryGetValue(some[i].SopInstanceUid, out var found) ? Check(some[i], found)
                    : CommitmentReasons.NoSuchInstance;
            }
        }

        return reasons;
    }

    private async Task<Dictionary<string, List<string>>> FilesAsync(SopReference[] instances, CancellationToken token)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.SOPInstanceUID, [.. instances.Select(instance => instance.SopInstanceUid).Distinct()]);
        var query = new IndexQuery { Level = QueryLevel.Image, Identifier = keys, Relational = true };
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        await foreach (var match in archive.Index.FindAsync(query, token).ConfigureAwait(false))
        {
            if (match.File is not { } file || match.Answer.GetString(Tags.SOPInstanceUID) is not { } uid)
                continue;
            if (!files.TryGetValue(uid, out var paths))
                files[uid] = paths = [];
            paths.Add(archive.FullPath(file));
        }

        return files;
    }

    // The request names no patient, study or series: of several that have the UID, each would be sent, and one that is whole is enough.
    private static ushort Check(SopReference instance, List<string> paths)
    {
        var reasons = paths.ConvertAll(path => Check(instance, path));
        return reasons.Contains(0) ? (ushort)0 : reasons[0];
    }

    // The file itself is asked: an index may know of what somebody has deleted or cut short.
    private static ushort Check(SopReference instance, string path)
    {
        try
        {
            var file = DicomFileProbe.Read(path);
            return file.SopInstanceUid != instance.SopInstanceUid ? CommitmentReasons.NoSuchInstance
                : file.SopClassUid != instance.SopClassUid ? CommitmentReasons.ClassInstanceConflict
                : (ushort)0;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return CommitmentReasons.NoSuchInstance;
        }
        catch (Exception broken) when (broken is DicomException or IOException or UnauthorizedAccessException)
        {
            return broken.InnerException is FileNotFoundException or DirectoryNotFoundException ? CommitmentReasons.NoSuchInstance
                : CommitmentReasons.ProcessingFailure;
        }
    }
}
