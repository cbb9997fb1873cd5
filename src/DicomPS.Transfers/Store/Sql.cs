namespace DicomPS.Transfers.Store;

/// <summary>
/// The statements of a store, for both databases; what differs is in braces (<see cref="Dialect"/>). Whatever comes from outside is a
/// parameter.
/// </summary>
internal static class Sql
{
    /// <summary>How long an item and its slots are a worker's without a sign of life.</summary>
    public const int LeaseMilliseconds = 60_000;

    /// <summary>How often a node that is held is tried.</summary>
    public const int ProbeMilliseconds = 30_000;

    /// <summary>After how many failures in a row a node is held.</summary>
    public const int FailuresToHold = 5;

    public const string AddItem = """
        INSERT INTO item (transfer_id, study_uid, patient_id, patient_name, study_date, accession_number, modalities, description,
            expected_instances, priority, state, added)
        VALUES (@transfer, @study_uid, @patient_id, @patient_name, @study_date, @accession_number, @modalities, @description,
            @expected_instances, @priority, 'Waiting', {now})
        ON CONFLICT (transfer_id, study_uid) DO NOTHING
        """;

    /// <summary>
    /// Of what was added before: the higher of both priorities. Many at once, as <see cref="Again"/> has them. The list comes first: SQLite
    /// keeps the order of a cross join (sqlite.org/optoverview.html), and read all items for each row of the list otherwise.
    /// </summary>
    public const string RaisePriority = """
        UPDATE item SET priority = r.priority
        FROM (SELECT i.id AS found, max(u.priority) AS priority FROM {rows} u CROSS JOIN item i
            WHERE i.transfer_id = @transfer AND i.study_uid = u.study AND i.state = 'Waiting' AND i.priority < u.priority
            GROUP BY i.id) r
        WHERE item.id = r.found AND item.state = 'Waiting' AND item.priority < r.priority
        """;

    /// <summary>
    /// Of what is not done: the highest number of instances that a list said. What came first may have been a UID alone, and what was
    /// listed once is not forgotten. Many at once.
    /// </summary>
    public const string RaiseExpected = """
        UPDATE item SET expected_instances = r.instances
        FROM (SELECT i.id AS found, max(u.instances) AS instances FROM {rows} u CROSS JOIN item i
            WHERE i.transfer_id = @transfer AND i.study_uid = u.study AND i.state NOT IN ('Done', 'Skipped')
                AND u.instances > coalesce(i.expected_instances, -1)
            GROUP BY i.id) r
        WHERE item.id = r.found AND item.state NOT IN ('Done', 'Skipped')
        """;

    /// <summary>
    /// A study that was at its end and has more by now, or was seen to lack something, waits again; and one of which the source has fewer
    /// than was listed, when a list has it with fewer alone. Many at once.
    /// </summary>
    public const string Reopen = """
        UPDATE item SET state = 'Waiting', due = NULL, tries = 0, checks = 0, finished = NULL, error_kind = NULL, error = NULL,
            expected_instances = CASE WHEN r.instances >= 0 THEN r.instances ELSE expected_instances END
        FROM (SELECT i.id AS found, max(u.instances) AS instances FROM {rows} u CROSS JOIN item i
            WHERE i.transfer_id = @transfer AND i.study_uid = u.study
                AND (i.state IN ('Done', 'Skipped') OR (i.state = 'Differs' AND i.error_kind = '{fewer}'))
            GROUP BY i.id
            HAVING (i.state <> 'Differs' AND (max(u.lacks) = 1
                    OR max(u.instances) > coalesce(i.source_instances, i.expected_instances)))
                OR (i.state = 'Differs' AND max(u.instances) BETWEEN 0 AND i.expected_instances - 1)) r
        WHERE item.id = r.found AND item.state IN ('Done', 'Skipped', 'Differs')
        """;

    /// <summary>How many studies of a list are at their end, and not well, and stay so.</summary>
    public const string Stuck = """
        SELECT count(DISTINCT i.id) FROM {rows} u CROSS JOIN item i
        WHERE i.transfer_id = @transfer AND i.study_uid = u.study AND i.state IN ('Failed', 'Differs', 'Cancelled')
        """;

    /// <summary>Studies of a list that the transfer has of another patient. Many at once.</summary>
    public const string OtherPatients = """
        SELECT i.study_uid, i.patient_id, u.patient FROM {rows} u CROSS JOIN item i
        WHERE i.transfer_id = @transfer AND i.study_uid = u.study AND u.patient <> '' AND trim(i.patient_id) <> ''
            AND trim(i.patient_id) <> u.patient
        ORDER BY i.id
        """;

