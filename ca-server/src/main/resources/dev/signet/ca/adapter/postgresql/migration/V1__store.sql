-- Times are milliseconds since 1970-01-01T00:00Z. Hashes and serial numbers are lower-case hex. The same rules as in the
-- SQLite store, so that what one takes the other takes.

CREATE TABLE authority (
    key_id         TEXT    NOT NULL PRIMARY KEY,
    role           TEXT    NOT NULL CHECK (role IN ('ROOT', 'ISSUING')),
    state          TEXT    NOT NULL
        CHECK (state IN ('PREPARED', 'PUBLISHED', 'ACTIVE', 'RETIRING', 'RETIRED', 'TAINTED', 'REVOKED')),
    -- Of an issuing authority: which root signed it, and whose it is.
    root_key_id    TEXT,
    replica        TEXT    NOT NULL DEFAULT '',
    -- When it came to its state: the version and the revision by then.
    since_version  BIGINT  NOT NULL,
    since_revision BIGINT  NOT NULL,
    since_at       BIGINT  NOT NULL,
    forced         BOOLEAN NOT NULL DEFAULT FALSE,
    key_sha256     TEXT,
    certificate    BYTEA,
    created_at     BIGINT  NOT NULL,
    CHECK ((role = 'ROOT') = (root_key_id IS NULL)),
    -- One that was given up may never have had a key.
    CHECK (state IN ('PREPARED', 'RETIRED') OR (key_sha256 IS NOT NULL AND certificate IS NOT NULL))
);

CREATE UNIQUE INDEX authority_one_active_root ON authority (role) WHERE state = 'ACTIVE' AND role = 'ROOT';

CREATE UNIQUE INDEX authority_one_active_of_a_replica ON authority (replica) WHERE state = 'ACTIVE' AND role = 'ISSUING';

-- The one row of truth: version rises by one with each step, revision with each change of the set of roots. Who records what
-- is signed by a version holds the row FOR SHARE; who makes a step locks the table, so that a stream of such holders cannot
-- keep it out.
CREATE TABLE bundle (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version  BIGINT  NOT NULL,
    revision BIGINT  NOT NULL,
    paused   BOOLEAN NOT NULL
);

INSERT INTO bundle (id, version, revision, paused) VALUES (1, 0, 0, FALSE);

-- The CA's private keys, each sealed under the key-encryption key, which is not here: the text that a key's file would hold.
CREATE TABLE sealed_key (
    key_id TEXT  NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- One row for each certificate that was about to be signed. certificate_sha256 is the outcome; without it the
-- process ended before it was known, and the certificate may exist or not. Some room is left on each page, so that the
-- outcome is added without touching an index.
CREATE TABLE issuance (
    sequence            BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial              TEXT   NOT NULL UNIQUE,
    kind                TEXT   NOT NULL CHECK (kind IN ('ROOT', 'AUTHORITY', 'WORKLOAD', 'AGENT', 'SERVER')),
    spiffe_id           TEXT   NOT NULL,
    tbs_sha256          TEXT   NOT NULL,
    authority_key_id    TEXT   NOT NULL,
    not_before          BIGINT NOT NULL,
    not_after           BIGINT NOT NULL,
    recorded_at         BIGINT NOT NULL,
    -- GRANTED: the three facts agreed. OWN: the CA's own certificate.
    decision            TEXT   NOT NULL CHECK (decision IN ('GRANTED', 'OWN')),
    cluster             TEXT,
    namespace           TEXT,
    pod_name            TEXT,
    pod_uid             TEXT,
    service_account     TEXT,
    service_account_uid TEXT,
    node_name           TEXT,
    node_uid            TEXT,
    credential_id       TEXT,
    agent_pod_uid       TEXT,
    -- Who asked the API server about the pod's token: this CA, or the agent that asked for the SVID. NULL for the CA's own.
    review              TEXT,
    certificate_sha256  TEXT,
    CHECK (decision = 'OWN' OR (cluster IS NOT NULL AND pod_uid IS NOT NULL AND agent_pod_uid IS NOT NULL)),
    CHECK (decision = 'OWN' OR (review IS NOT NULL AND review IN ('CA_REVIEW', 'AGENT_REVIEW')))
) WITH (fillfactor = 80);

-- The latest recorded_at of each key, so that nobody searches for it.
CREATE TABLE last_signing (
    authority_key_id TEXT   NOT NULL PRIMARY KEY,
    recorded_at      BIGINT NOT NULL
);

CREATE TABLE live_agent (
    cluster       TEXT   NOT NULL,
    node_name     TEXT   NOT NULL,
    node_uid      TEXT   NOT NULL,
    pod_namespace TEXT   NOT NULL,
    pod_name      TEXT   NOT NULL,
    pod_uid       TEXT   NOT NULL,
    serial        TEXT   NOT NULL,
    not_after     BIGINT NOT NULL,
    PRIMARY KEY (cluster, node_name)
);

-- Kept for ever. version is that of the state after the step.
CREATE TABLE trust_step (
    version   BIGINT  NOT NULL PRIMARY KEY,
    at        BIGINT  NOT NULL,
    kind      TEXT    NOT NULL,
    key_id    TEXT,
    cluster   TEXT,
    node_name TEXT,
    who       TEXT    NOT NULL,
    why       TEXT    NOT NULL,
    overrides TEXT    NOT NULL
);

CREATE TABLE ban (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    who       TEXT    NOT NULL,
    why       TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    PRIMARY KEY (cluster, node_name)
);

-- How far each replica of the CA is.
CREATE TABLE replica (
    name      TEXT    NOT NULL PRIMARY KEY,
    version   BIGINT  NOT NULL,
    published BIGINT  NOT NULL,
    seen      BIGINT  NOT NULL
);

-- What each node's agent said of itself. full_at: when it last named all of its pods; 0 for never.
CREATE TABLE agent_evidence (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    revision  BIGINT  NOT NULL,
    replica   TEXT    NOT NULL,
    heard     BIGINT  NOT NULL,
    full_at   BIGINT  NOT NULL,
    PRIMARY KEY (cluster, node_name)
);

-- What it said of its pods, a row for each class; NONE stands for a pod of which it said only that it has it.
CREATE TABLE pod_evidence (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    pod_uid   TEXT    NOT NULL,
    evidence  TEXT    NOT NULL CHECK (evidence IN ('ACKNOWLEDGED', 'SENT', 'HELD', 'UNSEEN', 'NONE')),
    consumers INTEGER NOT NULL,
    revision  BIGINT  NOT NULL,
    serial    TEXT    NOT NULL,
    since     BIGINT  NOT NULL,
    PRIMARY KEY (cluster, node_name, pod_uid, evidence)
);

-- Pods whose volume is gone, until their last leaf has ended.
CREATE TABLE ended_pod (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    pod_uid   TEXT    NOT NULL,
    ended_at  BIGINT  NOT NULL,
    PRIMARY KEY (cluster, node_name, pod_uid)
);

-- Who may still hold a leaf. Rows come in the order of their end, or nearly so: they are added at its right edge.
CREATE INDEX issuance_workload_end ON issuance (not_after) WHERE kind = 'WORKLOAD';
