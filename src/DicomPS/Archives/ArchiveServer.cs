using System.Runtime.CompilerServices;
using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Storage;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Archives;

/// <summary>
/// A running archive: a folder of files and its index, served by C-STORE, C-FIND, C-MOVE and C-GET, and a worklist if it was given one.
/// Any thread may use it.
/// </summary>
/// <remarks>
/// What PowerShell shows of a <see cref="ServedArchive"/>, which lives in the load context of SQLite, where scripts name no types.
/// </remarks>
public sealed class ArchiveServer : RunningServer
{
    private readonly ServedArchive _served;

    private ArchiveServer(ServedArchive served, ArchiveServerOptions options)
        : base(options.Server.AETitle)
    {
        _served = served;
        IsReadOnly = options.ReadOnly;
        Duplicate = ArchiveFiles.NameOf(options.Duplicates).ToString();
        MaxBytes = options.MaxBytes;
        MaxAge = options.MaxAge;
        served.Happened = Happened;
        served.Failure = problem => LastError = problem;
        served.InstanceStored = instance =>
        {
            if (InstanceReceived is { } told)
                Notify(() => told(this, new InstanceReceivedEventArgs(instance)));
        };
        Listen(served.Listening, served.Services);
        served.Begin(Port);
        LastError ??= served.UnreadableItem;
    }

    /// <summary>
    /// An instance is in its place and in the index. Subscribers are called one after the other on a thread of the pool, and keep no sender
    /// waiting.
    /// </summary>
    public event EventHandler<InstanceReceivedEventArgs>? InstanceReceived;

    /// <summary>The archives that run in this process.</summary>
    public static IReadOnlyList<ArchiveServer> Running => [.. All.OfType<ArchiveServer>()];

    /// <summary>The folder of the files and their index.</summary>
    public string Path => _served.Archive.Folder;

    /// <summary>Whether instances are refused.</summary>
    public bool IsReadOnly { get; }

    /// <summary>How many studies the archive has.</summary>
    public long Studies => _served.Studies;

    /// <summary>How many series the archive has.</summary>
    public long Series => _served.Series;

    /// <summary>How many instances the archive has.</summary>
    public long Instances => _served.Instances;

    /// <summary>
    /// How often an instance came whose UIDs something of another patient, study or series has, those of earlier starts too. Both are
    /// kept, apart; Get-DicomArchive -Conflict lists them.
    /// </summary>
    public long Conflicts => _served.Conflicts;

    /// <summary>The last of them since the start, in words; null when there was none.</summary>
    public string? LastConflict => _served.LastConflict;

    /// <summary>What happens to an instance that the archive has already: Replace, KeepFirst or Reject.</summary>
    public string Duplicate { get; }

    /// <summary>How many items the worklist has; null when none is served.</summary>
    public int? WorklistItems => _served.WorklistItems;

    /// <summary>How many instances were stored over the network since the start.</summary>
    public long Received => _served.Received;

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => _served.Failed;

    /// <summary>How many of those came broken and were set aside, where a folder for them was named.</summary>
    public long Broken => _served.Broken.Count;

    /// <summary>The latest thousand of them, oldest first.</summary>
    public BrokenInstanceList BrokenInstances => _served.Broken.Latest;

    /// <summary>How many bytes of datasets were stored over the network since the start.</summary>
    public long Bytes => _served.Bytes;

    /// <summary>How many times a study was complete since the start; Wait-DicomStudy writes them.</summary>
    public long CompletedStudies => _served.Feed.Told;

    /// <summary>How many of them were forgotten because nobody took them; the studies are there.</summary>
    public long DroppedStudies => _served.Feed.Forgotten;

    /// <summary>How many bytes the files may have together; null for no limit.</summary>
    public long? MaxBytes { get; }

    /// <summary>How long after its last arrival a study is kept; null for ever.</summary>
    public TimeSpan? MaxAge { get; }

    /// <summary>How many studies were deleted since the start, because of <see cref="MaxBytes"/> or <see cref="MaxAge"/>.</summary>
    public long RemovedStudies => _served.RemovedStudies;

    /// <summary>How many bytes their files had.</summary>
    public long RemovedBytes => _served.RemovedBytes;

    /// <summary>How many studies Protect-DicomStudy keeps from being deleted.</summary>
    public int ProtectedStudies => _served.ProtectedStudies;

    /// <summary>The study that was deleted last, in words; null when none was.</summary>
    public string? LastRemoved => _served.LastRemoved;

    /// <summary>How many storage commitment requests wait for their report, those of earlier starts too.</summary>
    public int OwedReports => _served.OwedReports;

    /// <summary>How many files the start found that the index did not know, because the archive had not been stopped or was new.</summary>
    public long Recovered => _served.Archive.Recovered?.Added ?? 0;

    /// <inheritdoc/>
    public override StudyFeed? GetStudyFeed() => _served.Feed;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} with {Path} ({State})";

    /// <summary>
    /// Opens an archive and serves it. Files and index are made to agree first when it had not been closed in good order.
    /// </summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="token">Gives up the start.</param>
    /// <exception cref="DicomException">The folder is in use or cannot be written to, or the port cannot be listened on.</exception>
    internal static async Task<ArchiveServer> StartAsync(ArchiveServerOptions options, CancellationToken token)
    {
        var served = await ServedArchive.OpenAsync(options, token).ConfigureAwait(false);
        try
        {
            return new ArchiveServer(served, options);
        }
        catch
        {
            await served.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What came with a UID of something of another identity, in the order in which it came.</summary>
    internal async IAsyncEnumerable<ArchiveConflict> ConflictsAsync([EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var conflict in _served.Archive.Index.ConflictsAsync(token).ConfigureAwait(false))
            yield return ArchiveConflict.Of(conflict, Path, _served.Archive.FullPath);
    }

    /// <summary>Imports files into the running archive, each told when the archive has it for good.</summary>
    internal IAsyncEnumerable<ImportResult> ImportAsync(IReadOnlyList<string> files, bool inPlace, ArchiveDuplicate duplicates,
        bool protect, CancellationToken token) =>
        ArchiveFiles.TellAsync(_served.ImportAsync(files, ArchiveFiles.ModeOf(inPlace), ArchiveFiles.RuleOf(duplicates), protect, token),
            duplicates);

    /// <inheritdoc/>
    protected override async Task CloseAsync() => await _served.DisposeAsync().ConfigureAwait(false);
}