    public const string AddNode = """
        INSERT INTO node (address, name, ae_title, host_name, port, calling_ae_title, local_port, senders, character_set, tls, throttle)
        VALUES (@address, @name, @ae_title, @host_name, @port, @calling_ae_title, @local_port, @senders, @character_set, @tls, @throttle)
        ON CONFLICT (address) DO NOTHING
        """;

    public const string Nodes = """
        SELECT id, address, name, ae_title, host_name, port, calling_ae_title, local_port, senders, character_set, tls, throttle, per_hour,
            bytes_per_second, windows, time_zone, open_from, open_until, failures, held_since, held_why, next_probe, {now} AS now,
            (SELECT count(*) FROM slot WHERE slot.node_id = node.id AND slot.worker_id IS NOT NULL) AS taken,
            retrieve_by
        FROM node ORDER BY id
        """;

    public const string AddTransfer = """
        INSERT INTO transfer (name, source_id, destination_id, method, verify, verify_sample, verify_delay, state, created, created_by)
        VALUES (@name, @source, @destination, @method, @verify, @sample, @delay, 'Active', {now}, @by)
        ON CONFLICT (name) DO NOTHING
        """;

    public const string Transfers = """
        SELECT id, name, source_id, destination_id, method, verify, verify_sample, verify_delay, state, created, created_by, links,
            last_hash
        FROM transfer WHERE CAST(@name AS text) IS NULL OR name = @name ORDER BY id
        """;

    public const string Counts = "SELECT state, count(*) FROM item WHERE transfer_id = @transfer GROUP BY state";

    public const string SetState = "UPDATE transfer SET state = @state WHERE id = @transfer AND state <> @state";

    /// <summary>Whether a transfer has something to begin, as far as its nodes allow, and in how long; step one of a claim.</summary>
    public const string Claimable = """
        SELECT t.source_id, t.destination_id, s.held_since, d.held_since, s.per_hour, d.per_hour, t.method, s.throttle, d.throttle,
            CASE WHEN s.next_start > d.next_start THEN s.next_start ELSE d.next_start END - {now}
        FROM transfer t JOIN node s ON s.id = t.source_id JOIN node d ON d.id = t.destination_id
        WHERE t.id = @transfer AND (t.state = 'Active' OR @early = 1)
            AND s.open_from <= {now} AND {now} < s.open_until AND d.open_from <= {now} AND {now} < d.open_until
            AND (s.held_since IS NULL OR s.next_probe <= {now}) AND (d.held_since IS NULL OR d.next_probe <= {now})
            AND {version} = {known}
            AND (CAST(@source_slot AS bigint) IS NULL OR 2 = (SELECT count(*) FROM slot q WHERE q.worker_id = @worker
                AND ((q.node_id = t.source_id AND q.number = @source_slot)
                    OR (q.node_id = t.destination_id AND q.number = @destination_slot))))
        """;

    /// <summary>Takes a free slot of a node.</summary>
    public const string TakeSlot = """
        UPDATE slot SET worker_id = @worker, lease_until = {now} + {lease}
        WHERE node_id = @node AND worker_id IS NULL AND number = (
            SELECT q.number FROM slot q WHERE q.node_id = @node AND q.worker_id IS NULL
                AND q.number <= (SELECT n.throttle FROM node n WHERE n.id = @node)
            ORDER BY q.number LIMIT 1 {skip})
        RETURNING number
        """;

    private const string Taken = """
        RETURNING id, study_uid, patient_id, attempts, tries, checks, expected_instances, source_instances, destination_instances, started,
            state, error_kind, transferred
        """;

    /// <summary>Takes the best study that waits.</summary>
    public const string TakeItem = """
        UPDATE item SET state = 'Running', attempts = attempts + 1, worker_id = @worker, lease_until = {now} + {lease},
            started = coalesce(started, {now})
        WHERE id = (
            SELECT i.id FROM item i WHERE i.transfer_id = @transfer AND i.state = 'Waiting' AND i.due IS NULL
            ORDER BY i.priority DESC, i.id LIMIT 1 {skip})
        """ + "\n" + Taken;

