namespace DicomPS.Transfers.Store;

// How a transfer stands, and what its owner does with it.
internal sealed partial class TransferStore
{
    /// <summary>What was moved in the last hour.</summary>
    public Task<TransferRate> RateAsync(long transfer, CancellationToken cancellationToken) => ReadAsync(async session =>
        (await session.ReadAsync("""
            SELECT count(*), sum(bytes), min(started), max(finished), {now} FROM attempt
            WHERE transfer_id = @transfer AND finished > {now} - 3600000 AND phase <> 'Verify'
                AND state IN ('Transferred', 'Done', 'Skipped')
            """, row => new TransferRate(row.GetInt64(0), row.Number(1), row.Number(2), row.Number(3), row.GetInt64(4)),
            ("transfer", transfer)).ConfigureAwait(false))[0], cancellationToken);

    /// <summary>The workers that have not ended, with how many studies each has.</summary>
    public Task<IReadOnlyList<WorkerRow>> WorkersAsync(CancellationToken cancellationToken) => ReadAsync(async session =>
        (IReadOnlyList<WorkerRow>)await session.ReadAsync("""
            SELECT w.id, w.host_name, w.process_id, w.user_name, w.started, w.heartbeat, {now},
                (SELECT count(*) FROM item i WHERE i.lease_until IS NOT NULL AND i.worker_id = w.id)
            FROM worker w WHERE w.ended IS NULL ORDER BY w.id
            """, row => new WorkerRow(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3),
                RowReading.Moment(row.GetInt64(4)), TimeSpan.FromMilliseconds(row.GetInt64(6) - row.GetInt64(5)), row.GetInt64(7)))
            .ConfigureAwait(false), cancellationToken);

    /// <summary>Has studies that are at their end moved again: those in a state, or one of them.</summary>
    /// <returns>How many.</returns>
    public Task<int> ResetAsync(long transfer, string state, string? study, CancellationToken cancellationToken) =>
        WriteAsync(async session =>
        {
            var count = await session.RunAsync("""
                UPDATE item SET state = 'Waiting', tries = 0, checks = 0, due = NULL, finished = NULL, error_kind = NULL, error = NULL
                WHERE transfer_id = @transfer AND state = @state AND (CAST(@study AS text) IS NULL OR study_uid = @study)
                """, ("transfer", transfer), ("state", state), ("study", study)).ConfigureAwait(false);
            var what = $"{count} of {state}{(study is null ? "" : $": {study}")}";
            if (count > 0)
                await TellAsync(session, "Reset", what, transfer).ConfigureAwait(false);
            return count;
        }, cancellationToken);

    /// <summary>Gives up the studies that wait; those that run go on.</summary>
    /// <returns>How many.</returns>
    public Task<int> CancelAsync(long transfer, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        var count = await session.RunAsync("""
            UPDATE item SET state = 'Cancelled', due = NULL, finished = {now} WHERE transfer_id = @transfer AND state = 'Waiting'
            """, ("transfer", transfer)).ConfigureAwait(false);
        await TellAsync(session, "Cancelled", $"{count} studies", transfer).ConfigureAwait(false);
        return count;
    }, cancellationToken);

    /// <summary>Takes a transfer out of the store, with all that is known of it.</summary>
    /// <returns>False when workers have studies of it; then nothing is done.</returns>
    public Task<bool> RemoveAsync(long transfer, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        (string, object?)[] which = [("transfer", transfer)];
        var busy = await session.ReadAsync("SELECT 1 FROM item WHERE transfer_id = @transfer AND lease_until IS NOT NULL LIMIT 1",
            _ => true, which).ConfigureAwait(false);
        if (busy.Count > 0)
            return false;
        foreach (var table in new[] { "difference", "event", "attempt", "item" })
            await session.RunAsync($"DELETE FROM {table} WHERE transfer_id = @transfer", which).ConfigureAwait(false);
        await session.RunAsync("DELETE FROM transfer WHERE id = @transfer", which).ConfigureAwait(false);
        return true;
    }, cancellationToken);
}
