using System.Data.Common;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>How an index is opened.</summary>
public sealed record ArchiveIndexOptions
{
    /// <summary>The options that apply when none are given.</summary>
    public static ArchiveIndexOptions Default { get; } = new();

    /// <summary>Whether it is made when it does not exist. Default true.</summary>
    public bool MayCreate { get; init; } = true;

    /// <summary>
    /// Whether what is written waits for the disk itself. Default false: it outlives this process being killed, but no power cut.
    /// </summary>
    public bool FlushToDisk { get; init; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Called before a transaction begins, before it is committed and when it is, so that a test can have it fail or look what is there.
    /// </summary>
    internal Action<TransactionStep> AtStep { get; init; } = _ => { };
}

/// <summary>Where a transaction of the index is.</summary>
internal enum TransactionStep
{
    /// <summary>It has not begun.</summary>
    Beginning,
    /// <summary>All is written but the commit.</summary>
    Committing,
    /// <summary>It is committed, and nobody has been told: nothing can fail here.</summary>
    Committed,
}

/// <summary>How much an index knows.</summary>
/// <param name="Patients">Patients.</param>
/// <param name="Studies">Studies.</param>
/// <param name="Series">Series.</param>
/// <param name="Instances">Instances.</param>
/// <param name="Bytes">The bytes of all files.</param>
/// <param name="Conflicts">How often something came with a UID of something else.</param>
public sealed record IndexCounts(long Patients, long Studies, long Series, long Instances, long Bytes, long Conflicts = 0);

/// <summary>
/// What is known of patients, studies, series and instances, in one SQLite file or in a database of PostgreSQL. Safe for use from several
/// threads; several processes may use one file, and several machines one database.
/// </summary>
/// <remarks>
/// SQLite works synchronously, and is what an archive has; statements to PostgreSQL are waited for in the same way. One at a time uses the
/// connection that writes, and takes whatever waits into one transaction (<see cref="WriteQueue"/>). Queries run on pool threads, a page of
/// rows at a time.
/// </remarks>
public sealed partial class ArchiveIndex : IAsyncDisposable
{
    private static readonly TimeSpan[] Waits = [.. new[] { 1, 2, 4, 8, 15 }.Select(seconds => TimeSpan.FromSeconds(seconds))];
    private readonly ArchiveIndexOptions _options;
    private readonly IndexDatabase _database;
    private readonly WriteQueue _queue;
    // Whoever is at the queue has it.
    private WriteSession _session;
    private IndexTotals? _totals;
    private bool _keepsTotals;

    private ArchiveIndex(IndexDatabase database, WriteSession session, ArchiveIndexOptions options)
    {
        _options = options;
        _database = database;
        _session = session;
        _queue = new WriteQueue(Run);
    }

    /// <summary>The file, or the address of the database.</summary>
    public string Path => _database.Name;

    /// <summary>Whether an earlier version made it, and opening it has brought it up to date.</summary>
    public bool IsUpgraded => _database.IsUpgraded;

    /// <summary>
    /// How much the index knows, as of the last transaction; nothing is asked for it. All zero before <see cref="KeepTotalsAsync"/>.
    /// </summary>
    public IndexTotals Totals => Volatile.Read(ref _totals) ?? IndexTotals.None;

    /// <summary>Opens an index.</summary>
    /// <param name="path">The file; SQLite keeps two more beside it while it is open.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomException">There is none, it is something else, or it cannot be opened.</exception>
    public static Task<ArchiveIndex> OpenAsync(string path, ArchiveIndexOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= ArchiveIndexOptions.Default;
        return Task.Run(() => Open(new SqliteDatabase(path), options), cancellationToken);
    }

    /// <summary>Opens an index, which may be in PostgreSQL.</summary>
    internal static Task<ArchiveIndex> OpenAsync(StoreAddress address, ArchiveIndexOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => Open(IndexDatabase.Of(address), options), cancellationToken);

    /// <summary>Has <see cref="Totals"/> kept from now on: what is answered is counted before.</summary>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    public Task KeepTotalsAsync(CancellationToken cancellationToken = default) => RequestAsync(
        () =>
        {
            _keepsTotals = true;
            Volatile.Write(ref _totals, null);
            return 0;
        },
        cancellationToken);

    /// <summary>Puts entries into the index: all of them or, when it fails, none.</summary>
    /// <param name="entries">The entries; what was seen before is updated, and what an entry does not say erases nothing.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <returns>When the index has them for good.</returns>
    /// <exception cref="DicomException">The index could not be written.</exception>
    public Task WriteAsync(IReadOnlyList<IndexEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return ReplaceAsync(entries, null, mayBlock: false, cancellationToken);
    }

