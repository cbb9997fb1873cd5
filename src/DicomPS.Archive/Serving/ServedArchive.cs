using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serving;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// An archive that is served by C-STORE, C-FIND, C-MOVE and C-GET, with a worklist if it was given one: what it answers, and what has
/// come of it so far. Whoever listens for it, <see cref="ArchiveHost"/> or another <see cref="RunningServer"/>, takes
/// <see cref="Listening"/> and <see cref="Services"/>, and calls <see cref="Begin"/>. Any thread may use it.
/// </summary>
public sealed class ServedArchive : IAsyncDisposable
{
    private const string StepFolder = ".dicomps-steps";

    // UIDs to one look into the index.
    private const int Batch = 500;

    private readonly ArchiveServerOptions _options;
    private readonly WorklistSource? _worklist;
    private readonly CommitmentScp _commitment;
    private readonly BrokenInstances _broken;
    private readonly StudyFeed _feed;
    private RetentionKeeper? _keeper;
    private int _port;
    private volatile bool _isClosed;
    private long _received;
    private long _failed;
    private long _bytes;
    private long _removedStudies;
    private long _removedBytes;

    private ServedArchive(Archive archive, WorklistSource? worklist, ProcedureSteps? steps, ArchiveServerOptions options)
    {
        Archive = archive;
        _options = options;
        _worklist = worklist;
        _feed = new StudyFeed(options.StudyQuietPeriod, DescribeAsync);
        var services = new ArchiveServices(archive, worklist, options)
        {
            Limits = new StorageLimits(archive, options)
            {
                Warn = text => Happened(new ServerEvent("", null, text, null) { Kind = ServerEventKind.Warning }),
            },
            Steps = steps is null ? null : new ProcedureStepScp(steps, null, null)
            {
                Kept = StepKeptAsync,
                Incomplete = (call, what) => Happened(new ServerEvent($"{call.Association.RemoteEndPoint}",
                    call.Association.Request.CallingAETitle, what, null)
                { Kind = ServerEventKind.Warning, Operation = call.Command.Operation }),
            },
        };
        _commitment = services.Commitment;
        _broken = services.Broken;
        Services = services.Table((header, titles) => _feed.Coming(titles.RemoteEndPoint, header), Stored, NotStored, Met);
    }

    /// <summary>The files and their index.</summary>
    public Archive Archive { get; }

    /// <summary>Who is to listen, with what the archive agrees to.</summary>
    public DicomServerOptions Listening => _options.Server with
    {
        ExtendedNegotiation = ArchiveServices.Agree,
        Ended = _feed.Ended + _options.Server.Ended,
    };

    /// <summary>What is answered.</summary>
    public ServiceTable Services { get; }

    /// <summary>Told of what happens beside the requests; to be set before somebody listens.</summary>
    public Action<ServerEvent> Happened { private get; set; } = _ => { };

    /// <summary>
    /// Told of each instance that is in its place and in the index; must return at once. To be set before somebody listens.
    /// </summary>
    public Action<ReceivedInstance> InstanceStored { private get; set; } = _ => { };

    /// <summary>Told of what went wrong, in words, where it is no event of its own; to be set before somebody listens.</summary>
    public Action<string> Failure { private get; set; } = _ => { };

    /// <summary>What of the worklist could not be read at the start, in words; null when all could.</summary>
    public string? UnreadableItem { get; private init; }

    /// <summary>The studies that have come in whole.</summary>
    public StudyFeed Feed => _feed;

    /// <summary>How many studies the archive has.</summary>
    public long Studies => Archive.Index.Totals.Studies;

    /// <summary>How many series the archive has.</summary>
    public long Series => Archive.Index.Totals.Series;

    /// <summary>How many instances the archive has.</summary>
    public long Instances => Archive.Index.Totals.Instances;

    /// <summary>How often an instance came whose UIDs something of another patient, study or series has.</summary>
    public long Conflicts => Archive.Index.Totals.Conflicts;

    /// <summary>The last of them since the start, in words; null when there was none.</summary>
    public string? LastConflict { get; private set; }

    /// <summary>
    /// How many items the worklist had when its folder was looked through last; null when none is served. Who asks has it looked through
    /// again, and waits for nothing.
    /// </summary>
    public int? WorklistItems
    {
        get
        {
            if (_worklist is not null && !_isClosed)
                _ = _worklist.ItemsAsync();
            return _worklist?.Count;
        }
    }

