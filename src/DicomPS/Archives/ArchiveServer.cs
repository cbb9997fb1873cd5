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

/// <summary>A running archive: a folder of files and its index, served by C-STORE, C-FIND, C-MOVE and C-GET, and a worklist if it was given one. Any thread may use it.</summary>
public sealed class ArchiveServer : RunningServer
{
    private readonly object counting = new();
    private readonly Archive archive;
    private readonly WorklistSource? worklist;
    private readonly CommitmentScp commitment;
    private readonly BrokenInstances broken;
    private readonly StudyFeed feed;
    private readonly RetentionKeeper? keeper;
    private readonly Action<ServerEvent>? trace;

    // The study of the instance that each association is at.
    private readonly ConcurrentDictionary<string, IDisposable> holds = new(StringComparer.Ordinal);
    private (long Studies, long Series, long Instances, long Conflicts) counts;
    private bool isClosed;
    private long received;
    private long failed;
    private long bytes;
    private long removedStudies;
    private long removedBytes;
    private int changes = 1;
    private int counted;

    private ArchiveServer(Archive archive, WorklistSource? worklist, ArchiveServerOptions options)
        : base(options.Server.AETitle)
    {
        this.archive = archive;
        IsReadOnly = options.ReadOnly;
        Duplicate = options.Duplicates.ToString();
        MaxBytes = options.MaxBytes;
        MaxAge = options.MaxAge;
        trace = options.Server.Trace;
        feed = new StudyFeed(options.StudyQuietPeriod, study => DescribeAsync(study, options.Server));
        this.worklist = worklist;
        if (worklist is not null)
            worklist.Unreadable = (file, problem) => Happened(new ServerEvent("", null, $"{file}: {problem.Message}", problem));
        var services = new ArchiveServices(archive, worklist, options);
        commitment = services.Commitment;
        broken = services.Broken;
        Listen(
            options.Server with { ExtendedNegotiation = ArchiveServices.Agree, Ended = feed.Ended + options.Server.Ended },
            services.Table(PlacingAsync, StoredAsync, NotStored, Met));
        feed.Start();
        if (RetentionKeeper.Rules(MaxBytes, MaxAge) is { } rules)
            keeper = new RetentionKeeper(archive, rules, study => feed.Find(study) is not null, Removed, problem => Happened(new ServerEvent("", null, problem.Message, problem)));
    }

    /// <summary>The archives that run in this process.</summary>
    public static IReadOnlyList<ArchiveServer> Running => [.. All.OfType<ArchiveServer>()];

    /// <summary>The folder of the files and their index.</summary>
    public string Path => archive.Folder;

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
    public int? WorklistItems => worklist is null ? null : isClosed ? worklist.Count : Task.Run(() => worklist.ItemsAsync()).GetAwaiter().GetResult().Count;

    /// <summary>How many instances were stored over the network since the start.</summary>
    public long Received => Interlocked.Read(ref received);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>How many of those came broken and were set aside, where a folder for them was named.</summary>
    public long Broken => broken.Count;

    /// <summary>The latest thousand of them, oldest first.</summary>
    public BrokenInstanceList BrokenInstances => broken.Latest;

    /// <summary>How many bytes of datasets were stored over the network since the start.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>How many times a study was complete since the start; Wait-DicomStudy writes them.</summary>
    public long CompletedStudies => feed.Told;

    /// <summary>How many of them were forgotten because nobody took them; the studies are there.</summary>
    public long DroppedStudies => feed.Forgotten;

    /// <summary>How many bytes the files may have together; null for no limit.</summary>
    public long? MaxBytes { get; }

    /// <summary>How long after its last arrival a study is kept; null for ever.</summary>
    public TimeSpan? MaxAge { get; }

    /// <summary>How many studies were deleted since the start, because of <see cref="MaxBytes"/> or <see cref="MaxAge"/>.</summary>
    public long RemovedStudies => Interlocked.Read(ref removedStudies);

