using System.Globalization;
using DicomPS.Associations;

namespace DicomPS.Transfers.Store;

// What is to be moved, and what stands in the tables.
internal sealed partial class TransferStore
{
    private const string ItemColumns = """
        id, study_uid, patient_id, patient_name, study_date, accession_number, modalities, description, expected_instances,
        source_instances, destination_instances, priority, state, due, attempts, tries, worker_id, added, started, transferred, finished,
        bytes, error_kind, error
        """;

    /// <summary>Makes a transfer.</summary>
    /// <param name="plan">What it is; its id and the ids of its nodes are found here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The transfer as it stands.</returns>
    /// <exception cref="StoreException">There is one of that name.</exception>
    public async Task<TransferRow> AddTransferAsync(TransferRow plan, CancellationToken cancellationToken)
    {
        var isNew = await WriteAsync(async session =>
        {
            var nodes = new List<long>();
            foreach (var node in new[] { plan.Source, plan.Destination })
                nodes.Add(await NodeAsync(session, node).ConfigureAwait(false));
            var made = await session.RunAsync(Sql.AddTransfer, ("name", plan.Name), ("source", nodes[0]), ("destination", nodes[1]),
                ("method", plan.Method), ("verify", plan.Verify), ("sample", plan.VerifySample),
                ("delay", (long)plan.VerifyDelay.TotalMilliseconds), ("by", plan.CreatedBy)).ConfigureAwait(false) == 1;
            if (made)
            {
                await TellAsync(session, "TransferMade", $"{plan.Name}: {plan.Source.Node} to {plan.Destination.Node}")
                    .ConfigureAwait(false);
            }

            return made;
        }, cancellationToken).ConfigureAwait(false);
        if (!isNew)
        {
            throw new StoreException($"There is a transfer {plan.Name} in {Address}.")
            {
                IsName = true,
                Advice = "Add-DicomTransferItem adds studies to it; for another transfer take another name.",
            };
        }

        return (await TransfersAsync(plan.Name, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The transfers, or the one of a name.</summary>
    public Task<IReadOnlyList<TransferRow>> TransfersAsync(string? name, CancellationToken cancellationToken) => ReadAsync(async session =>
    {
        var nodes = (await session.ReadAsync(Sql.Nodes, RowReading.Node).ConfigureAwait(false)).ToDictionary(node => node.Id);
        var rows = await session.ReadAsync(Sql.Transfers, row => new TransferRow
        {
            Id = row.GetInt64(0),
            Name = row.GetString(1),
            Source = nodes[row.GetInt64(2)],
            Destination = nodes[row.GetInt64(3)],
            Method = row.GetString(4),
            Verify = row.GetString(5),
            VerifySample = row.GetInt64(6),
            VerifyDelay = TimeSpan.FromMilliseconds(row.GetInt64(7)),
            State = row.GetString(8),
            Created = RowReading.Moment(row.GetInt64(9)),
            CreatedBy = row.GetString(10),
            Links = row.GetInt64(11),
            LastHash = row.GetString(12),
        }, ("name", name)).ConfigureAwait(false);
        return (IReadOnlyList<TransferRow>)rows;
    }, cancellationToken);

    /// <summary>The nodes of all transfers.</summary>
    public Task<IReadOnlyList<NodeRow>> NodesAsync(CancellationToken cancellationToken) => ReadAsync(
        async session => (IReadOnlyList<NodeRow>)await session.ReadAsync(Sql.Nodes, RowReading.Node).ConfigureAwait(false),
        cancellationToken);

    /// <summary>
    /// Adds studies; those that are there stay, with the higher of both priorities, and of both numbers of instances while they are not
    /// done. One that is done waits again when it has more by now, and one of which the source has fewer than the list said when it is
    /// listed with fewer.
    /// </summary>
    /// <returns>How many were added or wait again.</returns>
    public Task<int> AddItemsAsync(long transfer, IReadOnlyList<NewItem> items, CancellationToken cancellationToken) =>
        WriteAsync(async session =>
        {
            // In one order, so that two that add the same at the same time do not wait for each other.
            var ordered = items.OrderBy(item => item.StudyUid, StringComparer.Ordinal).ToList();
            var added = await _dialect.AddAsync(session, transfer, ordered).ConfigureAwait(false);
            var again = 0;
            if (added < ordered.Count)
            {
                (string, object?)[] rows = [("transfer", transfer), ("rows", Sql.Again(ordered))];
                if (ordered.Any(item => item.Priority > 0))
                    await session.RunAsync(Sql.RaisePriority, rows).ConfigureAwait(false);
                if (ordered.Any(item => item.Instances is not null))
                    await session.RunAsync(Sql.RaiseExpected, rows).ConfigureAwait(false);
                if (ordered.Any(item => item.Lacks || item.Instances is not null))
                    again = await session.RunAsync(Sql.Reopen, rows).ConfigureAwait(false);
            }

            if (again > 0)
            {
                await TellAsync(session, "Reset", again.ToString(CultureInfo.InvariantCulture) + " studies have more by now",
                    transfer: transfer).ConfigureAwait(false);
            }

            if (added > 0)
            {
                await TellAsync(session, "Added", added.ToString(CultureInfo.InvariantCulture) + " studies", transfer: transfer)
                    .ConfigureAwait(false);
            }

            return added + again;
        }, cancellationToken);

    /// <summary>Studies of a list that the transfer has of another patient; both that are named are not empty.</summary>
    public Task<IReadOnlyList<OtherPatient>> OtherPatientsAsync(
        long transfer, IReadOnlyList<NewItem> items, CancellationToken cancellationToken) => ReadAsync(async session =>
            (IReadOnlyList<OtherPatient>)await session.ReadAsync(Sql.OtherPatients,
                row => new OtherPatient(row.GetString(0), row.GetString(1), row.GetString(2)),
                ("transfer", transfer), ("rows", Sql.Again(items))).ConfigureAwait(false), cancellationToken);

    /// <summary>How many studies of a list failed, differ or were given up, and are not moved again by being listed.</summary>
    public Task<long> StuckAsync(long transfer, IReadOnlyList<NewItem> items, CancellationToken cancellationToken) => ReadAsync(
        async session => (await session.ReadAsync(Sql.Stuck, row => row.GetInt64(0), ("transfer", transfer), ("rows", Sql.Again(items)))
            .ConfigureAwait(false))[0], cancellationToken);

    /// <summary>How many studies are in each state.</summary>
    public Task<TransferCounts> CountsAsync(long transfer, CancellationToken cancellationToken) => ReadAsync(async session =>
    {
        var rows = await session.ReadAsync(Sql.Counts, row => (State: row.GetString(0), Count: row.GetInt64(1)), ("transfer", transfer))
            .ConfigureAwait(false);
        long Of(string state) => rows.Where(row => row.State == state).Sum(row => row.Count);
        return new TransferCounts
        {
            Waiting = Of("Waiting"),
            Running = Of("Running"),
            Transferred = Of("Transferred"),
            Done = Of("Done"),
            Differs = Of("Differs"),
            Failed = Of("Failed"),
            Skipped = Of("Skipped"),
            Cancelled = Of("Cancelled"),
        };
    }, cancellationToken);

    /// <summary>Makes a transfer Active, Suspended or Stopped.</summary>
    /// <returns>Whether it was something else before.</returns>
    public Task<bool> SetStateAsync(long transfer, string state, CancellationToken cancellationToken) => WriteAsync(async session =>
    {
        var changed = await session.RunAsync(Sql.SetState, ("transfer", transfer), ("state", state)).ConfigureAwait(false) == 1;
        if (changed)
            await TellAsync(session, state, null, transfer: transfer).ConfigureAwait(false);
        return changed;
    }, cancellationToken);

    /// <summary>The studies of a transfer in the order in which they were added.</summary>
    /// <param name="transfer">The transfer.</param>
    /// <param name="state">Those in one state alone; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<ItemRow> ItemsAsync(long transfer, string? state, CancellationToken cancellationToken) => StreamAsync(
        $"SELECT {ItemColumns} FROM item WHERE transfer_id = @transfer{(state is null ? "" : " AND state = @state")} ORDER BY id",
        RowReading.Item, state is null ? [("transfer", transfer)] : [("transfer", transfer), ("state", state)], cancellationToken);

    /// <summary>One study of a transfer.</summary>
    public IAsyncEnumerable<ItemRow> ItemAsync(long transfer, string study, CancellationToken cancellationToken) => StreamAsync(
        $"SELECT {ItemColumns} FROM item WHERE transfer_id = @transfer AND study_uid = @study",
        RowReading.Item, [("transfer", transfer), ("study", study)], cancellationToken);

    /// <summary>The tries that have ended, in the order of their chain.</summary>
    public IAsyncEnumerable<AttemptRow> AttemptsAsync(long transfer, CancellationToken cancellationToken) => StreamAsync(
        """
        SELECT link, item_id, study_uid, number, phase, worker_id, started, finished, state, kind, status, status_code, completed, failed,
            warning, bytes, source_instances, destination_instances, error, hash
        FROM attempt WHERE transfer_id = @transfer ORDER BY link
        """, RowReading.Attempt, [("transfer", transfer)], cancellationToken);

    /// <summary>What is not alike, in the order in which it was found.</summary>
    public IAsyncEnumerable<DifferenceRow> DifferencesAsync(long transfer, CancellationToken cancellationToken) =>
        StreamAsync(Sql.Differences, RowReading.Difference, [("transfer", transfer)], cancellationToken);

    private static Task AddDifferenceAsync(DbSession session, long transfer, DifferenceRow row) => session.RunAsync(Sql.AddDifference,
        ("transfer", transfer), ("item", row.Item), ("study", StoreText.Short(row.StudyUid)), ("series", StoreText.Short(row.SeriesUid)),
        ("instance", StoreText.Short(row.InstanceUid)), ("kind", row.Kind), ("attributes", StoreText.Short(row.Attributes)),
        ("source", StoreText.Short(row.SourceValue)), ("destination", StoreText.Short(row.DestinationValue)));

    private static async Task<long> NodeAsync(DbSession session, NodeRow node)
    {
        await session.RunAsync(Sql.AddNode, Values(node.Node, node.Throttle)).ConfigureAwait(false);
        var known = (await session.ReadAsync(Sql.Nodes, RowReading.Node).ConfigureAwait(false))
            .First(row => row.Node.Address == node.Node.Address);
        await SlotsAsync(session, known.Id, known.Throttle).ConfigureAwait(false);
        return known.Id;
    }

    // A slot stays when there are fewer: it is not given out any more.
    private static async Task SlotsAsync(DbSession session, long node, long count)
    {
        for (var number = 1L; number <= count; number++)
        {
            await session.RunAsync("INSERT INTO slot (node_id, number) VALUES (@node, @number) ON CONFLICT (node_id, number) DO NOTHING",
                ("node", node), ("number", number)).ConfigureAwait(false);
        }
    }

    private static Task TellAsync(DbSession session, string kind, string? text, long? transfer = null, long? item = null,
        long? node = null, long? worker = null) => session.RunAsync(Sql.AddEvent, ("kind", kind), ("text", text), ("transfer", transfer),
            ("item", item), ("node", node), ("worker", worker));
}
