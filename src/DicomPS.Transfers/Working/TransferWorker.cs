using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using DicomPS.Transfers.Planning;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Verifying;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Works on the transfers of a store until all is done or it is stopped. Any number of workers may share a store. It holds what it has by
/// signs of life; when none comes through, it gives up before others take over.
/// </summary>
internal sealed class TransferWorker(TransferStore store, WorkerOptions options)
{
    private readonly ConcurrentDictionary<string, long> _ended = new(StringComparer.Ordinal);
    private readonly WorkerPorts _ports = new(options);
    private readonly StorePatience _patience = new(options.Time, options.Warn);
    private long _moved;
    private volatile IReadOnlyList<TransferRow> _transfers = [];
    private long _lastBeat;
    private long _worker;

    /// <summary>How many tries ended in each state, of this worker.</summary>
    public IReadOnlyDictionary<string, long> Ended => _ended;

    /// <summary>How many studies this worker moved.</summary>
    public long Moved => Interlocked.Read(ref _moved);

    /// <summary>The transfers that it works on, as they were last seen.</summary>
    public IReadOnlyList<TransferRow> Transfers => _transfers;

    /// <summary>Whether it has seen its transfers.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>
    /// Works until everything is at its end, all its transfers are stopped, or the token is cancelled. A store that is away is called
    /// until it is there, from the first look on.
    /// </summary>
    /// <param name="cancellationToken">Stops in order: what is under way is cancelled and waits again.</param>
    /// <exception cref="StoreException">The store cannot be used at all, or has no such transfer.</exception>
    /// <exception cref="WorkerPortException">What is to come here has no port to come to.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _transfers = await _patience.KeepAtAsync(FindAsync, cancellationToken).ConfigureAwait(false);
            HasBegun = true;
            OpenPorts();
            while (!cancellationToken.IsCancellationRequested)
            {
                // One that was given up as lost begins anew, as another worker.
                if (await SessionAsync(cancellationToken).ConfigureAwait(false))
                    return;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The store was away when it was told to stop; it has nothing under way.
        }
        finally
        {
            await _ports.CloseAsync().ConfigureAwait(false);
        }
    }

    // What is known to be needed is opened before the first study is taken: it is said once, not by each study.
    private void OpenPorts()
    {
        foreach (var transfer in _transfers.Where(transfer => transfer.State != "Stopped"))
        {
            var gets = VerifyLevel.GetsInstances(transfer.Verify);
            if (transfer.Source.RetrieveBy == "Move" && (gets || (transfer.Method == "Forward" && !options.OnlyVerifies)))
                _ports.Open(transfer.Source.Node);
            if (transfer.Destination.RetrieveBy == "Move" && gets)
                _ports.Open(transfer.Destination.Node);
            if (VerifyLevel.IsCommitment(transfer.Verify))
                _ports.TakesReports(transfer.Destination.Node);
        }
    }

    private async Task<IReadOnlyList<TransferRow>> FindAsync(CancellationToken cancellationToken)
    {
        var all = await store.TransfersAsync(null, cancellationToken).ConfigureAwait(false);
        if (options.Names is not { } names)
            return all;
        foreach (var name in names)
        {
            if (!all.Any(transfer => transfer.Name == name))
                throw new StoreException($"There is no transfer {name} in {store.Address}.")
                {
                    IsName = true,
                    Advice = "Get-DicomTransfer lists those that there are.",
                };
        }

        return [.. all.Where(transfer => names.Contains(transfer.Name))];
    }

    private async Task<bool> SessionAsync(CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        var version = typeof(TransferWorker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "";
        var id = await _patience.KeepAtAsync(token =>
        {
            Volatile.Write(ref _lastBeat, options.Time.GetTimestamp());
            return store.AddWorkerAsync(Environment.MachineName, process.Id, Environment.UserName, version, options.Lanes, token);
        }, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _worker, id);
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var drained = new CancellationTokenSource();
        using var turn = new SemaphoreSlim(1);
        Lane[] lanes = [.. Enumerable.Range(0, options.Lanes).Select(_ => new Lane(store, options, _ports, id, () => _transfers, Reported,
            IsAlive, _patience, turn))];
        var working = Task.WhenAll(lanes.Select(lane => Task.Run(() => lane.RunAsync(drained.Token, session.Token))));
        var guarding = GuardAsync(lanes, session.Token);
        var isLost = false;
        try
        {
            isLost = !await WatchAsync(id, lanes, drained, session, working, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            session.Cancel();
            await guarding.ConfigureAwait(false);
            try
            {
                await working.ConfigureAwait(false);
            }
            finally
            {
                await LeaveAsync(id).ConfigureAwait(false);
            }
        }

        return !isLost;
    }

    // True when all is done or stopped; false when this worker was given up as lost.
    private async Task<bool> WatchAsync(long id, Lane[] lanes, CancellationTokenSource drained, CancellationTokenSource session,
        Task working, CancellationToken cancellationToken)
    {
        var beat = Passed.Since(options.Time);
        var sweep = Passed.Since(options.Time);
        while (!working.IsCompleted)
        {
            try
            {
                if (beat.Is(options.Beat))
                {
                    // The lease counts from within the call: its end is too late, when the answer took long.
                    var sent = options.Time.GetTimestamp();
                    if (await store.BeatAsync(id, [.. lanes.Select(lane => lane.Held)], session.Token).ConfigureAwait(false)
                        is not { } ours)
                    {
                        options.Warn?.Invoke("This worker was given up as lost, and begins anew.");
                        return false;
                    }

                    Volatile.Write(ref _lastBeat, sent);
                    beat.Restart();
                    foreach (var lane in lanes)
                        lane.DropUnless(ours);
                }

                if (sweep.Is(TimeSpan.FromTicks(options.Beat.Ticks / 3)))
                {
                    await store.SweepAsync(session.Token).ConfigureAwait(false);
                    sweep.Restart();
                }

                if (await LookAsync(lanes, session.Token).ConfigureAwait(false))
                    drained.Cancel();
                _patience.Served();
            }
            catch (StoreException problem) when (problem.IsTransient)
            {
                _patience.Failed(problem);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return true;
            }

            await Task.WhenAny(working, options.Time.PauseAsync(options.Tick, session.Token)).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
                return true;
        }

        return true;
    }

    // What others may have taken over by now is let go of. Beside all else: a call of the store may hang for longer than there is time.
    private async Task GuardAsync(Lane[] lanes, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!IsAlive())
            {
                foreach (var lane in lanes)
                    lane.Drop();
            }

            await options.Time.PauseAsync(options.Tick, cancellationToken).ConfigureAwait(false);
        }
    }

    // True when there is nothing left to do.
    private async Task<bool> LookAsync(Lane[] lanes, CancellationToken cancellationToken)
    {
        await store.CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        var transfers = await FindAsync(cancellationToken).ConfigureAwait(false);
        foreach (var node in transfers.SelectMany(transfer => new[] { transfer.Source, transfer.Destination })
            .Where(node => node.Windows is not null && node.OpenUntil <= node.Now))
        {
            var (from, until) = NodeWindows.Parse(node.Windows!, node.TimeZone).Around(node.Now);
            await store.SetOpeningAsync(node, from, until, cancellationToken).ConfigureAwait(false);
        }

        _transfers = transfers;
        foreach (var stopped in transfers.Where(transfer => transfer.State == "Stopped"))
        {
            foreach (var lane in lanes)
                lane.DropOf(stopped.Id);
        }

        if (options.OnlyVerifies)
        {
            foreach (var transfer in transfers)
            {
                if (await store.IsCheckLeftAsync(transfer.Id, Volatile.Read(ref _worker), cancellationToken).ConfigureAwait(false))
                    return false;
            }

            return true;
        }

        if (transfers.Count > 0 && transfers.All(transfer => transfer.State == "Stopped"))
            return true;
        if (options.Quota is not null)
        {
            // What waits for a later try, or for a node that is held, is not waited for.
            foreach (var transfer in transfers.Where(one => one.State == "Active" && one.Source.HeldSince is null
                && one.Destination.HeldSince is null))
            {
                if (await store.IsAnyReadyAsync(transfer.Id, cancellationToken).ConfigureAwait(false))
                    return false;
            }

            return true;
        }

        if (options.GoesOn)
            return false;
        foreach (var transfer in transfers.Where(transfer => transfer.State != "Stopped"))
        {
            if (await store.IsAnyLeftAsync(transfer.Id, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    private async Task LeaveAsync(long id)
    {
        try
        {
            using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await store.EndWorkerAsync(id, brief.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is StoreException or OperationCanceledException)
        {
            // The lease runs out without it.
            options.Note?.Invoke($"The end of this worker could not be written down: {problem.Message}");
        }
    }

    private void Reported(WorkerNote note)
    {
        if (note.End is { IsMoved: true, IsFound: false })
            Interlocked.Increment(ref _moved);
        _ended.AddOrUpdate(note.State, 1, (_, count) => count + 1);
        options.Ended?.Invoke(note);
    }

    private bool IsAlive() => (options.Time.GetTimestamp() - Volatile.Read(ref _lastBeat)) / (double)options.Time.TimestampFrequency
        < options.Deadline.TotalSeconds;
}
