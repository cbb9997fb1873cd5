using DicomPS.Archiving.Databases;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers;

/// <summary>A worker of this process, while it works.</summary>
internal sealed class TransferRun
{
    private readonly TransferStore _store;
    private readonly TransferWorker _worker;
    private readonly string _address;
    private readonly DateTime _started = DateTime.Now;

    public TransferRun(TransferStore store, TransferRunOptions options, string address)
    {
        (_store, _address) = (store, address);
        _worker = new TransferWorker(store, WorkerOptions(options));
    }

    /// <summary>How a worker works, by what a cmdlet was given.</summary>
    public static WorkerOptions WorkerOptions(TransferRunOptions options) => new()
    {
        Names = options.Names,
        Lanes = options.Lanes,
        Call = options.Call,
        GoesOn = options.GoesOn,
        LocalPort = options.LocalPort,
        Listen = options.Listen,
        CommitmentTimeout = options.CommitmentTimeout,
        SpoolFolder = options.SpoolFolder,
        Room = new SpoolRoom(options.SpoolLimit),
        OnlyVerifies = options.OnlyVerifies,
        Silence = options.Silence ?? TimeSpan.FromMinutes(10),
        Note = options.Note,
        Warn = options.Warn,
        Ended = note => options.Note?.Invoke($"{note.Transfer}: {note.StudyUid}: {note.Phase}: {note.State}. {note.Error}"),
    };

    /// <summary>How many tries of this worker ended in a state.</summary>
    public long Count(string state) => _worker.Ended.TryGetValue(state, out var count) ? count : 0;

    /// <summary>How many studies this worker moved.</summary>
    public long Moved => _worker.Moved;

    /// <summary>Works until all is done or the token is cancelled.</summary>
    public Task<bool> RunAsync(CancellationToken token) => TransferErrors.Named(async () =>
    {
        try
        {
            await _worker.RunAsync(token).ConfigureAwait(false);
        }
        catch (StoreException unknown) when (unknown.IsName)
        {
            throw new ModuleException(ErrorIds.TransferNotFound, System.Management.Automation.ErrorCategory.ObjectNotFound, unknown.Message,
                unknown.Advice, _address, unknown);
        }

        return true;
    }, _address);

    /// <summary>The numbers of all its transfers together: at their end, and all.</summary>
    public Task<(long Ended, long All, long Left)> ProgressAsync(CancellationToken token) => TransferErrors.Named(async () =>
    {
        long ended = 0, all = 0, left = 0;
        foreach (var transfer in _worker.Transfers)
        {
            var counts = await _store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
            (ended, all, left) = (ended + counts.All - counts.Left, all + counts.All, left + counts.Left);
        }

        return (ended, all, left);
    }, _address);

    /// <summary>The transfers that a worker does not go on with, and what does.</summary>
    public IEnumerable<string> Paused() => _worker.Transfers.Where(transfer => transfer.State != "Active")
        .Select(transfer => $"{transfer.Name} is not at its end. {TransferViews.Onward(transfer)}");

    /// <summary>Whether it came as far as to look at its transfers.</summary>
    public bool HasBegun => _worker.HasBegun;

    /// <summary>Whether it knows its transfers by now.</summary>
    public bool HasLooked => _worker.Transfers.Count > 0;

    /// <summary>Why nothing is begun at the moment; null when there is no reason.</summary>
    public string? Waits() => _worker.Transfers.Select(transfer => TransferViews.Held(transfer, transfer.Source.Now))
        .FirstOrDefault(reason => reason is not null);

    /// <summary>What came of it.</summary>
    public Task<TransferWorkerResult> ResultAsync(CancellationToken token) => TransferErrors.Named(async () =>
    {
        long left = 0, bad = 0, all = 0;
        foreach (var transfer in _worker.Transfers)
        {
            var counts = await _store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
            (left, bad) = (left + counts.Left, bad + counts.Failed + counts.Differs + counts.Cancelled);
            all += counts.All;
        }

        var finished = DateTime.Now;
        return new TransferWorkerResult
        {
            // Nothing was to be done, or nobody said yet what: that is no success.
            IsComplete = left == 0 && bad == 0 && all > 0,
            Moved = Moved,
            Done = Count("Done"),
            Skipped = Count("Skipped"),
            Differs = Count("Differs"),
            Failed = Count("Failed"),
            Retried = Count("Waiting"),
            Left = left,
            Started = _started,
            Finished = finished,
            Duration = finished - _started,
            Name = string.Join(", ", _worker.Transfers.Select(transfer => transfer.Name)),
            Store = _address,
        };
    }, _address);
}
