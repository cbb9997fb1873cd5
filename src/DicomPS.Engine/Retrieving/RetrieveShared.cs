using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Retrieving;

/// <summary>What the workers of one job share: the requests, the listener, and what arrives.</summary>
internal sealed class RetrieveShared
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan MomentForOwn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(20);
    private readonly List<RetrieveState> _running = [];
    private int _messageId;
    private long _receivedBefore, _bytesBefore, _completedBefore, _failedBefore;
    private DateTime? _waitingUntil;

    public RetrieveShared(RetrieveJobOptions options, WorkQueue<RetrieveItem> requests, Func<RetrieveResult, ValueTask> report)
    {
        Options = options;
        Policy = options.Policy;
        Requests = requests;
        Report = report;
        Senders = new PeerAddresses([options.Association.Host, .. options.From]);
        Arrivals = new Arrivals(Senders, options.Storage?.Folder);
        if (options.Storage is not { } storage)
            return;
        // It may be the only copy: what comes broken is kept, aside.
        storage = storage with { BrokenFolder = storage.BrokenFolder ?? Path.Combine(Path.GetFullPath(storage.Folder), "broken") };
        if (options.Method == RetrieveMethod.Get)
        {
            Layout = StoragePath.Parse(storage.Layout);
            StorageServer.PrepareFolder(storage.Folder);
            Receiver = StorageServer.ReceiverFor(storage with { FolderFor = Arrivals.FolderFor }, Layout);
        }
        else if (options.Listener is { } shared)
        {
            StorageServer.PrepareFolder(storage.Folder, storage.Disk);
            Server = shared.Server;
            shared.Join(Arrivals, storage.Folder);
        }
        else
        {
            Server = StorageServer.Start(storage with
            {
                // Nobody asks this server for what it received.
                QueueCapacity = 1,
                FolderFor = Arrivals.FolderFor,
                Server = storage.Server with { Ended = ((_, _) => Arrivals.Wake()) + storage.Server.Ended },
                Stored = Arrivals.AddStored + storage.Stored,
                NotStored = ((command, problem) => Arrivals.AddFailure(
                    command.MoveOriginatorAETitle, command.MoveOriginatorMessageId, command.AffectedSopInstanceUid ?? "", problem))
                    + storage.NotStored,
            });
        }
    }

    public RetrieveJobOptions Options { get; }

    public WorkQueue<RetrieveItem> Requests { get; }

    public Func<RetrieveResult, ValueTask> Report { get; }

    public Arrivals Arrivals { get; }

    /// <summary>Where the peer sends from.</summary>
    public PeerAddresses Senders { get; }

    public RetryPolicy Policy { get; }

    /// <summary>The listener, when instances are moved here.</summary>
    public StorageServer? Server { get; }

    /// <summary>What stores, when instances come by C-GET.</summary>
    public InstanceReceiver? Receiver { get; }

    /// <summary>What follows how many requests side by side are worth while; null where their number stands.</summary>
    public LinePace<RetrieveItem>? Pace { get; set; }

    private StoragePath? Layout { get; }

    /// <summary>Listens no more.</summary>
    /// <param name="grace">How long senders may take to end.</param>
    public Task LeaveAsync(TimeSpan grace)
    {
        Options.Listener?.Leave(Arrivals);
        return Options.Listener is null && Server is { } own ? own.StopAsync(grace) : Task.CompletedTask;
    }

    /// <summary>Begins a request.</summary>
    public RetrieveState Begin(RetrieveItem item)
    {
        // One id for each request of the job, whatever the association, so that what arrives can be told apart.
        ushort id;
        do
            id = Options.Listener?.NextMessageId() ?? (ushort)Interlocked.Increment(ref _messageId);
        while (id == 0);
        var state = new RetrieveState(item, Options, id, Server is { } || Receiver is { });
        Arrivals.Add(state.Arrived);
        lock (_running)
            _running.Add(state);
        return state;
    }

    /// <summary>Ends a request.</summary>
    public void End(RetrieveState state)
    {
        Arrivals.Remove(state.Arrived);
        lock (_running)
        {
            _running.Remove(state);
            state.HasSentThere = _completedBefore > 0 || _running.Exists(other => other.Delivered > 0);
            _receivedBefore += state.Arrived.Stored;
            _bytesBefore += state.Arrived.Bytes;
            _completedBefore += state.Delivered ?? 0;
            _failedBefore += state.Failed ?? 0;
        }
    }

    public RetrieveProgress Progress()
    {
        lock (_running)
        {
            long? remaining = null;
            foreach (var state in _running)
                remaining = state.Remaining is { } left ? (remaining ?? 0) + left : remaining;
            return new RetrieveProgress
            {
                Completed = _completedBefore + _running.Sum(s => (long)(s.Delivered ?? 0)),
                Failed = _failedBefore + _running.Sum(s => (long)(s.Failed ?? 0)),
                Remaining = remaining,
                Received = _receivedBefore + _running.Sum(s => (long)s.Arrived.Stored),
                Bytes = _bytesBefore + _running.Sum(s => s.Arrived.Bytes),
                WaitingUntil = _waitingUntil,
                Running = _running.Count > 0 ? _running[0].Name : null,
                RunningSince = _running.Count > 0 ? _running[0].Begun : null,
            };
        }
    }

    /// <summary>How many instances have come, here or there, and how many bytes of them here.</summary>
    public (long Items, long Bytes) Measure()
    {
        var now = Progress();
        return (Options.Storage is null ? now.Completed + now.Failed : now.Received, now.Bytes);
    }

    /// <summary>Waits until a request may begin; one whose hour does not come goes back.</summary>
    public async Task WaitForWindowAsync(RetrieveItem item, CancellationToken cancellationToken)
    {
        var window = Options.Between!;
        try
        {
            // In short naps, because clocks are set and machines sleep.
            for (var now = Options.Clock(); window.NextOpening(now) is var opening && opening > now; now = Options.Clock())
            {
                _waitingUntil = opening;
                await Task.Delay(opening - now < LongestNap ? opening - now : LongestNap, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Requests.PutBack([item]);
            throw;
        }
        finally
        {
            _waitingUntil = null;
        }
    }

    /// <summary>
    /// Waits for what is still on its way here after the final response: until all that the peer has counted has come,
    /// or nothing has come for the grace.
    /// </summary>
    public async Task SettleAsync(RetrieveState state, CancellationToken cancellationToken)
    {
        if (Server is null)
            return;
        // A peer that failed before it sent anything has nothing under way.
        if (state.StatusCode is { } status && DimseStatus.CategoryOf(status) == DimseStatusCategory.Failure
            && state.Arrived.Seen == 0 && state.Delivered is null or 0 && Server.ActiveAssociations == 0)
            return;
        state.Arrived.Touch();
        while (true)
        {
            var change = state.Arrived.NextChange();
            var (quiet, left) = (state.Arrived.Quiet, Options.ArrivalGrace - state.Arrived.Quiet);
            if (IsSettled(state) || left <= TimeSpan.Zero)
                return;
            if (quiet <= MomentForOwn && MomentForOwn - quiet < left)
                left = MomentForOwn - quiet;
            using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            // A little longer, because clocks differ by some milliseconds.
            await Task.WhenAny(change, Task.Delay(left + Tick, clock.Token)).ConfigureAwait(false);
            clock.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool IsSettled(RetrieveState state)
    {
        var (all, own) = state.Arrived.Deliveries;
        // Where a stranger makes up the number, what the peer sends itself may still be under way.
        if (state.StatusCode is { } && state.Delivered is { } delivered && delivered >= (state.Announced ?? 0))
            return own >= delivered || (all >= delivered && state.Arrived.Quiet > MomentForOwn);
        return all > 0 && all >= (state.Announced ?? 0) && Server!.ActiveAssociations == 0;
    }
}
