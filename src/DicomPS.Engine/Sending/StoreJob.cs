using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>
/// Sends files, as many as come, over associations that it opens, keeps and replaces by itself. Each file that was
/// added has exactly one result. Memory is bounded: who adds waits when the results are not taken.
/// </summary>
public sealed class StoreJob : IAsyncDisposable
{
    private readonly Channel<string> _paths = Channel.CreateBounded<string>(4096);
    private readonly Channel<ProbedFile> _ready = Channel.CreateBounded<ProbedFile>(512);
    private readonly Channel<StoreResult> _results = Channel.CreateBounded<StoreResult>(1024);
    private readonly CancellationTokenSource _stop = new();
    private readonly StoreJobOptions _options;
    private readonly StoreSenderState _shared;
    private readonly Task _run;
    private long _done;
    private long _failed;
    private long _bytes;

    /// <summary>Starts a job; it connects when the first file has been read.</summary>
    /// <param name="options">How files are sent.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    public StoreJob(StoreJobOptions options)
    {
        if (options.Associations is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(options), options.Associations,
                "Between 1 and 64 associations can work side by side.");
        if (options.RetryCount < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.RetryCount, "The number of retries must not be negative.");
        _options = options;
        _shared = new StoreSenderState(options, _ready, ReportAsync, count => Interlocked.Add(ref _bytes, count));
        _run = Task.Run(RunAsync);
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
    public (string Path, DateTime Since)? WaitingFor => _shared.Oldest;

    /// <summary>How many bytes of datasets went out.</summary>
    public long BytesSent => Interlocked.Read(ref _bytes);

    /// <summary>
    /// Why the node, which has served this job before, cannot be reached at the moment; connecting is tried again. Null when nothing is
    /// wrong.
    /// </summary>
    public string? Trouble => _shared.Reach.Trouble;

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

    /// <summary>Says that no more files come.</summary>
    public void CompleteAdding() => _paths.Writer.TryComplete();

    /// <summary>Takes a result that is there already.</summary>
    /// <param name="result">The result.</param>
    public bool TryTakeResult([NotNullWhen(true)] out StoreResult? result) => _results.Reader.TryRead(out result);

    /// <summary>The results as they come; ends when adding was completed and every file has its result.</summary>
    /// <param name="cancellationToken">Stops the job: the file that is going out is cut off and its association aborted.</param>
    public async IAsyncEnumerable<StoreResult> ResultsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(_stop.Cancel);
        while (await _results.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_results.Reader.TryRead(out var result))
                yield return result;
        }

        await _run.ConfigureAwait(false);
    }

    /// <summary>Stops whatever is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        _paths.Writer.TryComplete();
        if (!_run.IsCompleted)
            await CancelAsync().ConfigureAwait(false);
        try
        {
            await _run.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // That is what was asked for.
        }

        _stop.Dispose();
    }

    private Task CancelAsync()
    {
        // Callbacks of the token abort sockets; they must not run under the caller's locks.
        return Task.Run(_stop.Cancel);
    }

    private async Task RunAsync()
    {
        Exception? problem = null;
        try
        {
            // Each on its own: as long as all it waits for is there already, none of them gives the thread back.
            var work = new List<Task> { Task.Run(() => ProbeAsync()) };
            for (var i = 0; i < _options.Associations; i++)
                work.Add(Task.Run(() => new StoreSender(_shared).RunAsync(_stop.Token)));
            await Task.WhenAll(work).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            problem = fault;
            throw;
        }
        finally
        {
            _results.Writer.TryComplete(problem);
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            while (await _paths.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                while (_paths.Reader.TryRead(out var path))
                {
                    ProbedFile file;
                    try
                    {
                        file = Probe(path);
                    }
                    catch (DicomException problem)
                    {
                        await ReportAsync(NotReadable(path, problem), _stop.Token).ConfigureAwait(false);
                        continue;
                    }

                    _shared.Saw(new StoreContextKey(file.SopClassUid, file.TransferSyntax.Uid));
                    await _ready.Writer.WriteAsync(file, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _ready.Writer.TryComplete();
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

    private async ValueTask ReportAsync(StoreResult result, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _done);
        if (!result.Success)
            Interlocked.Increment(ref _failed);
        await _results.Writer.WriteAsync(result, cancellationToken).ConfigureAwait(false);
    }
}
