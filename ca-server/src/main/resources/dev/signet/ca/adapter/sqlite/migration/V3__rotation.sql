-- Several roots at once, one of which signs, and an issuing authority of each replica. What was made before is below the
-- one root there was, and of the one replica; it became what it is when it was made.
CREATE TABLE authority_3 (
    key_id         TEXT    NOT NULL PRIMARY KEY,
    role           TEXT    NOT NULL CHECK (role IN ('ROOT', 'ISSUING')),
    state          TEXT    NOT NULL
        CHECK (state IN ('PREPARED', 'PUBLISHED', 'ACTIVE', 'RETIRING', 'RETIRED', 'TAINTED', 'REVOKED')),
    -- Of an issuing authority: which root signed it, and whose it is.
    root_key_id    TEXT,
    replica        TEXT    NOT NULL DEFAULT '',
    -- When it came to its state: the version and the revision by then.
    since_version  INTEGER NOT NULL,
    since_revision INTEGER NOT NULL,
    since_at       INTEGER NOT NULL,
    forced         INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1)),
    key_sha256     TEXT,
    certificate    BLOB,
    created_at     INTEGER NOT NULL,
    CHECK ((role = 'ROOT') = (root_key_id IS NULL)),
    -- One that was given up may never have had a key.
    CHECK (state IN ('PREPARED', 'RETIRED') OR (key_sha256 IS NOT NULL AND certificate IS NOT NULL))
) STRICT;

INSERT INTO authority_3 (key_id, role, state, root_key_id, replica, since_version, since_revision, since_at, key_sha256,
                         certificate, created_at)
SELECT key_id,
       role,
       state,
       CASE role WHEN 'ISSUING' THEN (SELECT key_id FROM authority WHERE role = 'ROOT' AND state = 'ACTIVE') END,
       CASE role WHEN 'ISSUING' THEN 'replica-1' ELSE '' END,
       1,
       1,
       created_at,
       key_sha256,
       certificate,
       created_at
FROM authority;

DROP TABLE authority;

ALTER TABLE authority_3 RENAME TO authority;

CREATE UNIQUE INDEX authority_one_active_root ON authority (role) WHERE state = 'ACTIVE' AND role = 'ROOT';

CREATE UNIQUE INDEX authority_one_active_of_a_replica ON authority (replica) WHERE state = 'ACTIVE' AND role = 'ISSUING';

-- The one row of truth: version rises by one with each step, revision with each change of the set of roots.
ALTER TABLE bundle ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

ALTER TABLE bundle ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));

UPDATE bundle SET version = 1 WHERE revision > 0;

-- Kept for ever. version is that of the state after the step.
CREATE TABLE trust_step (
    version   INTEGER NOT NULL PRIMARY KEY,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    key_id    TEXT,
    cluster   TEXT,
    node_name TEXT,
    who       TEXT    NOT NULL,
    why       TEXT    NOT NULL,
    overrides TEXT    NOT NULL
) STRICT;

CREATE TABLE ban (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    who       TEXT    NOT NULL,
    why       TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (cluster, node_name)
) STRICT;

-- How far each replica of the CA is.
CREATE TABLE replica (
    name      TEXT    NOT NULL PRIMARY KEY,
    version   INTEGER NOT NULL,
    published INTEGER NOT NULL,
    seen      INTEGER NOT NULL
) STRICT;

-- What each node's agent said of itself. full_at: when it last named all of its pods; 0 for never.
CREATE TABLE agent_evidence (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    revision  INTEGER NOT NULL,
    replica   TEXT    NOT NULL,
    heard     INTEGER NOT NULL,
    full_at   INTEGER NOT NULL,
    PRIMARY KEY (cluster, node_name)
) STRICT, WITHOUT ROWID;

-- What it said of its pods, a row for each class; NONE stands for a pod of which it said only that it has it.
CREATE TABLE pod_evidence (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    pod_uid   TEXT    NOT NULL,
    evidence  TEXT    NOT NULL CHECK (evidence IN ('ACKNOWLEDGED', 'SENT', 'HELD', 'UNSEEN', 'NONE')),
    consumers INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    serial    TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    PRIMARY KEY (cluster, node_name, pod_uid, evidence)
) STRICT, WITHOUT ROWID;

-- Pods whose volume is gone, until their last leaf has ended.
CREATE TABLE ended_pod (
    cluster   TEXT    NOT NULL,
    node_name TEXT    NOT NULL,
    pod_uid   TEXT    NOT NULL,
    ended_at  INTEGER NOT NULL,
    PRIMARY KEY (cluster, node_name, pod_uid)
) STRICT, WITHOUT ROWID;

-- Who may still hold a leaf. Rows come in the order of their end, or nearly so: they are added at its right edge.
CREATE INDEX issuance_workload_end ON issuance (not_after) WHERE kind = 'WORKLOAD';
