using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Jobs;

namespace DicomPS.Retrieving;

/// <summary>
/// Retrieves what is asked for, by C-MOVE or C-GET, over associations that it opens, keeps and replaces by itself. Each
/// study, series or instance that was asked for has exactly one result. Memory is bounded: who adds waits when the results are not taken.
/// </summary>
/// <remarks>
/// All members are for any thread; one reader takes the results.
/// <example>
/// <code>
/// await using var job = new RetrieveJob(
///     new RetrieveJobOptions { Association = AssociationOptions.For(node), Destination = "ARCHIVE" });
/// await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [uid] }, token);
/// job.CompleteAdding();
/// await foreach (var result in job.ResultsAsync(token))
///     Console.WriteLine($"{result.StudyInstanceUID}: {result.GetVerdict()} {result.Error}");
/// </code>
/// </example>
/// </remarks>
public sealed class RetrieveJob : IAsyncDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly WorkQueue<RetrieveItem> _requests;
    private readonly Channel<RetrieveResult> _results = Channel.CreateBounded<RetrieveResult>(1024);
    private readonly RetrieveJobOptions _options;
    private readonly RetrieveShared _shared;
    private readonly Job<RetrieveItem, RetrieveResult> _job;
    private long _added;
    private long _done;
    private long _notComplete;

    /// <summary>
    /// Starts a job; it connects when there is a first request. When instances are moved here, the listener starts at once.
    /// </summary>
    /// <param name="options">How instances are retrieved.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there is no place to retrieve to.</exception>
    /// <exception cref="DicomException">The port cannot be listened on or the folder cannot be written to.</exception>
    public RetrieveJob(RetrieveJobOptions options)
    {
        options.Check();
        if (options.Method == RetrieveMethod.Get && options.Storage is null)
            throw new ArgumentException("C-GET needs a folder to store into.", nameof(options));
        if (options.Method == RetrieveMethod.Get ? options.Destination is { } : (options.Destination is null) == (options.Storage is null))
            throw new ArgumentException("Instances are moved either to an AE title or to this side; C-GET knows this side only.",
                nameof(options));
        if (options.Destination is { } destination)
            DicomNode.CheckAETitle(destination);
        _options = options;
        var keepsTogether = options.Throttle > 1 && options.Destination is { } && !options.SplitsStudies;
        _requests = new WorkQueue<RetrieveItem>(1024, groupOf: keepsTogether ? item => item.Target.Studies.FirstOrDefault() : null);
        _shared = new RetrieveShared(options, _requests, ReportAsync);
        _job = new Job<RetrieveItem, RetrieveResult>(_requests, _results.Reader, options.IdleRelease);
        RetrieveWorker[] workers = [.. Enumerable.Range(0, options.Throttle).Select(_ => new RetrieveWorker(_shared))];
        if (options.IsAdaptive && options.Throttle > 1)
            _shared.Pace = new LinePace<RetrieveItem>(_requests, new LineGrowth(options.Throttle), _shared.Measure,
                () => workers.Count(worker => worker.IsServed));
        _job.Start(workers, _shared.Pace is { } pace ? pace.RunAsync : null, EndAsync);
    }

    /// <summary>The port that is listened on when instances are moved here; otherwise null.</summary>
    public int? ListenerPort => _shared.Server?.Port;

    /// <summary>Completes when every request has its result or the job was stopped.</summary>
    public Task Completion => _job.Completion;

    /// <summary>Where the job stands; from any thread, at any time.</summary>
    public RetrieveProgress Progress => _shared.Progress() with
    {
        Requests = Interlocked.Read(ref _added),
        Done = Interlocked.Read(ref _done),
        NotComplete = Interlocked.Read(ref _notComplete),
    };

    /// <summary>
    /// Why the node, which has served this job before, cannot be reached at the moment; connecting is tried again. Null when nothing is
    /// wrong.
    /// </summary>
    public string? Trouble => _options.Reach.Trouble;

    /// <summary>Adds what is asked for, waiting for room; somebody else must be taking the results meanwhile.</summary>
    /// <param name="keys">What to retrieve.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">A key is missing or wrong; nothing is sent.</exception>
    public async ValueTask AddAsync(RetrieveKeys keys, CancellationToken cancellationToken)
    {
        // Throws for a model that the method does not have.
        _ = RetrieveTarget.For(keys).SopClassUid(_options.Method);
        foreach (var part in RetrieveTarget.Split(keys))
        {
            var item = new RetrieveItem(part, RetrieveTarget.For(part));
            await _requests.AddAsync(item, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _added, item.Results);
        }
    }

    /// <summary>Says that no more requests come.</summary>
    public void CompleteAdding() => _requests.Complete();

    /// <summary>Stops: no request is begun any more, and those that run are cancelled with C-CANCEL. Each still has its result.</summary>
    public Task StopAsync() => _job.CancelAsync();

    /// <summary>The results as they come; ends when adding was completed and every request has its result.</summary>
    /// <param name="cancellationToken">Stops the job as <see cref="StopAsync"/> does; the results of what was under way still come.</param>
    public IAsyncEnumerable<RetrieveResult> ResultsAsync(CancellationToken cancellationToken) =>
        _job.ResultsAsync(waits: true, cancellationToken);

    /// <summary>Stops whatever is under way.</summary>
    public ValueTask DisposeAsync() => _job.DisposeAsync();

    private async Task EndAsync(Exception? problem)
    {
        try
        {
            while (_requests.TryDequeue(out var item))
                await NotBegunAsync(item).ConfigureAwait(false);
            await _shared.LeaveAsync(_job.IsStopped ? TimeSpan.Zero : StopGrace).ConfigureAwait(false);
        }
        finally
        {
            _results.Writer.TryComplete(problem);
        }
    }

    private async Task NotBegunAsync(RetrieveItem item)
    {
        var state = _shared.Begin(item);
        state.IsCancelled = true;
        _shared.End(state);
        if (item.Results == 1)
            await ReportAsync(state.ToResult()).ConfigureAwait(false);
        else
        {
            foreach (var uid in item.Target.Instances)
                await ReportAsync(state.ToResult(uid, state.Facts())).ConfigureAwait(false);
        }
    }

    private ValueTask ReportAsync(RetrieveResult result)
    {
        Interlocked.Increment(ref _done);
        if (result.Judged != RetrieveVerdict.Complete)
            Interlocked.Increment(ref _notComplete);
        return _job.GiveAsync(_results.Writer, result);
    }
}
