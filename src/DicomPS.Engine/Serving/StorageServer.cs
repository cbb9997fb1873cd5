using DicomPS.Commitment;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>
/// A running storage SCP: a <see cref="DicomServer"/> that stores into a folder and remembers what came. Any thread may use it.
/// </summary>
public sealed class StorageServer : ReceivingServer<ReceivedInstance>
{
    private readonly Func<Task>? _closing;
    private readonly Action<ReceivedInstance>? _stored;
    private readonly Action<CommandSet, Exception>? _notStored;
    private readonly StudyFeed? _feed;
    private readonly BrokenInstances _broken = new();
    private long _count;
    private long _failed;
    private long _bytes;

    private StorageServer(StorageServerOptions options, StoragePath layout)
        : base(options.Server.AETitle, options.QueueCapacity)
    {
        Path = System.IO.Path.GetFullPath(options.Folder);
        Layout = layout.Template;
        _stored = options.Stored;
        _closing = options.Closing;
        _notStored = options.NotStored;
        _feed = options.StudyQuietPeriod is { } quiet
            ? new StudyFeed(quiet, study => Task.FromResult(study with { Path = layout.StudyFolder(study.Path!) })) : null;
        var receiver = ReceiverFor(options, layout, _feed, _broken.Add);
        var store = new StoreScp(receiver, StoredAsync, NotStored);
        var services = new ServiceTable([EchoScp.Row,
            CommitmentReportScp.Row(StorageCommitment.Take, () => StorageCommitment.IsAnyPending),
            .. store.Rows()], options.AcceptUnknownSopClasses ? store.Row : null);
        Listen(_feed is { } feed ? options.Server with { Ended = feed.Ended + options.Server.Ended } : options.Server, services);
        _feed?.Start();
    }

    /// <summary>
    /// An instance is in its place. Subscribers are called one after the other on a thread of the pool, and keep no sender waiting.
    /// </summary>
    public event EventHandler<InstanceReceivedEventArgs>? InstanceReceived;

    /// <summary>The storage servers that run in this process.</summary>
    public static IReadOnlyList<StorageServer> Running => [.. All.OfType<StorageServer>()];

    /// <summary>The folder for what comes.</summary>
    public string Path { get; }

    /// <summary>The layout template.</summary>
    public string Layout { get; }

    /// <summary>How many instances were stored.</summary>
    public long Received => Interlocked.Read(ref _count);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many of those came broken and were set aside, where a folder for them was named.</summary>
    public long Broken => _broken.Count;

    /// <summary>The latest thousand of them, oldest first.</summary>
    public BrokenInstanceList BrokenInstances => _broken.Latest;

    /// <summary>How many bytes of datasets were stored.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many received instances were forgotten because nobody asked for them; their files are there.</summary>
    public long DroppedEvents => Forgotten;

    /// <summary>How many times a study was complete, where that is watched for.</summary>
    public long CompletedStudies => _feed?.Told ?? 0;

    /// <summary>How many of them were forgotten because nobody asked for them; their files are there.</summary>
    public long DroppedStudies => _feed?.Forgotten ?? 0;

    /// <summary>Starts a storage SCP.</summary>
    /// <param name="options">How it listens and where it stores.</param>
    /// <exception cref="ArgumentException">An option or the layout is wrong.</exception>
    /// <exception cref="DicomException">The port cannot be listened on or the folder cannot be made or written to.</exception>
    public static StorageServer Start(StorageServerOptions options)
    {
        var layout = StoragePath.Parse(options.Layout);
        if (options.QueueCapacity < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.QueueCapacity, "The queue must hold at least one instance.");
        PrepareFolder(options.Folder, options.Disk);
        return new StorageServer(options, layout);
    }

    /// <summary>What stores into the folder by the layout, for a server or for C-GET.</summary>
    internal static InstanceReceiver ReceiverFor(StorageServerOptions options, StoragePath layout, StudyFeed? feed = null,
        Action<BrokenInstance>? broken = null)
    {
        var folder = System.IO.Path.GetFullPath(options.Folder);
        return new InstanceReceiver(new InstanceReceiverOptions
        {
            Folder = folder,
            PathFor = (header, titles) => layout.Resolve(
                options.FolderFor?.Invoke(header) is { } below ? System.IO.Path.Combine(folder, below) : folder, header,
                titles.CallingAETitle, titles.CalledAETitle),
            LastTag = layout.LastTag,
            Digests = options.FolderFor is { },
            Placing = feed is null ? null : (header, titles, _) =>
            {
                feed.Coming(titles.RemoteEndPoint, header);
                return Task.CompletedTask;
            },
            Duplicates = options.Duplicates,
            BrokenFolder = options.BrokenFolder,
            Broken = broken,
            MaximumObjectBytes = options.MaximumObjectBytes,
            FlushToDisk = options.FlushToDisk,
            Files = options.Disk,
        });
    }

    /// <summary>Makes the folder when it is missing, and tries whether it can be written to.</summary>
    /// <exception cref="DicomException">It cannot.</exception>
    internal static void PrepareFolder(string folder, FileSystem? files = null)
    {
        try
        {
            (files ?? FileSystem.Default).CreateFolder(folder);
            // No name that another server could take for an abandoned file.
            var trial = System.IO.Path.Combine(folder, $"{InstanceReceiver.TemporaryPrefix}{Guid.NewGuid():N}.trial");
            File.WriteAllBytes(trial, []);
            File.Delete(trial);
            InstanceReceiver.DeleteAbandoned(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DicomException($"The storage folder {folder} cannot be written to: {problem.Message}", problem)
            {
                Stage = DicomStage.File,
                Advice = "Choose a folder that this user may write to.",
            };
        }
    }

    /// <summary>Puts something beside the associations among the events of the server.</summary>
    /// <param name="what">What happened.</param>
    internal void Tell(ServerEvent what) => Happened(what);

    /// <inheritdoc/>
    public override StudyFeed? GetStudyFeed() => _feed;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} into {Path} ({State})";

    private Task StoredAsync(ReceivedInstance instance, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, instance.Bytes);
        Remember(instance);
        _feed?.Stored(instance);
        _stored?.Invoke(instance);
        if (InstanceReceived is { } told)
            Notify(() => told(this, new InstanceReceivedEventArgs(instance)));
        return Task.CompletedTask;
    }

    private void NotStored(ServiceCall call, Exception problem)
    {
        Interlocked.Increment(ref _failed);
        LastError = $"{call.Command.AffectedSopInstanceUid}: {problem.Message}";
        _feed?.Failed(call.Association.RemoteEndPoint.ToString());
        _notStored?.Invoke(call.Command, problem);
    }

    /// <inheritdoc/>
    protected override async Task CloseAsync()
    {
        if (_feed is { } feed)
            await feed.DisposeAsync().ConfigureAwait(false);
        if (_closing is { } closing)
            await closing().ConfigureAwait(false);
        await base.CloseAsync().ConfigureAwait(false);
    }
}
