using DicomPS.Archiving.Index;

namespace DicomPS.Archiving.Storage;

/// <summary>How much an archive keeps, and for how long. Only files inside its folder count, and only they are deleted.</summary>
public sealed record Retention
{
    /// <summary>
    /// How many bytes the files may have together, 1 or more; null for no limit. The study that came last stays, even when it has more
    /// alone.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>How long after its last instance came a study is kept, more than zero; null for ever.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>
    /// The studies that have to go now, the oldest first: the one whose newest file was written first, since that outlives an
    /// index that is made anew. At most 10,000; ask again when they are gone.
    /// </summary>
    /// <param name="index">The index of the archive.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="isBusy">Which studies stay whatever the rules say.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomException">The index cannot be read.</exception>
    public async Task<IReadOnlyList<StoredStudy>> ExpiredAsync(
        ArchiveIndex index, DateTime now, Func<string, bool> isBusy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(index);
        const int most = 10_000;
        var expired = new List<StoredStudy>();
        var excess = MaxBytes is { } bytes ? await index.BytesInsideAsync(cancellationToken).ConfigureAwait(false) - bytes : 0;
        StoredStudy? before = null;
        await foreach (var study in index.StudiesByAgeAsync(cancellationToken).ConfigureAwait(false))
        {
            if (before is { })
                Judge(before, isLast: false);
            before = study;
            if (expired.Count >= most || (excess <= 0 && MaxAge is null))
                return expired;
        }

        if (before is { })
            Judge(before, isLast: true);
        return expired;

        void Judge(StoredStudy study, bool isLast)
        {
            var isTooOld = now - study.LastArrival > MaxAge;
            if ((!isTooOld && (excess <= 0 || isLast)) || isBusy(study.StudyInstanceUid))
                return;
            expired.Add(study);
            excess -= study.Bytes;
        }
    }
}

/// <summary>A study that was removed.</summary>
/// <param name="Study">The study as it was.</param>
/// <param name="Instances">How many instances are gone.</param>
/// <param name="Bytes">The bytes of their files.</param>
/// <param name="Problem">Why the rest of it is still there; null when all of it is gone.</param>
public sealed record RemovedStudy(StoredStudy Study, long Instances, long Bytes, Exception? Problem);
