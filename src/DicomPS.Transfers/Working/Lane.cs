using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>
/// One study of a worker after the other. It holds a slot of both nodes as long as it may have an association to them, so that the limits
/// of the nodes hold over all workers.
/// </summary>
internal sealed class Lane(TransferStore store, WorkerOptions options, WorkerPorts ports, long worker,
    Func<IReadOnlyList<TransferRow>> transfers, Action<WorkerNote> report, Func<bool> isAlive, StorePatience patience, SemaphoreSlim turn)
{
    // So many of one kind before the other kind is looked for.
    private const int Streak = 20;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private readonly object _gate = new();
    private readonly Random _random = new();
    private StudyMover? _mover;
    private TransferRow? _transfer;
    private Slots? _slots;
    private ClaimedItem? _item;
    private ClaimedItem? _owed;
    private CancellationTokenSource? _running;
    private int _streak;
    private bool _verifies;
    private TimeSpan? _soon;

    /// <summary>Works.</summary>
    /// <param name="drained">Cancelled when nothing more is begun.</param>
    /// <param name="stopping">Cancels what is under way as well.</param>
    public async Task RunAsync(CancellationToken drained, CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                ClaimedItem? item = null;
                var cycle = Passed.Since(options.Time);
                try
                {
                    item = isAlive() && !drained.IsCancellationRequested ? await NextAsync(stopping).ConfigureAwait(false) : null;
                }
                catch (StoreException problem) when (problem.IsTransient)
                {
                    if (!patience.IsAway)
                        options.Note?.Invoke(problem.Message);
                }

                if (item is null)
                {
                    await FreeAsync(CancellationToken.None).ConfigureAwait(false);
                    if (drained.IsCancellationRequested || options.Quota?.IsSpent == true)
                        return;
                    await PauseAsync(drained, stopping).ConfigureAwait(false);
                }
                else
                    await WorkAsync(item, cycle, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The way out.
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What it has.</summary>
    public Holding Held
    {
        get
        {
            lock (_gate)
                return new Holding(_owed, _slots);
        }
    }

    /// <summary>Lets go of what is under way.</summary>
    public void Drop()
    {
        lock (_gate)
            _running?.Cancel();
    }

    /// <summary>Lets go of what is under way for a transfer.</summary>
    public void DropOf(long transfer)
    {
        lock (_gate)
        {
            if (_item?.Transfer == transfer)
                _running?.Cancel();
        }
    }

    /// <summary>Lets go of what is under way unless it is in the list of what is this worker's.</summary>
    public void DropUnless(IReadOnlyCollection<(long Item, long Attempt)> ours)
    {
        lock (_gate)
        {
            // What was begun after the list was made is not in it, and is so new that its lease is.
            if (_item is { } item && !ours.Contains((item.Id, item.Attempt)) && _since is { } since && since.Is(options.Beat))
                _running?.Cancel();
        }
    }

    private Passed? _since;

    private async Task<ClaimedItem?> NextAsync(CancellationToken stopping)
    {
        if (options.Quota is not { } quota)
            return await TakeInTurnAsync(stopping).ConfigureAwait(false);
        if (!quota.TryTake())
            return null;
        ClaimedItem? item = null;
        try
        {
            return item = await TakeInTurnAsync(stopping).ConfigureAwait(false);
        }
        finally
        {
            if (item is null)
                quota.GiveBack();
        }
    }

    // Where only the limits of the nodes have it wait it waits as long as that, and not for its next look: many studies an hour are more
    // often than that. One lane at a time, or all would ask at the same moment.
    private async Task<ClaimedItem?> TakeInTurnAsync(CancellationToken stopping)
    {
        var item = await TakeAsync(stopping).ConfigureAwait(false);
        if (item is not null || _soon is null || !await turn.WaitAsync(options.Tick, stopping).ConfigureAwait(false))
            return item;
        try
        {
            var since = Passed.Since(options.Time);
            while (item is null && _soon is { } wait && since.Elapsed + wait < options.Tick)
            {
                await options.Time.PauseAsync(wait < Least ? Least : wait, stopping).ConfigureAwait(false);
                item = await TakeAsync(stopping).ConfigureAwait(false);
            }

            return item;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<ClaimedItem?> TakeAsync(CancellationToken stopping)
    {
        _soon = null;
        if (_streak >= Streak)
            (_verifies, _streak) = (!_verifies, 0);
        foreach (var verifies in options.OnlyVerifies ? [true] : options.Quota is not null ? [false] : new[] { _verifies, !_verifies })
        {
            foreach (var transfer in transfers().Where(transfer => options.OnlyVerifies || transfer.State == "Active"))
            {
                // Slots belong to two nodes.
                var held = _transfer is { } last && last.Source.Id == transfer.Source.Id && last.Destination.Id == transfer.Destination.Id
                    ? _slots : null;
                var claim = await store.ClaimAsync(transfer.Id, worker, held, verifies, options.OnlyVerifies, stopping,
                    wait => _soon = _soon < wait ? _soon : wait).ConfigureAwait(false);
                if (claim is not var (item, slots))
                    continue;
                if (_slots is not null && held is null)
                    await FreeAsync(CancellationToken.None).ConfigureAwait(false);
                if (_transfer?.Id != transfer.Id || _transfer.Source.RetrieveBy != transfer.Source.RetrieveBy)
                    await CloseMoverAsync().ConfigureAwait(false);
                lock (_gate)
                    (_transfer, _slots, _owed) = (transfer, slots, item);
                _streak = verifies == _verifies ? _streak + 1 : 1;
                _verifies = verifies;
                return item;
            }
        }

        return null;
    }

    private async Task WorkAsync(ClaimedItem item, Passed cycle, CancellationToken stopping)
    {
        var transfer = _transfer!;
        using var running = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var clock = Passed.Since(options.Time);
        lock (_gate)
            (_item, _running, _since) = (item, running, clock);
        AttemptEnd end;
        try
        {
            // The machine may have slept since the study was taken.
            end = isAlive() ? await TryAsync(item, transfer, running.Token).ConfigureAwait(false) : Dropped(item);
        }
        finally
        {
            lock (_gate)
                (_item, _running) = (null, null);
        }

        if (end is not { IsMoved: true, IsFound: false })
            options.Quota?.GiveBack(end.Kind is not (null or "Stopped"));
        // It is written down also on the way out; the store may be away for long, which a stop does not wait for.
        using var brief = new CancellationTokenSource();
        using var cut = stopping.Register(() => brief.CancelAfter(TimeSpan.FromSeconds(5)));
        try
        {
            var isOurs = await patience.KeepAtAsync(token => store.EndAsync(item, transfer, worker, clock.Elapsed, end, null, token),
                brief.Token).ConfigureAwait(false);
            if (isOurs)
                report(new WorkerNote(transfer.Name, item.StudyUid, item.Phase, end, cycle.Elapsed));
            else
                options.Warn?.Invoke($"{item.StudyUid}: another worker has it by now; what came of it here is not counted.");
        }
        catch (OperationCanceledException)
        {
            options.Warn?.Invoke($"{item.StudyUid}: what came of it could not be written down; it is tried again.");
        }
        finally
        {
            lock (_gate)
                _owed = null;
        }

        if (end.Kind == "Spool")
            await options.Time.PauseAsync(options.SpoolPause, stopping).ConfigureAwait(false);
    }

    private async Task<AttemptEnd> TryAsync(ClaimedItem item, TransferRow transfer, CancellationToken cancellationToken)
    {
        try
        {
            if (item.Phase == "Verify")
            {
                await CloseMoverAsync().ConfigureAwait(false);
                return await new StudyVerifier(options, ports, transfer).VerifyAsync(item, cancellationToken).ConfigureAwait(false);
            }

            _mover ??= new StudyMover(options, ports, transfer);
            return await _mover.MoveAsync(item, _random.NextDouble(), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Dropped(item);
        }
        catch (Exception problem)
        {
            // Whatever it is: the study must come to an end, and the lane go on.
            return Ends.Failed(item, FailureKinds.Of(problem), problem.Message, transfer, _random.NextDouble());
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                await CloseMoverAsync().ConfigureAwait(false);
        }
    }

    private static AttemptEnd Dropped(ClaimedItem item) => new()
    {
        State = item.Phase == "Verify" ? "Transferred" : "Waiting",
        Wait = item.Phase == "Verify" ? TimeSpan.Zero : null,
        Checks = item.Checks,
        Kind = "Stopped",
        Error = "It was stopped.",
    };

    private async Task PauseAsync(CancellationToken drained, CancellationToken stopping)
    {
        var span = TimeSpan.FromMilliseconds(options.Tick.TotalMilliseconds * (0.5 + _random.NextDouble()));
        await options.Time.PauseAsync(span, drained, stopping).ConfigureAwait(false);
    }

    private async Task CloseMoverAsync()
    {
        if (_mover is not { } mover)
            return;
        _mover = null;
        await mover.DisposeAsync().ConfigureAwait(false);
    }

    // The associations first: a slot that is free while one is open would be one too many.
    private async Task FreeAsync(CancellationToken cancellationToken)
    {
        await CloseMoverAsync().ConfigureAwait(false);
        if (_slots is not { } slots)
            return;
        _slots = null;
        try
        {
            await store.FreeAsync(slots, worker, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException problem)
        {
            // Their lease is extended as long as this worker lives: they are given back at its end at the latest.
            options.Note?.Invoke(problem.Message);
            _slots = slots;
        }
    }

    private async Task CloseAsync()
    {
        using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await FreeAsync(brief.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The lease runs out.
        }
    }
}