    /// <summary>How many instances were stored over the network since the start.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>What came broken and was set aside, where a folder for it was named.</summary>
    public BrokenInstances Broken => _broken;

    /// <summary>How many bytes of datasets were stored over the network since the start.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many studies were deleted since the start, because of the limits.</summary>
    public long RemovedStudies => Interlocked.Read(ref _removedStudies);

    /// <summary>How many bytes their files had.</summary>
    public long RemovedBytes => Interlocked.Read(ref _removedBytes);

    /// <summary>How many studies no limit deletes, those that have not come yet among them.</summary>
    public int ProtectedStudies => Archive.Protected.All().Count;

    /// <summary>The study that was deleted last, in words; null when none was.</summary>
    public string? LastRemoved { get; private set; }

    /// <summary>How many storage commitment requests wait for their report, those of earlier starts too.</summary>
    public int OwedReports => _commitment.Owed;

    /// <summary>
    /// Opens an archive to be served. Files and index are made to agree first when it had not been closed in good order.
    /// </summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="DicomException">The folder is in use or cannot be written to.</exception>
    public static async Task<ServedArchive> OpenAsync(ArchiveServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var where = new ArchiveOptions
        {
            Folder = options.Folder,
            FlushToDisk = options.FlushToDisk,
            Unreadable = options.Unreadable,
            Files = options.Private ? FileSystem.Private : FileSystem.Default,
        };
        var archive = await Archive.OpenAsync(options.Seams(where), cancellationToken).ConfigureAwait(false);
        try
        {
            string? unreadable = null;
            // The steps of modalities belong to the worklist that they came from; a folder that is only read keeps none.
            var isKeeping = !options.ReadOnly && (options.Worklist is { } || options.WorklistItems is { });
            var steps = isKeeping ? new ProcedureSteps(Path.Combine(archive.Folder, StepFolder), options.FlushToDisk, problem =>
            {
                unreadable = problem.Message;
                options.WorklistUnreadable?.Invoke(StepFolder, problem);
            }) : null;
            var worklist = WorklistSource.Of(options with
            {
                WorklistUnreadable = (file, problem) =>
                {
                    unreadable = $"{file}: {problem.Message}";
                    options.WorklistUnreadable?.Invoke(file, problem);
                },
            }, steps is null ? null : new WorklistMarks(steps));
            if (worklist is not null)
                await worklist.ItemsAsync().ConfigureAwait(false);
            await archive.Index.KeepTotalsAsync(cancellationToken).ConfigureAwait(false);
            return new ServedArchive(archive, worklist, steps, options) { UnreadableItem = unreadable };
        }
        catch
        {
            await archive.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Does from now on what is done beside the requests: complete studies are told, and the limits are kept.</summary>
    /// <param name="port">The port that is listened on.</param>
    public void Begin(int port)
    {
        _port = port;
        if (_worklist is not null)
            _worklist.Unreadable = (file, problem) => Happened(new ServerEvent("", null, $"{file}: {problem.Message}", problem));
        _feed.Start();
        if (RetentionKeeper.Rules(_options.MaxBytes, _options.MaxAge) is { } rules)
            _keeper = new RetentionKeeper(Archive, rules, study => _feed.Find(study) is not null, Removed,
                problem => Happened(new ServerEvent("", null, problem.Message, problem)));
    }

    /// <summary>Imports files, each told when the archive has it for good.</summary>
    /// <param name="files">The files.</param>
    /// <param name="mode">Whether they are copied.</param>
    /// <param name="same">What happens to an instance that the archive has.</param>
    /// <param name="protect">Whether their studies are protected from the limits.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public async IAsyncEnumerable<ImportedFile> ImportAsync(IEnumerable<string> files, ImportMode mode, SameInstance same,
        bool protect = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var file in Archive.ImportAsync(files, mode, null, same, protect, cancellationToken).ConfigureAwait(false))
            yield return file;
        _keeper?.Wake();
    }