    /// <summary>How many bytes their files had.</summary>
    public long RemovedBytes => Interlocked.Read(ref removedBytes);

    /// <summary>The study that was deleted last, in words; null when none was.</summary>
    public string? LastRemoved { get; private set; }

    /// <summary>How many storage commitment requests wait for their report, those of earlier starts too.</summary>
    public int OwedReports => commitment.Owed;

    /// <summary>How many files the start found that the index did not know, because the archive had not been stopped or was new.</summary>
    public long Recovered => archive.Recovered?.Added ?? 0;

    /// <summary>Opens an archive and serves it. Files and index are made to agree first when it had not been closed in good order.</summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="DicomException">The folder is in use or cannot be written to, or the port cannot be listened on.</exception>
    public static async Task<ArchiveServer> StartAsync(ArchiveServerOptions options, CancellationToken cancellationToken = default)
    {
        if (options is null)
            throw new ArgumentNullException(nameof(options));
        var where = new ArchiveOptions { Folder = options.Folder, FlushToDisk = options.FlushToDisk, Unreadable = options.Unreadable };
        Archive archive = await Archive.OpenAsync(where, cancellationToken).ConfigureAwait(false);
        try
        {
            string? unreadable = null;
            WorklistSource? worklist = WorklistSource.Of(options with
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
    public override StudyFeed? GetStudyFeed() => feed;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} with {Path} ({State})";

    /// <summary>What came with a UID of something of another identity, in the order in which it came.</summary>
    internal async IAsyncEnumerable<ArchiveConflict> ConflictsAsync([EnumeratorCancellation] CancellationToken token)
    {
        await foreach (IndexConflict conflict in archive.Index.ConflictsAsync(token).ConfigureAwait(false))
            yield return ArchiveConflict.Of(conflict, Path, archive.FullPath);
    }

    /// <summary>Imports files into the running archive, each told when the archive has it for good.</summary>
    internal async IAsyncEnumerable<ImportResult> ImportAsync(
        IReadOnlyList<string> files, bool inPlace, ArchiveDuplicate duplicates, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (ImportResult result in ArchiveFiles.ImportAsync(archive, files, inPlace, duplicates, token).ConfigureAwait(false))
        {
            Interlocked.Increment(ref changes);
            yield return result;
        }

        keeper?.Wake();
    }

    /// <inheritdoc/>
    protected override async Task CloseAsync()
    {
        await feed.DisposeAsync().ConfigureAwait(false);
        if (keeper is not null)
            await keeper.DisposeAsync().ConfigureAwait(false);
        // The last counts stay readable when the index is closed.
        Counts();
        lock (counting)
            isClosed = true;
        await archive.DisposeAsync().ConfigureAwait(false);
    }

    // Asked of the index when something was stored since the last time, so that who heard Success sees it counted.
    private (long Studies, long Series, long Instances, long Conflicts) Counts()
    {
        lock (counting)
        {
            int now = Volatile.Read(ref changes);
            if (isClosed || now == counted)
                return counts;
            try
            {
                IndexCounts found = Task.Run(() => archive.Index.CountAsync()).GetAwaiter().GetResult();
                counts = (found.Studies, found.Series, found.Instances, found.Conflicts);
                counted = now;
            }
            catch (DicomException problem)
            {
                LastError = problem.Message;
            }

            return counts;
        }
    }

    // From here to its end the study of an instance is not removed; a removal that has begun is waited for.
    private async Task PlacingAsync(DicomDataset header, AssociationTitles titles, CancellationToken token)
    {
        feed.Coming(titles.RemoteEndPoint, header);
        if (header.GetString(Tags.StudyInstanceUID) is { } study)
            holds[titles.RemoteEndPoint] = await archive.HoldAsync(study, token).ConfigureAwait(false);
    }

    private Task StoredAsync(ReceivedInstance instance, CancellationToken token)
    {
        LetGo(instance.RemoteEndPoint);
        feed.Stored(instance);
        Interlocked.Increment(ref received);
        Interlocked.Add(ref bytes, instance.Bytes);
        Interlocked.Increment(ref changes);
        return Task.CompletedTask;
    }

    private void Met(IndexConflict conflict)
    {
        Interlocked.Increment(ref changes);
        LastConflict = $"{ArchiveConflict.Of(conflict, Path, archive.FullPath)}";
        var happened = new ServerEvent("", conflict.Source, LastConflict, null)
        {
            Kind = ServerEventKind.Warning,
            Operation = conflict.Source is null ? null : "C-STORE",
            Reason = $"What came has a UID ({conflict.Level}) that something of another patient, study or series has; both are kept, apart.",
            SOPInstanceUID = conflict.SopInstanceUid,
            Advice = "Get-DicomArchive -Conflict lists both sides of each. Two devices give out the same UIDs, or a patient was changed at one of them.",
        };
        Happened(happened);
        trace?.Invoke(happened);
    }

    private void NotStored(ServiceCall call, Exception problem)
    {
        string association = call.Association.RemoteEndPoint.ToString()!;
        LetGo(association);
        feed.Failed(association);
        Interlocked.Increment(ref failed);
        LastError = $"{call.Command.AffectedSopInstanceUid}: {problem.Message}";
    }

    private void LetGo(string association)
    {
        if (holds.TryRemove(association, out IDisposable? hold))
            hold.Dispose();
    }

    // The index knows the whole study, also what came before the start.
    private async Task<CompletedStudy> DescribeAsync(CompletedStudy study, DicomServerOptions listening)
    {
        keeper?.Wake();
        string series = System.IO.Path.GetDirectoryName(study.Path)!;
        study = study with { Path = System.IO.Path.GetDirectoryName(series) };
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, study.StudyInstanceUID!);
        try
        {
            await foreach (QueryResult found in LocalQuery.RunAsync(new QueryRequest { Keys = keys }, AnswersAsync).ConfigureAwait(false))
            {
                // Another patient may have a study of the same UID.
                if (found is Study known && known.StudyInstanceUID == study.StudyInstanceUID && (known.PatientID ?? "") == (study.PatientID ?? ""))
                    return study.About(known with { Node = NodeOf(listening) });
            }
        }
        catch (Exception problem) when (problem is DicomException or ArgumentException)
        {
            LastError = problem.Message;
        }

        return study;
    }

    private async IAsyncEnumerable<(DicomDataset Answer, DicomNode? Node)> AnswersAsync(DicomDataset identifier, [EnumeratorCancellation] CancellationToken token)
    {
        var query = new IndexQuery { Level = IndexLevel.Study, Identifier = identifier, RetrieveAETitle = AETitle, Availability = "ONLINE" };
        await foreach (IndexMatch match in archive.Index.FindAsync(query, token).ConfigureAwait(false))
            yield return (match.Answer, null);
    }

    private DicomNode NodeOf(DicomServerOptions listening) => new()
    {
        AETitle = AETitle,
        HostName = listening.Address is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? $"{address}" : "127.0.0.1",
        Port = Port,
        Tls = listening.Tls is not null,
    };

    private void Removed(RemovedStudy removed)
    {
        string what = $"{RetentionKeeper.Describe(removed.Study, removed.Instances, removed.Bytes)}, was deleted";
        if (removed.Problem is { } problem)
            what = $"{what} in part: {problem.Message}";
        Interlocked.Add(ref removedStudies, removed.Problem is null ? 1 : 0);
        Interlocked.Add(ref removedBytes, removed.Bytes);
        Interlocked.Increment(ref changes);
        LastRemoved = what;
        var happened = new ServerEvent("", null, what, removed.Problem);
        Happened(happened);
        trace?.Invoke(happened);
    }
}
