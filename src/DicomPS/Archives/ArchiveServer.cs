using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Archiving;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Archives;

/// <summary>
/// A running archive: a folder of files and its index, served by C-STORE, C-FIND, C-MOVE and C-GET, and a worklist if it was given one.
/// Any thread may use it.
/// </summary>
public sealed class ArchiveServer : RunningServer
{
    private readonly object _counting = new();
    private readonly Archive _archive;
    private readonly WorklistSource? _worklist;
    private readonly CommitmentScp _commitment;
    private readonly BrokenInstances _broken;
    private readonly StudyFeed _feed;
    private readonly RetentionKeeper? _keeper;
    private readonly Action<ServerEvent>? _trace;

    // The study of the instance that each association is at.
    private readonly ConcurrentDictionary<string, IDisposable> _holds = new(StringComparer.Ordinal);
    private (long Studies, long Series, long Instances, long Conflicts) _counts;
    private bool _isClosed;
    private long _received;
    private long _failed;
    private long _bytes;
    private long _removedStudies;
    private long _removedBytes;
    private int _changes = 1;
    private int _counted;

    private ArchiveServer(Archive archive, WorklistSource? worklist, ArchiveServerOptions options)
        : base(options.Server.AETitle)
    {
        _archive = archive;
        IsReadOnly = options.ReadOnly;
        Duplicate = options.Duplicates.ToString();
        MaxBytes = options.MaxBytes;
        MaxAge = options.MaxAge;
        _trace = options.Server.Trace;
        _feed = new StudyFeed(options.StudyQuietPeriod, study => DescribeAsync(study, options.Server));
        _worklist = worklist;
        if (worklist is not null)
            worklist.Unreadable = (file, problem) => Happened(new ServerEvent("", null, $"{file}: {problem.Message}", problem));
        var services = new ArchiveServices(archive, worklist, options);
        _commitment = services.Commitment;
        _broken = services.Broken;
        Listen(
            options.Server with { ExtendedNegotiation = ArchiveServices.Agree, Ended = _feed.Ended + options.Server.Ended },
            services.Table(PlacingAsync, StoredAsync, NotStored, Met));
        _feed.Start();
        if (RetentionKeeper.Rules(MaxBytes, MaxAge) is { } rules)
            _keeper = new RetentionKeeper(archive, rules, study => _feed.Find(study) is not null, Removed,
                problem => Happened(new ServerEvent("", null, problem.Message, problem)));
    }

    /// <summary>The archives that run in this process.</summary>
    public static IReadOnlyList<ArchiveServer> Running => [.. All.OfType<ArchiveServer>()];

    /// <summary>The folder of the files and their index.</summary>
    public string Path => _archive.Folder;

    /// <summary>Whether instances are refused.</summary>
    public bool IsReadOnly { get; }

    /// <summary>How many studies the archive has.</summary>
    public long Studies => Counts().Studies;

    /// <summary>How many series the archive has.</summary>
    public long Series => Counts().Series;

    /// <summary>How many instances the archive has.</summary>
    public long Instances => Counts().Instances;

    /// <summary>
    /// How often an instance came whose UIDs something of another patient, study or series has, those of earlier starts too. Both are
    /// kept, apart; Get-DicomArchive -Conflict lists them.
    /// </summary>
    public long Conflicts => Counts().Conflicts;

    /// <summary>The last of them since the start, in words; null when there was none.</summary>
    public string? LastConflict { get; private set; }

    /// <summary>What happens to an instance that the archive has already: Replace, KeepFirst or Reject.</summary>
    public string Duplicate { get; }

    /// <summary>How many items the worklist has; null when none is served.</summary>
    public int? WorklistItems => _worklist is null ? null
        : _isClosed ? _worklist.Count : Task.Run(() => _worklist.ItemsAsync()).GetAwaiter().GetResult().Count;

    /// <summary>How many instances were stored over the network since the start.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many of those came broken and were set aside, where a folder for them was named.</summary>
    public long Broken => _broken.Count;

    /// <summary>The latest thousand of them, oldest first.</summary>
    public BrokenInstanceList BrokenInstances => _broken.Latest;

    /// <summary>How many bytes of datasets were stored over the network since the start.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many times a study was complete since the start; Wait-DicomStudy writes them.</summary>
    public long CompletedStudies => _feed.Told;