    /// <summary>Takes a study that was moved and is to be verified; it stays Transferred.</summary>
    public const string TakeCheck = """
        UPDATE item SET attempts = attempts + 1, worker_id = @worker, lease_until = {now} + {lease}
        WHERE id = (
            SELECT i.id FROM item i WHERE i.transfer_id = @transfer AND i.state = 'Transferred' AND i.worker_id IS NULL
                AND i.due IS NOT NULL AND i.due <= (SELECT {now})
            ORDER BY i.due LIMIT 1 {skip})
        """ + "\n" + Taken;

    /// <summary>The same before its time, once by each worker.</summary>
    public const string TakeEarly = """
        UPDATE item SET attempts = attempts + 1, worker_id = @worker, lease_until = {now} + {lease}
        WHERE id = (
            SELECT i.id FROM item i WHERE i.transfer_id = @transfer AND i.state = 'Transferred' AND i.worker_id IS NULL
                AND i.due IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.item_id = i.id AND a.worker_id = @worker)
            ORDER BY i.due LIMIT 1 {skip})
        """ + "\n" + Taken;

    /// <summary>Whether a worker that only verifies has something to do, or another one is at it.</summary>
    public const string CheckLeft = """
        SELECT 1 FROM item i WHERE i.transfer_id = @transfer AND i.state = 'Transferred' AND (i.due <= {now} OR i.lease_until IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM attempt a WHERE a.item_id = i.id AND a.worker_id = @worker)) LIMIT 1
        """;

    /// <summary>One study more of a node that allows so many in an hour; no row when another one was faster.</summary>
    public const string CountStart = """
        UPDATE node SET next_start = {now} + 3600000 / per_hour WHERE id = @node AND per_hour IS NOT NULL AND next_start <= {now}
        """;

    /// <summary>
    /// What went over the wire counts against the bytes a second that a node allows; the next study waits until that is made up.
    /// </summary>
    public const string CountBytes = """
        UPDATE node SET next_start = CASE WHEN next_start > {now} - @elapsed THEN next_start ELSE {now} - @elapsed END
            + (CASE WHEN id = @source THEN @source_bytes ELSE 0 END + CASE WHEN id = @destination THEN @destination_bytes ELSE 0 END)
            * 1000 / bytes_per_second
        WHERE id IN (@source, @destination) AND bytes_per_second IS NOT NULL
        """;

    /// <summary>The one that tries a node that is held; no row when another one does.</summary>
    public const string TakeProbe = """
        UPDATE node SET next_probe = {now} + {probe} WHERE id = @node AND held_since IS NOT NULL AND next_probe <= {now}
        """;

    /// <summary>The result of a try: no row for who lost the item meanwhile.</summary>
    public const string EndItem = """
        UPDATE item SET state = @state,
            due = CASE WHEN CAST(@wait AS bigint) IS NULL THEN NULL ELSE {now} + CAST(@wait AS bigint) END,
            tries = tries + @tries, checks = @checks, worker_id = NULL, lease_until = NULL,
            transferred = CASE WHEN @state = 'Transferred' AND @moved = 1 THEN {now} ELSE transferred END,
            finished = CASE WHEN @state IN ('Done', 'Differs', 'Failed', 'Skipped', 'Cancelled') THEN {now} ELSE NULL END,
            source_instances = coalesce(CAST(@source AS bigint), source_instances),
            destination_instances = coalesce(CAST(@destination AS bigint), destination_instances),
            bytes = CASE WHEN CAST(@bytes AS bigint) IS NULL THEN bytes ELSE coalesce(bytes, 0) + CAST(@bytes AS bigint) END,
            error_kind = @kind, error = @error
        WHERE id = @item AND attempts = @attempt AND worker_id = @worker AND lease_until IS NOT NULL
            AND (@expired = 0 OR lease_until < {now})
        """;

    /// <summary>
    /// Something that is not at its end. Each is the first entry of an index, which the order asks for: without it PostgreSQL reads the
    /// table from its start, where all is done, as long as it believes that much of it waits; and the plus keeps SQLite from reading all
    /// items of the transfer instead of the few that somebody has (sqlite.org/optoverview.html). In one statement: what goes from one to
    /// the other between two would be in none of them.
    /// </summary>
    public const string Left = """
        SELECT coalesce(
            (SELECT id FROM item WHERE transfer_id = @transfer AND state = 'Waiting' AND due IS NULL ORDER BY priority DESC, id LIMIT 1),
            (SELECT id FROM item WHERE +transfer_id = @transfer AND lease_until IS NOT NULL ORDER BY lease_until LIMIT 1),
            (SELECT id FROM item WHERE transfer_id = @transfer AND state = 'Transferred' AND due IS NOT NULL ORDER BY due LIMIT 1),
            (SELECT id FROM item WHERE transfer_id = @transfer AND state = 'Waiting' AND due IS NOT NULL ORDER BY due LIMIT 1))
        """;