    /// <summary>As <see cref="WriteAsync"/>.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="stays">Whether the file that the same instance has, the first, keeps its place before the one that comes, the
    /// second; null for never.</param>
    /// <param name="mayBlock">Whether the calling thread may do the transaction, that of others with it.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <returns>What became of each.</returns>
    internal async Task<IReadOnlyList<WrittenEntry>> ReplaceAsync(
        IReadOnlyList<IndexEntry> entries, Func<IndexedFile, IndexedFile, bool>? stays, bool mayBlock, CancellationToken cancellationToken)
    {
        var written = new List<WrittenEntry>(entries.Count);
        await RequestAsync(
            () =>
            {
                // Work is done again when another's fails in the same transaction.
                written.Clear();
                var now = _options.Time.GetUtcNow().UtcDateTime;
                foreach (var entry in entries)
                    written.Add(_session.Writer.Write(entry, now, stays));
                return entries.Count;
            },
            cancellationToken, mayBlock).ConfigureAwait(false);
        return written;
    }

    /// <summary>The file that the instance of an entry has, and the instance that a path has, as the next write would find them.</summary>
    internal async Task<(IndexedFile? Mine, InstanceOfUid? AtPath)> FindRivalsAsync(IndexEntry entry, string path,
        CancellationToken cancellationToken)
    {
        (IndexedFile?, InstanceOfUid?) found = default;
        await RequestAsync(
            () =>
            {
                found = (_session.Writer.Find(entry), _session.Writer.AtPath(path));
                return 0;
            },
            cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>
    /// Forgets a patient, a study, a series or an instance with everything below it, and what is left empty above it. Files stay.
    /// </summary>
    /// <param name="level">What it is.</param>
    /// <param name="key">Its UID; for a patient, the Patient ID.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <returns>How many instances were forgotten.</returns>
    /// <exception cref="DicomException">The index could not be written.</exception>
    public Task<long> DeleteAsync(QueryLevel level, string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return RequestAsync(() => Erased(_session.Eraser.Delete(level, key)), cancellationToken);
    }

    /// <summary>Marks what was retrieved; <see cref="IndexQuery.WithMarks"/> gives the marks back.</summary>
    /// <param name="marks">The marks; a whole one is not replaced by one that is not.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <exception cref="DicomException">The index could not be written.</exception>
    public Task MarkAsync(IReadOnlyList<RetrieveMark> marks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(marks);
        return RequestAsync(
            () =>
            {
                foreach (var mark in marks)
                    IndexMarks.Write(_database, _session.Connection, mark);
                return marks.Count;
            },
            cancellationToken);
    }

    /// <summary>Marks all that is known of a patient as retrieved.</summary>
    /// <param name="patientId">Patient ID (0010,0020).</param>
    /// <param name="at">When, in UTC.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    /// <returns>How many studies that are.</returns>
    /// <exception cref="DicomException">The index could not be written.</exception>
    public Task<long> MarkPatientAsync(string patientId, DateTime at, CancellationToken cancellationToken = default) => RequestAsync(
        () =>
        {
            var studies = IndexMarks.StudiesOf(_database, _session.Connection, patientId);
            foreach (var study in studies)
                IndexMarks.Write(_database, _session.Connection, new RetrieveMark(study, null, at, null, null, IsWhole: true));
            return studies.Count;
        },
        cancellationToken);

    /// <summary>Forgets the instances whose files are gone, and what is left empty above them.</summary>
    /// <param name="paths">The files, as they stand in the index.</param>
    /// <param name="cancellationToken">Gives up as long as it has not begun.</param>
    internal Task<long> ForgetAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        RequestAsync(() => Erased(paths.Sum(_session.Eraser.DeletePath)), cancellationToken);

    /// <summary>
    /// Puts conflicts that an index listed into one that was made anew; what it found of the same instances itself says less.
    /// </summary>
    internal Task<long> RestoreConflictsAsync(IReadOnlyList<IndexConflict> conflicts, CancellationToken cancellationToken) => RequestAsync(
        () =>
        {
            IndexConflict.Restore(_database, _session.Connection, conflicts);
            return conflicts.Count;
        },
        cancellationToken);

    /// <summary>
    /// Forgets series, studies and patients without an instance. An index of answers is made of them; that of an archive has none.
    /// </summary>
    internal Task<long> ForgetEmptyAsync(CancellationToken cancellationToken) =>
        RequestAsync(() => Erased(_session.Eraser.DeleteEmpty()), cancellationToken);

    /// <summary>Finishes what is being written and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.CloseAsync().ConfigureAwait(false);
        CloseReaders();
        // The last connection to a file folds the log into it and deletes that.
        _session.Dispose();
    }

    /// <summary>Has SQLite look through the whole file.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DicomException">The file is damaged.</exception>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_database is SqliteDatabase file && await IndexCheck.RunAsync(Path, cancellationToken).ConfigureAwait(false) is { } damage)
            throw file.Unsound(damage);
    }

