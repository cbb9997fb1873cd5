-- The tables of a store. Words in braces differ between the databases (Dialect). Moments are milliseconds since 1970, UTC, by the
-- database's clock. Words of states are text, so that a row says what it means to whoever reads it without DicomPS.
CREATE TABLE store (name text NOT NULL PRIMARY KEY, value text NOT NULL);

CREATE TABLE node (
    id {id},
    address text NOT NULL UNIQUE,
    name text,
    ae_title text NOT NULL,
    host_name text NOT NULL,
    port bigint NOT NULL,
    calling_ae_title text NOT NULL,
    local_port bigint,
    senders text,
    character_set text,
    tls bigint NOT NULL DEFAULT 0,
    throttle bigint NOT NULL DEFAULT 2,
    per_hour bigint,
    bytes_per_second bigint,
    next_start bigint NOT NULL DEFAULT 0,
    windows text,
    time_zone text,
    open_from bigint NOT NULL DEFAULT 0,
    open_until bigint NOT NULL DEFAULT 9000000000000000,
    failures bigint NOT NULL DEFAULT 0,
    held_since bigint,
    held_why text,
    next_probe bigint
);

CREATE TABLE worker (
    id {id},
    host_name text NOT NULL,
    process_id bigint NOT NULL,
    user_name text NOT NULL,
    version text NOT NULL,
    lanes bigint NOT NULL,
    started bigint NOT NULL,
    heartbeat bigint NOT NULL,
    ended bigint
);

CREATE TABLE slot (
    node_id bigint NOT NULL REFERENCES node (id),
    number bigint NOT NULL,
    worker_id bigint REFERENCES worker (id),
    lease_until bigint,
    PRIMARY KEY (node_id, number)
);

CREATE TABLE transfer (
    id {id},
    name text NOT NULL UNIQUE,
    source_id bigint NOT NULL REFERENCES node (id),
    destination_id bigint NOT NULL REFERENCES node (id),
    method text NOT NULL,
    verify text NOT NULL,
    verify_sample bigint NOT NULL DEFAULT 100,
    verify_delay bigint NOT NULL DEFAULT 600000,
    state text NOT NULL,
    created bigint NOT NULL,
    created_by text NOT NULL,
    -- The chain of the attempts: how many links it has, and the hash of the last one.
    links bigint NOT NULL DEFAULT 0,
    last_hash text NOT NULL DEFAULT ''
);

CREATE TABLE item (
    id {id},
    transfer_id bigint NOT NULL REFERENCES transfer (id),
    study_uid text NOT NULL,
    patient_id text,
    patient_name text,
    study_date text,
    accession_number text,
    modalities text,
    description text,
    -- What was known of the source when it was added, and what both sides had when they were last asked.
    expected_instances bigint,
    source_instances bigint,
    destination_instances bigint,
    priority bigint NOT NULL DEFAULT 0,
    state text NOT NULL,
    -- Waiting: not before (null: at once). Transferred: when it is verified.
    due bigint,
    attempts bigint NOT NULL DEFAULT 0,
    tries bigint NOT NULL DEFAULT 0,
    checks bigint NOT NULL DEFAULT 0,
    worker_id bigint,
    lease_until bigint,
    added bigint NOT NULL,
    started bigint,
    transferred bigint,
    finished bigint,
    bytes bigint,
    error_kind text,
    error text,
    UNIQUE (transfer_id, study_uid)
);
CREATE INDEX item_next ON item (transfer_id, priority DESC, id) WHERE state = 'Waiting' AND due IS NULL;
CREATE INDEX item_due ON item (due) WHERE state IN ('Waiting', 'Transferred') AND due IS NOT NULL;
CREATE INDEX item_lease ON item (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX item_state ON item (transfer_id, state);

CREATE TABLE attempt (
    id {id},
    transfer_id bigint NOT NULL REFERENCES transfer (id),
    link bigint NOT NULL,
    item_id bigint NOT NULL REFERENCES item (id),
    study_uid text NOT NULL,
    number bigint NOT NULL,
    phase text NOT NULL,
    worker_id bigint NOT NULL,
    started bigint NOT NULL,
    finished bigint NOT NULL,
    state text NOT NULL,
    kind text,
    status text,
    status_code bigint,
    completed bigint,
    failed bigint,
    warning bigint,
    bytes bigint,
    source_instances bigint,
    destination_instances bigint,
    error text,
    hash text NOT NULL,
    UNIQUE (transfer_id, link),
    UNIQUE (item_id, number)
);
CREATE INDEX attempt_finished ON attempt (transfer_id, finished);

CREATE TABLE difference (
    id {id},
    transfer_id bigint NOT NULL REFERENCES transfer (id),
    item_id bigint REFERENCES item (id),
    study_uid text NOT NULL,
    series_uid text,
    instance_uid text,
    kind text NOT NULL,
    attributes text,
    source_value text,
    destination_value text,
    found bigint NOT NULL
);
CREATE INDEX difference_item ON difference (transfer_id, item_id);

CREATE TABLE event (
    id {id},
    at bigint NOT NULL,
    transfer_id bigint,
    item_id bigint,
    node_id bigint,
    worker_id bigint,
    kind text NOT NULL,
    text text
);
CREATE INDEX event_transfer ON event (transfer_id, id);

CREATE VIEW v_progress AS
SELECT t.name AS transfer, t.state, s.address AS source, d.address AS destination, t.method, t.verify,
    count(i.id) AS studies,
    coalesce(sum(CASE WHEN i.state = 'Waiting' THEN 1 ELSE 0 END), 0) AS waiting,
    coalesce(sum(CASE WHEN i.state = 'Running' THEN 1 ELSE 0 END), 0) AS running,
    coalesce(sum(CASE WHEN i.state = 'Transferred' THEN 1 ELSE 0 END), 0) AS transferred,
    coalesce(sum(CASE WHEN i.state = 'Done' THEN 1 ELSE 0 END), 0) AS done,
    coalesce(sum(CASE WHEN i.state = 'Differs' THEN 1 ELSE 0 END), 0) AS differs,
    coalesce(sum(CASE WHEN i.state = 'Failed' THEN 1 ELSE 0 END), 0) AS failed,
    coalesce(sum(CASE WHEN i.state = 'Skipped' THEN 1 ELSE 0 END), 0) AS skipped,
    coalesce(sum(CASE WHEN i.state = 'Cancelled' THEN 1 ELSE 0 END), 0) AS cancelled
FROM transfer t
JOIN node s ON s.id = t.source_id
JOIN node d ON d.id = t.destination_id
LEFT JOIN item i ON i.transfer_id = t.id
GROUP BY t.id, t.name, t.state, s.address, d.address, t.method, t.verify;

CREATE VIEW v_failed AS
SELECT t.name AS transfer, i.study_uid, i.patient_id, i.patient_name, i.study_date, i.modalities, i.state, i.attempts, i.error_kind,
    i.error, i.source_instances, i.destination_instances, {time:i.finished} AS finished
FROM item i
JOIN transfer t ON t.id = i.transfer_id
WHERE i.state IN ('Failed', 'Differs');
