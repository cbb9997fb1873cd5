using DicomPS.Archiving.Storage;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Indexes;

/// <summary>A study that was to be protected, or is no more.</summary>
/// <param name="StudyInstanceUid">Its UID.</param>
/// <param name="Changed">Whether it was not so before.</param>
/// <param name="Found">What the archive has of that UID, a study for each patient; none where it has nothing.</param>
internal sealed record ProtectionChange(string StudyInstanceUid, bool Changed, IReadOnlyList<QueryFound> Found);

/// <summary>
/// Which studies of an archive no limit deletes, as the cmdlets say it, whether the archive runs here, elsewhere or not at all. Cmdlets
/// name no type of SQLite or of the project around it, so that importing the module loads nothing of them.
/// </summary>
internal static class StudyProtection
{
    private const string IndexName = "index.sqlite";

    /// <summary>Protects studies.</summary>
    /// <param name="folder">The folder of the archive.</param>
    /// <param name="studies">Their UIDs.</param>
    /// <param name="force">Whether those too that the archive does not have.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="DicomException">There is no archive, or its index cannot be read.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static async Task<IReadOnlyList<ProtectionChange>> ProtectAsync(string folder, IReadOnlyList<string> studies, bool force,
        CancellationToken token)
    {
        // An index that cannot be asked is told before anything is changed.
        _ = await FindAsync(folder, studies, token).ConfigureAwait(false);
        var kept = new ProtectedStudies(folder);
        var added = new HashSet<string>(await kept.AddAsync(studies, token).ConfigureAwait(false), StringComparer.Ordinal);
        // Asked after it: what is here now stays.
        var found = await FindAsync(folder, studies, token).ConfigureAwait(false);
        foreach (var uid in studies.Where(uid => !force && added.Contains(uid) && !found.Contains(uid)))
            kept.Remove(uid);
        return [.. studies.Select(uid =>
            new ProtectionChange(uid, added.Contains(uid) && (force || found.Contains(uid)), [.. found[uid]]))];
    }

    /// <summary>Lets the limits delete studies again.</summary>
    /// <param name="folder">The folder of the archive.</param>
    /// <param name="studies">Their UIDs.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="DicomException">There is no archive, or its index cannot be read.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static async Task<IReadOnlyList<ProtectionChange>> UnprotectAsync(string folder, IReadOnlyList<string> studies,
        CancellationToken token)
    {
        _ = await FindAsync(folder, studies, token).ConfigureAwait(false);
        var kept = new ProtectedStudies(folder);
        var removed = new HashSet<string>(studies.Where(kept.Remove), StringComparer.Ordinal);
        var found = await FindAsync(folder, studies, token).ConfigureAwait(false);
        return [.. studies.Select(uid => new ProtectionChange(uid, removed.Contains(uid), [.. found[uid]]))];
    }

    private static async Task<ILookup<string, QueryFound>> FindAsync(string folder, IReadOnlyList<string> studies, CancellationToken token)
    {
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, [.. studies]);
        var request = new QueryRequest { Level = QueryLevel.Study, Keys = keys };
        var found = new List<QueryFound>();
        var place = new IndexPlace(Path.Combine(folder, IndexName), null);
        await foreach (var value in IndexFile.FindAsync(place, request, token).ConfigureAwait(false))
        {
            if (value is QueryFound one)
                found.Add(one);
        }

        return found.ToLookup(one => ((Study)one.Result).StudyInstanceUID ?? "", StringComparer.Ordinal);
    }
}