    /// <summary>How many of them were forgotten because nobody took them; the studies are there.</summary>
    public long DroppedStudies => _feed.Forgotten;

    /// <summary>How many bytes the files may have together; null for no limit.</summary>
    public long? MaxBytes { get; }

    /// <summary>How long after its last arrival a study is kept; null for ever.</summary>
    public TimeSpan? MaxAge { get; }

    /// <summary>How many studies were deleted since the start, because of <see cref="MaxBytes"/> or <see cref="MaxAge"/>.</summary>
    public long RemovedStudies => Interlocked.Read(ref _removedStudies);

    /// <summary>How many bytes their files had.</summary>
    public long RemovedBytes => Interlocked.Read(ref _removedBytes);

    /// <summary>The study that was deleted last, in words; null when none was.</summary>
    public string? LastRemoved { get; private set; }

    /// <summary>How many storage commitment requests wait for their report, those of earlier starts too.</summary>
    public int OwedReports => _commitment.Owed;

    /// <summary>How many files the start found that the index did not know, because the archive had not been stopped or was new.</summary>
    public long Recovered => _archive.Recovered?.Added ?? 0;

    /// <summary>
    /// Opens an archive and serves it. Files and index are made to agree first when it had not been closed in good order.
    /// </summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="DicomException">The folder is in use or cannot be written to, or the port cannot be listened on.</exception>
    public static async Task<ArchiveServer> StartAsync(ArchiveServerOptions options, CancellationToken cancellationToken = default)
    {
        if (options is null)
            throw new ArgumentNullException(nameof(options));
        var where = new ArchiveOptions { Folder = options.Folder, FlushToDisk = options.FlushToDisk, Unreadable = options.Unreadable };
        var archive = await Archive.OpenAsync(where, cancellationToken).ConfigureAwait(false);
        try
        {
            string? unreadable = null;
            var worklist = WorklistSource.Of(options with
            {
                WorklistUnreadable = (file, problem) =>
                {
                    unreadable = $"{file}: {problem.Message}";
                    options.WorklistUnreadable?.Invoke(file, problem);
                },
            });
            if (worklist is not null)
                await worklist.ItemsAsync().ConfigureAwait(false);
            var server = new ArchiveServer(archive, worklist, options);
            server.LastError ??= unreadable;
            return server;
        }
        catch
        {
            await archive.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override StudyFeed? GetStudyFeed() => _feed;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} with {Path} ({State})";

    /// <summary>What came with a UID of something of another identity, in the order in which it came.</summary>
    internal async IAsyncEnumerable<ArchiveConflict> ConflictsAsync([EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var conflict in _archive.Index.ConflictsAsync(token).ConfigureAwait(false))
            yield return ArchiveConflict.Of(conflict, Path, _archive.FullPath);
    }

    /// <summary>Imports files into the running archive, each told when the archive has it for good.</summary>
    internal async IAsyncEnumerable<ImportResult> ImportAsync(
        IReadOnlyList<string> files, bool inPlace, ArchiveDuplicate duplicates, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var result in ArchiveFiles.ImportAsync(_archive, files, inPlace, duplicates, token).ConfigureAwait(false))
        {
            Interlocked.Increment(ref _changes);
            yield return result;
        }

        _keeper?.Wake();
    }