    /// <summary>Closes it, once no association is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        if (_keeper is not null)
            await _keeper.DisposeAsync().ConfigureAwait(false);
        _isClosed = true;
        await Archive.DisposeAsync().ConfigureAwait(false);
    }

    private void Stored(ReceivedInstance instance)
    {
        _feed.Stored(instance);
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, instance.Bytes);
        InstanceStored(instance);
    }

    // COMPLETED says what the study has: once that is here, nothing has to be waited for.
    private async Task StepKeptAsync(ProcedureStepRequest request, CancellationToken token)
    {
        if (request is not { State: ProcedureStepState.Completed, Step: { } step })
            return;
        var named = step.GetItems(Tags.PerformedSeriesSequence)
            .SelectMany(series => new[] { Tags.ReferencedImageSequence, Tags.ReferencedNonImageCompositeSOPInstanceSequence }
                .SelectMany(series.GetItems))
            .Select(item => item.GetString(Tags.ReferencedSOPInstanceUID)).OfType<string>().Distinct().ToList();
        string[] studies = [.. step.GetItems(Tags.ScheduledStepAttributesSequence).Select(item => item.GetString(Tags.StudyInstanceUID))
            .OfType<string>().Distinct()];
        // A step that names nothing, or is for several studies, says nothing of one of them.
        if (named.Count == 0 || studies.Length != 1)
            return;
        _feed.Expect(studies[0], named);
        for (var start = 0; start < named.Count; start += Batch)
        {
            var keys = new DicomDataset();
            keys.Set(Tags.StudyInstanceUID, studies[0]);
            keys.Set(Tags.SOPInstanceUID, [.. named.Skip(start).Take(Batch)]);
            var query = new IndexQuery { Level = QueryLevel.Image, Identifier = keys, Relational = true };
            await foreach (var match in Archive.Index.FindAsync(query, token).ConfigureAwait(false))
            {
                if (match.Answer.GetString(Tags.SOPInstanceUID) is { } uid)
                    _feed.Arrived(studies[0], [uid]);
            }
        }
    }

    private void Met(IndexConflict conflict)
    {
        LastConflict = $"{conflict}";
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
        _options.Server.Trace?.Invoke(happened);
    }

    private void NotStored(ServiceCall call, Exception problem)
    {
        _feed.Failed(call.Association.RemoteEndPoint.ToString()!);
        Interlocked.Increment(ref _failed);
        Failure($"{call.Command.AffectedSopInstanceUid}: {problem.Message}");
    }

    // The index knows the whole study, also what came before the start.
    private async Task<CompletedStudy> DescribeAsync(CompletedStudy study)
    {
        _keeper?.Wake();
        var series = Path.GetDirectoryName(study.Path)!;
        study = study with { Path = Path.GetDirectoryName(series) };
        var keys = new DicomDataset();
        keys.Set(Tags.StudyInstanceUID, study.StudyInstanceUID!);
        try
        {
            await foreach (var found in LocalQuery.RunAsync(new QueryRequest { Keys = keys }, AnswersAsync).ConfigureAwait(false))
            {
                // Another patient may have a study of the same UID.
                if (found is Study known && known.StudyInstanceUID == study.StudyInstanceUID
                    && (known.PatientID ?? "") == (study.PatientID ?? ""))
                    return study.About(known with { Node = Node() });
            }
        }
        catch (Exception problem) when (problem is DicomException or ArgumentException)
        {
            Failure(problem.Message);
        }

        return study;
    }

    private async IAsyncEnumerable<LocalAnswer> AnswersAsync(DicomDataset identifier,
        [EnumeratorCancellation] CancellationToken token)
    {
        var query = new IndexQuery
        {
            Level = QueryLevel.Study,
            Identifier = identifier,
            RetrieveAETitle = _options.Server.AETitle,
            Availability = "ONLINE",
        };
        await foreach (var match in Archive.Index.FindAsync(query, token).ConfigureAwait(false))
            yield return new LocalAnswer(match.Answer, null);
    }

    private DicomNode Node() => new()
    {
        AETitle = _options.Server.AETitle,
        HostName = _options.Server.Address is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? $"{address}" : "127.0.0.1",
        Port = _port,
        Tls = _options.Server.Tls is not null,
    };

    private void Removed(RemovedStudy removed)
    {
        var what = $"{RetentionKeeper.Describe(removed.Study, removed.Instances, removed.Bytes)}, was deleted";
        if (removed.Problem is { } problem)
            what = $"{what} in part: {problem.Message}";
        LastRemoved = what;
        Interlocked.Add(ref _removedBytes, removed.Bytes);
        // The last of these: who waits for the count finds the others.
        Interlocked.Add(ref _removedStudies, removed.Problem is null ? 1 : 0);
        var happened = new ServerEvent("", null, what, removed.Problem);
        Happened(happened);
        _options.Server.Trace?.Invoke(happened);
    }
}