    public const string FreeSlot =
        "UPDATE slot SET worker_id = NULL, lease_until = NULL WHERE node_id = @node AND number = @number AND worker_id = @worker";

    /// <summary>Nodes that serve are held no more.</summary>
    public const string ReleaseNodes = """
        UPDATE node SET failures = 0, held_since = NULL, held_why = NULL, next_probe = NULL
        WHERE id IN (@source, @destination) AND held_since IS NOT NULL RETURNING id
        """;

    public const string ForgetFailures = "UPDATE node SET failures = 0 WHERE id IN (@source, @destination) AND failures > 0";

    public const string BlameNode = """
        UPDATE node SET failures = failures + 1,
            held_why = CASE WHEN failures + 1 >= {hold} THEN @why ELSE held_why END,
            next_probe = CASE WHEN failures + 1 >= {hold} THEN {now} + {probe} ELSE next_probe END,
            held_since = CASE WHEN failures + 1 >= {hold} THEN coalesce(held_since, {now}) ELSE held_since END
        WHERE id = @node RETURNING failures
        """;

    public const string Chain = "SELECT links, last_hash, {now} FROM transfer WHERE id = @transfer {lock}";

    /// <summary>What a transfer is, which nothing changes once it is made.</summary>
    public const string Promise = """
        SELECT t.name, t.method, t.verify, t.verify_sample, t.created, t.created_by, s.address, s.ae_title, s.host_name, s.port,
            s.calling_ae_title, s.tls, d.address, d.ae_title, d.host_name, d.port, d.calling_ae_title, d.tls
        FROM transfer t JOIN node s ON s.id = t.source_id JOIN node d ON d.id = t.destination_id
        WHERE t.id = @transfer
        """;

    public const string Unproven = """
        SELECT count(*) FROM item i WHERE i.transfer_id = @transfer AND i.state IN ('Done', 'Skipped') AND (NOT EXISTS (
            SELECT 1 FROM attempt a WHERE a.item_id = i.id AND a.number = i.attempts AND a.state = i.state
                AND a.study_uid = i.study_uid AND coalesce(a.source_instances, i.source_instances, -1) = coalesce(i.source_instances, -1)
                AND coalesce(a.destination_instances, i.destination_instances, -1) = coalesce(i.destination_instances, -1))
            OR EXISTS (SELECT 1 FROM attempt a WHERE a.item_id = i.id AND a.number > i.attempts))
        """;

    /// <summary>Tries whose study was taken out, or made another one.</summary>
    public const string Stray = """
        SELECT count(*) FROM attempt a WHERE a.transfer_id = @transfer AND NOT EXISTS (
            SELECT 1 FROM item i WHERE i.id = a.item_id AND i.transfer_id = a.transfer_id AND i.study_uid = a.study_uid)
        """;

    public const string AddAttempt = """
        INSERT INTO attempt (transfer_id, link, item_id, study_uid, number, phase, worker_id, started, finished, state, kind, status,
            status_code, completed, failed, warning, bytes, source_instances, destination_instances, error, hash)
        VALUES (@transfer, @link, @item, @study, @number, @phase, @worker, @started, @finished, @state, @kind, @status, @status_code,
            @completed, @failed, @warning, @bytes, @source, @destination, @error, @hash)
        """;

    public const string SetChain = "UPDATE transfer SET links = @link, last_hash = @hash WHERE id = @transfer";

    public const string AddEvent = """
        INSERT INTO event (at, transfer_id, item_id, node_id, worker_id, kind, text)
        VALUES ({now}, @transfer, @item, @node, @worker, @kind, @text)
        """;

    public const string AddWorker = """
        INSERT INTO worker (host_name, process_id, user_name, version, lanes, started, heartbeat)
        VALUES (@host, @process, @user, @version, @lanes, {now}, {now}) RETURNING id
        """;

    public const string Beat = "UPDATE worker SET heartbeat = {now} WHERE id = @worker AND ended IS NULL";

