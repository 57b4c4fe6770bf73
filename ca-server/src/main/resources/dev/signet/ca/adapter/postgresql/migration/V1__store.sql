-- Times are milliseconds since 1970-01-01T00:00Z. Hashes and serial numbers are lower-case hex. The same rules as in the
-- SQLite store, so that what one takes the other takes.

CREATE TABLE authority (
    key_id      TEXT   NOT NULL PRIMARY KEY,
    role        TEXT   NOT NULL CHECK (role IN ('ROOT', 'ISSUING')),
    state       TEXT   NOT NULL CHECK (state IN ('PREPARED', 'ACTIVE', 'RETIRED')),
    key_sha256  TEXT,
    certificate BYTEA,
    created_at  BIGINT NOT NULL,
    CHECK (state = 'PREPARED' OR (key_sha256 IS NOT NULL AND certificate IS NOT NULL))
);

CREATE UNIQUE INDEX authority_one_active ON authority (role) WHERE state = 'ACTIVE';

CREATE TABLE bundle (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    revision BIGINT  NOT NULL
);

INSERT INTO bundle (id, revision) VALUES (1, 0);

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