    private static ArchiveIndex Open(IndexDatabase database, ArchiveIndexOptions options)
    {
        try
        {
            return new ArchiveIndex(database, WriteSession.Open(database, options.MayCreate, options.FlushToDisk), options);
        }
        catch (Exception problem) when (database.IsOfDatabase(problem))
        {
            throw database.Explain(problem);
        }
    }

    private Task<long> RequestAsync(Func<long> work, CancellationToken cancellationToken, bool mayBlock = false) =>
        _database.ComesBack ? PatientlyAsync(work, cancellationToken) : _queue.DoAsync(work, mayBlock, cancellationToken);

    // A server that is started anew is back in a moment. What is written again says the same, so that a commit whose answer was lost is no
    // matter.
    private async Task<long> PatientlyAsync(Func<long> work, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await _queue.DoAsync(work, mayBlock: false, cancellationToken).ConfigureAwait(false);
            }
            catch (DicomException away) when (away.IsTransient && tries < Waits.Length)
            {
                await Task.Delay(Waits[tries], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Run(IReadOnlyList<WriteRequest> batch)
    {
        if (TryRun(batch))
            return;
        // One of them failed all: each gets a transaction of its own, so that only the culprit pays.
        foreach (var request in batch)
            TryRun([request]);
    }

    /// <summary>
    /// Does the work of requests in one transaction and answers them; of several, none is answered when it fails and they may be tried one
    /// by one.
    /// </summary>
    private bool TryRun(IReadOnlyList<WriteRequest> batch)
    {
        try
        {
            if (_database.IsLost(_session.Connection))
                Reopen();
            _options.AtStep(TransactionStep.Beginning);
            _session.Begin.Run();
            _session.Writer.Begin();
            var results = batch.Select(request => request.Work()).ToArray();
            _options.AtStep(TransactionStep.Committing);
            _session.Commit.Run();
            _options.AtStep(TransactionStep.Committed);
            CountAdded();
            for (var i = 0; i < results.Length; i++)
            {
                var result = results[i];
                batch[i].Answer(done => done.TrySetResult(result));
            }

            return true;
        }
        catch (Exception problem)
        {
            _session.Writer.Forget();
            RollBack();
            if (batch.Count > 1 && !_database.IsLost(_session.Connection))
                return false;
            var told = _database.IsOfDatabase(problem) ? _database.Explain(problem) : problem;
            foreach (var request in batch)
                request.Answer(done => done.TrySetException(told));
            return true;
        }
    }

    private void Reopen()
    {
        var open = WriteSession.Open(_database, mayCreate: false, _options.FlushToDisk);
        _session.Dispose();
        _session = open;
    }

    // What came is added to what is known; where rows went, or another process wrote, it is counted.
    private void CountAdded()
    {
        if (!_keepsTotals)
            return;
        try
        {
            var before = _totals;
            Volatile.Write(ref _totals, before is { } && _session.Writer.Added is { } added ? before.Plus(added) : Count());
        }
        catch (Exception problem) when (_database.IsOfDatabase(problem))
        {
            // What is committed is committed; the next transaction counts.
            Volatile.Write(ref _totals, null);
        }
    }

    private IndexTotals Count()
    {
        return new IndexTotals(Of("studies"), Of("series"), Of("instances"), Of("conflicts"));

        long Of(string table) => IndexDatabase.Number(_session.Connection, $"SELECT count(*) FROM {table}");
    }

    private void RollBack()
    {
        try
        {
            _database.RollBack(_session.Connection);
        }
        catch (Exception problem) when (_database.IsOfDatabase(problem))
        {
            // What failed before is what is told; the next transaction shows whether the file can still be used.
            return;
        }
    }

    private long Erased(long count)
    {
        _session.Writer.Forget();
        return count;
    }
}