    public const string ExtendItem = """
        UPDATE item SET lease_until = {now} + {lease}
        WHERE id = @item AND attempts = @attempt AND worker_id = @worker AND lease_until IS NOT NULL
        """;

    public const string ExtendSlot =
        "UPDATE slot SET lease_until = {now} + {lease} WHERE node_id = @node AND number = @number AND worker_id = @worker";

    /// <summary>What a worker that ends could not write down is taken back at once.</summary>
    public const string DropItems = "UPDATE item SET lease_until = {now} - 1 WHERE lease_until IS NOT NULL AND worker_id = @worker";

    /// <summary>Whether the end of a try is written already, by this worker.</summary>
    public const string IsWritten = """
        SELECT 1 FROM attempt WHERE item_id = @item AND number = @attempt AND worker_id = @worker AND state = @state
            AND (kind IS NULL OR kind NOT IN ('WorkerLost', 'ClaimLost'))
        """;

    public const string EndWorker = "UPDATE worker SET ended = {now} WHERE id = @worker AND ended IS NULL";

    public const string FreeSlots = "UPDATE slot SET worker_id = NULL, lease_until = NULL WHERE worker_id = @worker";

    /// <summary>What nobody holds any more; and whether its worker gave signs of life until its end, or still does.</summary>
    public const string Expired = """
        SELECT i.id, i.transfer_id, i.study_uid, i.attempts, i.worker_id, i.state, i.tries, i.checks, {now} - i.lease_until + {lease},
            (SELECT count(*) FROM worker w WHERE w.id = i.worker_id AND (w.ended IS NULL OR w.ended - w.heartbeat < {lease})),
            (SELECT count(*) FROM attempt a WHERE a.item_id = i.id AND a.kind = 'WorkerLost'),
            (SELECT t.method FROM transfer t WHERE t.id = i.transfer_id)
        FROM item i WHERE i.lease_until IS NOT NULL AND i.lease_until < {now} ORDER BY i.lease_until LIMIT 200
        """;

    public const string FreeExpiredSlots =
        "UPDATE slot SET worker_id = NULL, lease_until = NULL WHERE worker_id IS NOT NULL AND lease_until < {now}";

    public const string EndLostWorkers =
        "UPDATE worker SET ended = {now} WHERE ended IS NULL AND heartbeat < {now} - {lease} RETURNING id";

    public const string TransferIds = "SELECT id FROM transfer";

    /// <summary>
    /// What is due of a transfer may be taken. In the order of its index and by a clock that is asked once, or PostgreSQL reads the whole
    /// table: by a clock that says something else for each row it looks for nothing in an index.
    /// </summary>
    public const string Promote = """
        UPDATE item SET due = NULL WHERE state = 'Waiting' AND id IN (
            SELECT i.id FROM item i
            WHERE i.transfer_id = @transfer AND i.state = 'Waiting' AND i.due IS NOT NULL AND i.due <= (SELECT {now})
            ORDER BY i.due LIMIT 5000)
        """;

    public const string Differences = """
        SELECT id, item_id, study_uid, series_uid, instance_uid, kind, attributes, source_value, destination_value, found
        FROM difference WHERE transfer_id = @transfer ORDER BY id
        """;

    public const string AddDifference = """
        INSERT INTO difference (transfer_id, item_id, study_uid, series_uid, instance_uid, kind, attributes, source_value,
            destination_value, found)
        VALUES (@transfer, @item, @study, @series, @instance, @kind, @attributes, @source, @destination, {now})
        """;

    public const string DropDifferences = "DELETE FROM difference WHERE transfer_id = @transfer AND item_id = @item";

    /// <summary>The studies of a list for the statements that take many at once, as JSON: the UID as it is kept, three numbers, the
    /// patient.</summary>
    public static string Again(IEnumerable<NewItem> items) => $"[{string.Join(",", items.Select(Row))}]";

    private static string Row(NewItem item) => FormattableString.Invariant(
        $"[{Quoted(item.StudyUid)},{item.Instances ?? -1},{(item.Lacks ? 1 : 0)},{item.Priority},{Quoted(item.PatientId?.Trim(' '))}]");

    private static string Quoted(string? text) => "\"" + string.Concat((StoreText.Short(text) ?? "").Select(one =>
        one is '"' or '\\' or < ' ' ? FormattableString.Invariant($"\\u{(int)one:x4}") : one.ToString())) + "\"";
}