    /// <inheritdoc/>
    protected override async Task CloseAsync()
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        if (_keeper is not null)
            await _keeper.DisposeAsync().ConfigureAwait(false);
        // The last counts stay readable when the index is closed.
        Counts();
        lock (_counting)
            _isClosed = true;
        await _archive.DisposeAsync().ConfigureAwait(false);
    }

    // Asked of the index when something was stored since the last time, so that who heard Success sees it counted.
    private (long Studies, long Series, long Instances, long Conflicts) Counts()
    {
        lock (_counting)
        {
            var now = Volatile.Read(ref _changes);
            if (_isClosed || now == _counted)
                return _counts;
            try
            {
                var found = Task.Run(() => _archive.Index.CountAsync()).GetAwaiter().GetResult();
                _counts = (found.Studies, found.Series, found.Instances, found.Conflicts);
                _counted = now;
            }
            catch (DicomException problem)
            {
                LastError = problem.Message;
            }

            return _counts;
        }
    }

    // From here to its end the study of an instance is not removed; a removal that has begun is waited for.
    private async Task PlacingAsync(DicomDataset header, AssociationTitles titles, CancellationToken token)
    {
        _feed.Coming(titles.RemoteEndPoint, header);
        if (header.GetString(Tags.StudyInstanceUID) is { } study)
            _holds[titles.RemoteEndPoint] = await _archive.HoldAsync(study, token).ConfigureAwait(false);
    }

    private Task StoredAsync(ReceivedInstance instance, CancellationToken token)
    {
        LetGo(instance.RemoteEndPoint);
        _feed.Stored(instance);
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, instance.Bytes);
        Interlocked.Increment(ref _changes);
        return Task.CompletedTask;
    }

    private void Met(IndexConflict conflict)
    {
        Interlocked.Increment(ref _changes);
        LastConflict = $"{ArchiveConflict.Of(conflict, Path, _archive.FullPath)}";
        var happened = new ServerEvent("", conflict.Source, LastConflict, null)
        {
            Kind = ServerEventKind.Warning,
            Operation = conflict.Source is null ? null : "C-STORE",
            Reason =
                $"What came has a UID ({conflict.Level}) that something of another patient, study or series has; both are kept, apart.",
            SOPInstanceUID = conflict.SopInstanceUid,
            Advice =
                "Get-DicomArchive -Conflict lists both sides of each. Two devices give out the same UIDs, or a patient was changed at one "
                + "of them.",
        };
        Happened(happened);
        _trace?.Invoke(happened);
    }

    private void NotStored(ServiceCall call, Exception problem)
    {
        var association = call.Association.RemoteEndPoint.ToString()!;
        LetGo(association);
        _feed.Failed(association);
        Interlocked.Increment(ref _failed);
        LastError = $"{call.Command.AffectedSopInstanceUid}: {problem.Message}";
    }

    private void LetGo(string association)
    {
        if (_holds.TryRemove(association, out var hold))
            hold.Dispose();
    }

    // The index knows the whole study, also what came before the start.
    private async Task<CompletedStudy> DescribeAsync(CompletedStudy study, DicomServerOptions listening)
    {
        _keeper?.Wake();
        var series = System.IO.Path.GetDirectoryName(study.Path)!;
        study = study with { Path = System.IO.Path.GetDirectoryName(series) };
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, study.StudyInstanceUID!);
        try
        {
            await foreach (var found in LocalQuery.RunAsync(new QueryRequest { Keys = keys }, AnswersAsync).ConfigureAwait(false))
            {
                // Another patient may have a study of the same UID.
                if (found is Study known && known.StudyInstanceUID == study.StudyInstanceUID
                    && (known.PatientID ?? "") == (study.PatientID ?? ""))
                    return study.About(known with { Node = NodeOf(listening) });
            }
        }
        catch (Exception problem) when (problem is DicomException or ArgumentException)
        {
            LastError = problem.Message;
        }

        return study;
    }

    private async IAsyncEnumerable<LocalAnswer> AnswersAsync(DicomDataset identifier,
        [EnumeratorCancellation] CancellationToken token)
    {
        var query = new IndexQuery
        {
            Level = IndexLevel.Study, Identifier = identifier, RetrieveAETitle = AETitle,
            Availability = "ONLINE"
        };
        await foreach (var match in _archive.Index.FindAsync(query, token).ConfigureAwait(false))
            yield return new LocalAnswer(match.Answer, null);
    }

    private DicomNode NodeOf(DicomServerOptions listening) => new()
    {
        AETitle = AETitle,
        HostName = listening.Address is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? $"{address}"
            : "127.0.0.1",
        Port = Port,
        Tls = listening.Tls is not null,
    };

    private void Removed(RemovedStudy removed)
    {
        var what = $"{RetentionKeeper.Describe(removed.Study, removed.Instances, removed.Bytes)}, was deleted";
        if (removed.Problem is { } problem)
            what = $"{what} in part: {problem.Message}";
        Interlocked.Add(ref _removedStudies, removed.Problem is null ? 1 : 0);
        Interlocked.Add(ref _removedBytes, removed.Bytes);
        Interlocked.Increment(ref _changes);
        LastRemoved = what;
        var happened = new ServerEvent("", null, what, removed.Problem);
        Happened(happened);
        _trace?.Invoke(happened);
    }
}
