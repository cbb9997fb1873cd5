using System.Data.Common;

namespace DicomPS.Transfers.Store;

// What workers do.
internal sealed partial class TransferStore
{
    /// <summary>Says that a worker is there.</summary>
    /// <returns>Its number.</returns>
    public Task<long> AddWorkerAsync(string host, int process, string user, string version, int lanes,
        CancellationToken cancellationToken) => WriteAsync(async session =>
        {
            var id = (await session.ReadAsync(Sql.AddWorker, row => row.GetInt64(0), ("host", host), ("process", (long)process),
                ("user", user), ("version", version), ("lanes", (long)lanes)).ConfigureAwait(false))[0];
            await TellAsync(session, "WorkerStarted", $"{host}, process {process}, {user}", worker: id).ConfigureAwait(false);
            return id;
        }, cancellationToken);

    /// <summary>Says that a worker is done; what it held is free.</summary>
    public Task EndWorkerAsync(long worker, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        await session.RunAsync(Sql.FreeSlots, ("worker", worker)).ConfigureAwait(false);
        await session.RunAsync(Sql.DropItems, ("worker", worker)).ConfigureAwait(false);
        if (await session.RunAsync(Sql.EndWorker, ("worker", worker)).ConfigureAwait(false) == 1)
            await TellAsync(session, "WorkerEnded", null, worker: worker).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>
    /// A sign of life: what the worker's lanes have stays its own. What the tables give it and no lane knows of, since the store broke
    /// off while it was taken, is not extended, and is taken back as from a worker that is lost.
    /// </summary>
    /// <param name="worker">The worker.</param>
    /// <param name="holdings">What its lanes have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it has, by item and number of the try; null when it was given up as lost.</returns>
    public Task<IReadOnlyCollection<(long Item, long Attempt)>?> BeatAsync(long worker, IReadOnlyCollection<Holding> holdings,
        CancellationToken cancellationToken) => WriteAsync(async session =>
        {
            if (await session.RunAsync(Sql.Beat, ("worker", worker)).ConfigureAwait(false) == 0)
                return null;
            var ours = new List<(long, long)>();
            foreach (var holding in holdings)
            {
                if (holding.Slots is { } slots)
                {
                    await session.RunAsync(Sql.ExtendSlot, ("node", slots.Source), ("number", slots.SourceNumber), ("worker", worker))
                        .ConfigureAwait(false);
                    await session.RunAsync(Sql.ExtendSlot, ("node", slots.Destination), ("number", slots.DestinationNumber),
                        ("worker", worker)).ConfigureAwait(false);
                }

                if (holding.Item is { } item && await session.RunAsync(Sql.ExtendItem, ("item", item.Id), ("attempt", item.Attempt),
                    ("worker", worker)).ConfigureAwait(false) == 1)
                    ours.Add((item.Id, item.Attempt));
            }

            return (IReadOnlyCollection<(long, long)>?)ours;
        }, cancellationToken, lasts: false);

    /// <summary>Takes a study for a worker, with a slot of both nodes unless its lane has them.</summary>
    /// <param name="transfer">The transfer.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="held">The slots that the lane has; null for none.</param>
    /// <param name="verifies">Whether a study to verify is taken, not one to move.</param>
    /// <param name="early">Whether the time at which it is to be verified does not matter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="soon">Told in how long something may be begun, where the nodes' limits alone say that it is not now.</param>
    /// <returns>The study and the slots; null when there is none, or nothing may be begun now.</returns>
    public Task<(ClaimedItem Item, Slots Slots)?> ClaimAsync(long transfer, long worker, Slots? held, bool verifies, bool early,
        CancellationToken cancellationToken, Action<TimeSpan>? soon = null) => WriteAsync(async session =>
        {
            var claim = await TakeAsync(session, transfer, worker, held, verifies, early, soon).ConfigureAwait(false);
            session.IsUndone = claim is null;
            return claim;
        }, cancellationToken, lasts: false);

    /// <summary>Gives slots back.</summary>
    public Task FreeAsync(Slots slots, long worker, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        await FreeAsync(session, slots, worker).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>Writes down how a try ended.</summary>
    /// <returns>False when the item was not the worker's any more; then nothing is written.</returns>
    public Task<bool> EndAsync(ClaimedItem item, TransferRow transfer, long worker, TimeSpan elapsed, AttemptEnd end, Slots? freed,
        CancellationToken cancellationToken) => WriteAsync(async session =>
        {
            end = end.Storable();
            var written = await EndAsync(session, item, transfer.Id, worker, elapsed, end, isExpired: false).ConfigureAwait(false);
            var isOurs = written == true;
            if (isOurs && end.Served)
                await ReleaseAsync(session, transfer).ConfigureAwait(false);
            if (isOurs && !end.Load.IsNone)
            {
                await session.RunAsync(Sql.CountBytes, ("source", transfer.Source.Id), ("destination", transfer.Destination.Id),
                    ("source_bytes", end.Load.Source), ("destination_bytes", end.Load.Destination),
                    ("elapsed", (long)elapsed.TotalMilliseconds)).ConfigureAwait(false);
            }

            if (isOurs && end.Blamed is { } blamed)
                await BlameAsync(session, blamed, end.Error).ConfigureAwait(false);
            if (freed is not null)
                await FreeAsync(session, freed, worker).ConfigureAwait(false);
            return written != false;
        }, cancellationToken);

    /// <summary>Takes back what lost workers had, and lets what is due be taken.</summary>
    /// <returns>How many studies were taken back.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var expired = await WriteAsync(async session =>
        {
            await session.RunAsync(Sql.FreeExpiredSlots).ConfigureAwait(false);
            foreach (var lost in await session.ReadAsync(Sql.EndLostWorkers, row => row.GetInt64(0)).ConfigureAwait(false))
                await TellAsync(session, "WorkerLost", null, worker: lost).ConfigureAwait(false);
            foreach (var transfer in await session.ReadAsync(Sql.TransferIds, row => row.GetInt64(0)).ConfigureAwait(false))
                await session.RunAsync(Sql.Promote, ("transfer", transfer)).ConfigureAwait(false);
            return await session.ReadAsync(Sql.Expired, ReadExpired).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        foreach (var (item, worker, elapsed, isLost, losses) in expired)
        {
            var isCheck = item.Phase == "Verify";
            var wait = isLost ? RetrySchedule.AfterLoss(losses + 1) : TimeSpan.Zero;
            var end = new AttemptEnd
            {
                State = isCheck ? "Transferred" : wait is null ? "Failed" : "Waiting",
                Wait = isCheck ? wait ?? RetrySchedule.Waits[3] : wait > TimeSpan.Zero ? wait : null,
                Checks = item.Checks,
                Kind = isLost ? "WorkerLost" : "ClaimLost",
                Error = isLost ? "The worker that had it gave no sign of life any more."
                    : "The store was away while it was taken, or while its end was written down.",
            };
            await WriteAsync(session => EndAsync(session, item, item.Transfer, worker, elapsed, end, isExpired: true), cancellationToken)
                .ConfigureAwait(false);
        }

        return expired.Count;
    }

    private static (ClaimedItem Item, long Worker, TimeSpan Elapsed, bool IsLost, long Losses) ReadExpired(DbDataReader row) => (new()
    {
        Id = row.GetInt64(0),
        Transfer = row.GetInt64(1),
        StudyUid = row.GetString(2),
        Attempt = row.GetInt64(3),
        Phase = row.GetString(5) == "Transferred" ? "Verify" : row.GetString(11),
        Tries = row.GetInt64(6),
        Checks = row.GetInt64(7),
    }, row.GetInt64(4), TimeSpan.FromMilliseconds(row.GetInt64(8)), row.GetInt64(9) == 0, row.GetInt64(10));

    private static async Task<(ClaimedItem Item, Slots Slots)?> TakeAsync(DbSession session, long transfer, long worker, Slots? held,
        bool verifies, bool early, Action<TimeSpan>? soon)
    {
        var open = await session.ReadAsync(Sql.Claimable, row => new
        {
            Source = row.GetInt64(0),
            Destination = row.GetInt64(1),
            IsSourceHeld = !row.IsDBNull(2),
            IsDestinationHeld = !row.IsDBNull(3),
            IsSourceCounted = !row.IsDBNull(4),
            IsDestinationCounted = !row.IsDBNull(5),
            Method = row.GetString(6),
            SourceThrottle = row.GetInt64(7),
            DestinationThrottle = row.GetInt64(8),
            Wait = TimeSpan.FromMilliseconds(row.GetInt64(9)),
        }, ("transfer", transfer), ("early", early ? 1L : 0L), ("worker", worker), ("source_slot", held?.SourceNumber),
            ("destination_slot", held?.DestinationNumber)).ConfigureAwait(false);
        if (open.Count == 0)
            return null;
        var nodes = open[0];
        if (nodes.Wait > TimeSpan.Zero)
        {
            soon?.Invoke(nodes.Wait);
            return null;
        }

        // Fewer are allowed than were when the lane took its slots.
        if (held is not null && (held.SourceNumber > nodes.SourceThrottle || held.DestinationNumber > nodes.DestinationThrottle))
            return null;
        if (held is null)
        {
            if (await SlotAsync(session, nodes.Source, worker).ConfigureAwait(false) is not { } source
                || await SlotAsync(session, nodes.Destination, worker).ConfigureAwait(false) is not { } destination)
                return null;
            held = new Slots(nodes.Source, source, nodes.Destination, destination);
        }

        var isEarly = false;
        ClaimedItem Claimed(DbDataReader row) => new()
        {
            Id = row.GetInt64(0),
            Transfer = transfer,
            StudyUid = row.GetString(1),
            PatientId = row.Text(2),
            Attempt = row.GetInt64(3),
            Tries = row.GetInt64(4),
            Checks = row.GetInt64(5),
            ExpectedInstances = row.Number(6),
            DestinationInstances = row.Number(8),
            Phase = verifies ? "Verify" : nodes.Method,
            WasMoved = !row.IsDBNull(12),
            IsProbe = nodes.IsSourceHeld || nodes.IsDestinationHeld,
            IsEarly = isEarly,
        };
        (string, object?)[] whose = [("transfer", transfer), ("worker", worker)];
        var found = await session.ReadAsync(verifies ? Sql.TakeCheck : Sql.TakeItem, Claimed, whose).ConfigureAwait(false);
        if (found.Count == 0 && verifies && early)
        {
            isEarly = true;
            found = await session.ReadAsync(Sql.TakeEarly, Claimed, whose).ConfigureAwait(false);
        }

        if (found.Count == 0)
            return null;
        (long Node, bool IsIt, string Statement)[] gates =
        [
            (nodes.Source, nodes.IsSourceCounted && !verifies, Sql.CountStart),
            (nodes.Destination, nodes.IsDestinationCounted && !verifies, Sql.CountStart),
            (nodes.Source, nodes.IsSourceHeld, Sql.TakeProbe), (nodes.Destination, nodes.IsDestinationHeld, Sql.TakeProbe),
        ];
        foreach (var gate in gates.Where(gate => gate.IsIt))
        {
            if (await session.RunAsync(gate.Statement, ("node", gate.Node)).ConfigureAwait(false) == 0)
            {
                // Another one was faster, which shows how long that is.
                if (gate.Statement == Sql.CountStart)
                    soon?.Invoke(TimeSpan.Zero);
                return null;
            }
        }

        await TellAsync(session, verifies ? "Verifying" : "Running", null, transfer, found[0].Id, worker: worker).ConfigureAwait(false);
        return (found[0], held);
    }

    private static async Task<long?> SlotAsync(DbSession session, long node, long worker) =>
        await session.ReadAsync(Sql.TakeSlot, row => (long?)row.GetInt64(0), ("node", node), ("worker", worker)).ConfigureAwait(false)
            is [var number] ? number : null;

    private static async Task FreeAsync(DbSession session, Slots slots, long worker)
    {
        await session.RunAsync(Sql.FreeSlot, ("node", slots.Source), ("number", slots.SourceNumber), ("worker", worker))
            .ConfigureAwait(false);
        await session.RunAsync(Sql.FreeSlot, ("node", slots.Destination), ("number", slots.DestinationNumber), ("worker", worker))
            .ConfigureAwait(false);
    }

    // Null: it is written already.
    private static async Task<bool?> EndAsync(DbSession session, ClaimedItem item, long transfer, long worker, TimeSpan elapsed,
        AttemptEnd end, bool isExpired)
    {
        var changed = await session.RunAsync(Sql.EndItem, ("state", end.State), ("wait", (long?)end.Wait?.TotalMilliseconds),
            ("tries", end.LosesTry ? 1L : 0L), ("checks", end.Checks), ("moved", end.IsMoved ? 1L : 0L), ("source", end.SourceInstances),
            ("destination", end.DestinationInstances), ("bytes", end.Bytes), ("kind", end.Kind), ("error", end.Error),
            ("item", item.Id), ("attempt", item.Attempt), ("worker", worker), ("expired", isExpired ? 1L : 0L)).ConfigureAwait(false);
        if (changed == 0)
        {
            // The answer to the commit may have been lost, and not the commit.
            return !isExpired && (await session.ReadAsync(Sql.IsWritten, _ => true, ("item", item.Id), ("attempt", item.Attempt),
                ("worker", worker), ("state", end.State)).ConfigureAwait(false)).Count > 0 ? null : false;
        }

        if (item.Phase == "Verify" || end.State is "Done" or "Skipped")
        {
            await session.RunAsync(Sql.DropDifferences, ("transfer", transfer), ("item", item.Id)).ConfigureAwait(false);
            foreach (var difference in end.Differences)
                await AddDifferenceAsync(session, transfer, difference with { Item = item.Id }).ConfigureAwait(false);
        }

        await AppendAsync(session, item, transfer, worker, elapsed, end).ConfigureAwait(false);
        await TellAsync(session, end.State, end.Error, transfer, item.Id, worker: worker).ConfigureAwait(false);
        return true;
    }

    private static async Task AppendAsync(DbSession session, ClaimedItem item, long transfer, long worker, TimeSpan elapsed, AttemptEnd end)
    {
        var (links, last, now) = (await session.ReadAsync(Sql.Chain, row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2)),
            ("transfer", transfer)).ConfigureAwait(false))[0];
        var row = new AttemptRow
        {
            Link = links + 1,
            Item = item.Id,
            StudyUid = item.StudyUid,
            Number = item.Attempt,
            // Nothing was moved in it.
            Phase = end.IsFound ? "Ask" : item.Phase,
            Worker = worker,
            Started = now - (long)elapsed.TotalMilliseconds,
            Finished = now,
            State = end.State,
            Kind = end.Kind,
            Status = end.Status,
            StatusCode = end.StatusCode,
            Completed = end.Completed,
            Failed = end.Failed,
            Warning = end.Warning,
            Bytes = end.Bytes,
            SourceInstances = end.SourceInstances,
            DestinationInstances = end.DestinationInstances,
            Error = end.Error,
        };
        var hash = AttemptChain.Next(last, row, await PromiseAsync(session, transfer).ConfigureAwait(false));
        await session.RunAsync(Sql.AddAttempt, ("transfer", transfer), ("link", row.Link), ("item", row.Item), ("study", row.StudyUid),
            ("number", row.Number), ("phase", row.Phase), ("worker", row.Worker), ("started", row.Started), ("finished", row.Finished),
            ("state", row.State), ("kind", row.Kind), ("status", row.Status), ("status_code", row.StatusCode),
            ("completed", row.Completed), ("failed", row.Failed), ("warning", row.Warning), ("bytes", row.Bytes),
            ("source", row.SourceInstances), ("destination", row.DestinationInstances), ("error", row.Error), ("hash", hash))
            .ConfigureAwait(false);
        await session.RunAsync(Sql.SetChain, ("transfer", transfer), ("link", row.Link), ("hash", hash)).ConfigureAwait(false);
    }

    private static async Task ReleaseAsync(DbSession session, TransferRow transfer)
    {
        (string, object?)[] nodes = [("source", transfer.Source.Id), ("destination", transfer.Destination.Id)];
        foreach (var node in await session.ReadAsync(Sql.ReleaseNodes, row => row.GetInt64(0), nodes).ConfigureAwait(false))
            await TellAsync(session, "NodeServes", null, node: node).ConfigureAwait(false);
        await session.RunAsync(Sql.ForgetFailures, nodes).ConfigureAwait(false);
    }

    private static async Task BlameAsync(DbSession session, long node, string? why)
    {
        var failures = await session.ReadAsync(Sql.BlameNode, row => row.GetInt64(0), ("node", node), ("why", why)).ConfigureAwait(false);
        if (failures is [Sql.FailuresToHold])
            await TellAsync(session, "NodeHeld", why, node: node).ConfigureAwait(false);
    }
}
