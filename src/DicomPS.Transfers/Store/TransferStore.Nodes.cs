namespace DicomPS.Transfers.Store;

// The limits of nodes, and what is asked often.
internal sealed partial class TransferStore
{
    /// <summary>Writes down when a node is open, unless another worker did.</summary>
    public Task SetOpeningAsync(NodeRow node, long from, long until, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        if (await session.RunAsync("UPDATE node SET open_from = @from, open_until = @until WHERE id = @node AND open_until = @before",
            ("from", from), ("until", until), ("node", node.Id), ("before", node.OpenUntil)).ConfigureAwait(false) == 1)
            await TellAsync(session, "NextOpening", null, node: node.Id).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>Sets the limits of a node, by its address; it need not be of a transfer yet.</summary>
    public Task<NodeRow> SetNodeAsync(NodeRow node, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        var id = await NodeAsync(session, node).ConfigureAwait(false);
        await session.RunAsync("""
            UPDATE node SET throttle = @throttle, per_hour = @hour, bytes_per_second = @bytes, windows = @windows, time_zone = @zone,
                open_from = @from, open_until = @until, retrieve_by = @retrieve
            WHERE id = @node
            """, ("retrieve", node.RetrieveBy), ("throttle", node.Throttle), ("hour", node.PerHour), ("bytes", node.BytesPerSecond),
            ("windows", node.Windows), ("zone", node.TimeZone), ("from", node.OpenFrom), ("until", node.OpenUntil), ("node", id))
            .ConfigureAwait(false);
        await SlotsAsync(session, id, node.Throttle).ConfigureAwait(false);
        await TellAsync(session, "NodeSet", $"{node.Throttle} associations"
            + (node.PerHour is { } hour ? $", {hour} studies an hour" : "") + (node.BytesPerSecond is { } bytes ? $", {bytes} B/s" : "")
            + (node.Windows is { } windows ? $", {windows} {node.TimeZone}" : "")
            + (node.RetrieveBy == "Get" ? "" : $", retrieve by {node.RetrieveBy}"), node: id).ConfigureAwait(false);
        return (await session.ReadAsync(Sql.Nodes, RowReading.Node).ConfigureAwait(false)).First(row => row.Id == id);
    }, cancellationToken);

    /// <summary>Whether a worker that only verifies has something to do: each study once, and again what is due.</summary>
    public Task<bool> IsCheckLeftAsync(long transfer, long worker, CancellationToken cancellationToken) => ReadAsync(async session =>
        (await session.ReadAsync(Sql.CheckLeft, _ => true, ("transfer", transfer), ("worker", worker)).ConfigureAwait(false)).Count > 0,
        cancellationToken);

    /// <summary>Whether a study of a transfer can be begun.</summary>
    public Task<bool> IsAnyReadyAsync(long transfer, CancellationToken cancellationToken) => ReadAsync(async session =>
        (await session.ReadAsync("SELECT 1 FROM item WHERE transfer_id = @transfer AND state = 'Waiting' AND due IS NULL LIMIT 1",
            _ => true, ("transfer", transfer)).ConfigureAwait(false)).Count > 0, cancellationToken);

    /// <summary>Whether a study of a transfer is not at its end.</summary>
    public Task<bool> IsAnyLeftAsync(long transfer, CancellationToken cancellationToken) => ReadAsync(async session =>
        (await session.ReadAsync(Sql.Left, row => !row.IsDBNull(0), ("transfer", transfer)).ConfigureAwait(false))[0], cancellationToken);
}
