using System.Threading.Channels;
using DicomPS.Jobs;
using DicomPS.Part10;

namespace DicomPS.Sending;

/// <summary>
/// Sends files, as many as come, over associations that it opens, keeps and replaces by itself. Each file that was
/// added has exactly one result. Memory is bounded: who adds waits when the results are not taken.
/// </summary>
/// <remarks>
/// All members are for any thread; one reader takes the results. For more files than fit into its queues, add from a task of its own.
/// <example>
/// <code>
/// await using var job = new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node });
/// foreach (var file in files)
///     await job.AddAsync(file, token);
/// job.CompleteAdding();
/// await foreach (var result in job.ResultsAsync(token))
///     Console.WriteLine($"{result.Path}: {result.Status} {result.Error}");
/// </code>
/// </example>
/// </remarks>
public sealed class StoreJob : IAsyncDisposable
{
    private readonly Channel<string> _paths = Channel.CreateBounded<string>(4096);
    private readonly Channel<StoreResult> _results = Channel.CreateBounded<StoreResult>(1024);
    private readonly WorkQueue<StoreItem> _ready;
    private readonly StoreJobOptions _options;
    private readonly StoreSenderState _shared;
    private readonly Job<StoreItem, StoreResult> _job;
    private long _done;
    private long _failed;
    private long _bytes;
    // What was only written may still wait in buffers on the way.
    private long _bytesDone;

    /// <summary>Starts a job; it connects when the first file has been read.</summary>
    /// <param name="options">How files are sent.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    public StoreJob(StoreJobOptions options)
    {
        options.Check();
        _options = options;
        var isOne = options.Associations == 1;
        // Whole studies are begun side by side: there must be several in sight.
        _ready = new WorkQueue<StoreItem>(isOne ? 512 : 4096, groupOf: isOne || options.SplitsStudies ? null : item => item.Study);
        _shared = new StoreSenderState(options, _ready, ReportAsync, count => Interlocked.Add(ref _bytes, count));
        _job = new Job<StoreItem, StoreResult>(_ready, _results.Reader, options.IdleRelease);
        StoreSender[] senders = [.. Enumerable.Range(0, options.Associations).Select(_ => new StoreSender(_shared))];
        if (options.IsAdaptive && !isOne)
            _shared.Pace = new LinePace<StoreItem>(_ready, new LineGrowth(options.Associations),
                () => (FilesDone, Interlocked.Read(ref _bytesDone)),
                () => senders.Count(sender => sender.IsServed));
        _job.Start(senders, _shared.Pace is { } pace ? token => Task.WhenAll(ProbeAsync(token), pace.RunAsync(token)) : ProbeAsync,
            EndAsync);
    }

    /// <summary>How many files have a result.</summary>
    public long FilesDone => Interlocked.Read(ref _done);

    /// <summary>How many of these failed.</summary>
    public long FilesFailed => Interlocked.Read(ref _failed);

    /// <summary>
    /// How many files have been begun and have no result: of those that a stop cuts off, the peer may or may not have stored each.
    /// </summary>
    public int FilesUnderWay => _shared.UnderWay;

    /// <summary>
    /// The file that is waited for, and since when (UTC): of those under way the one that was begun first; null when none is.
    /// </summary>
    public (string Path, DateTime Since)? WaitingFor => _shared.Oldest is { Begun: { } since } item ? (item.File.Path, since) : null;

    /// <summary>How many bytes of datasets went out.</summary>
    public long BytesSent => Interlocked.Read(ref _bytes);

    /// <summary>
    /// Why the node, which has served this job before, cannot be reached at the moment; connecting is tried again. Null when nothing is
    /// wrong.
    /// </summary>
    public string? Trouble => _options.Reach.Trouble;

    /// <summary>What a file is, without sending it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DicomException">The file cannot be read or is no DICOM file.</exception>
    public static ProbedFile Probe(string path)
    {
        try
        {
            return DicomFileProbe.Read(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DicomException($"The file {path} could not be read: {problem.Message}", problem) { Stage = DicomStage.File };
        }
    }

    /// <summary>Adds a file if there is room.</summary>
    /// <param name="path">The file.</param>
    /// <returns>False when the queue is full: take results, then try again.</returns>
    public bool TryAdd(string path) => _paths.Writer.TryWrite(path);

    /// <summary>Adds a file, waiting for room; somebody else must be taking the results meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask AddAsync(string path, CancellationToken cancellationToken) => _paths.Writer.WriteAsync(path, cancellationToken);

    /// <summary>
    /// Begins no further file: what is under way is sent to its end, and each of the others has a result that says NotSent, with no
    /// attempt.
    /// </summary>
    public void BeginNoMore() => _shared.IsClosed = true;

    /// <summary>Says that no more files come.</summary>
    public void CompleteAdding() => _paths.Writer.TryComplete();

    /// <summary>The results as they come; ends when adding was completed and every file has its result.</summary>
    /// <param name="cancellationToken">Stops the job: the file that is going out is cut off and its association aborted.</param>
    public IAsyncEnumerable<StoreResult> ResultsAsync(CancellationToken cancellationToken) =>
        _job.ResultsAsync(waits: false, cancellationToken);

    /// <summary>Stops whatever is under way.</summary>
    public ValueTask DisposeAsync()
    {
        _paths.Writer.TryComplete();
        return _job.DisposeAsync();
    }

    private Task EndAsync(Exception? problem)
    {
        _results.Writer.TryComplete(problem ?? (_job.IsStopped ? new OperationCanceledException() : null));
        return Task.CompletedTask;
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var path in _paths.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_shared.IsClosed)
                {
                    await ReportAsync(_shared.NotBegun(path)).ConfigureAwait(false);
                    continue;
                }

                ProbedFile file;
                try
                {
                    file = Probe(path);
                }
                catch (DicomException problem)
                {
                    await ReportAsync(NotReadable(path, problem)).ConfigureAwait(false);
                    continue;
                }

                var item = new StoreItem(file);
                _shared.Saw(item.Key);
                await _ready.AddAsync(item, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _ready.Complete();
        }
    }

    private StoreResult NotReadable(string path, DicomException problem) => new()
    {
        Path = path,
        Success = false,
        Status = "NotSent",
        Error = problem.Message,
        Advice = problem.Advice ?? "Nothing was sent. Check that the file is a whole DICOM file that this user may read.",
        Exception = problem,
        Node = _options.Node,
    };

    private ValueTask ReportAsync(StoreResult result)
    {
        Interlocked.Increment(ref _done);
        Interlocked.Add(ref _bytesDone, result.Bytes);
        if (!result.Success)
            Interlocked.Increment(ref _failed);
        return _job.GiveAsync(_results.Writer, result);
    }
}
