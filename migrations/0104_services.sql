-- What teams run, how alerts of it come in, and what came in, exactly as it came.

CREATE TABLE services (
    id {id} PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    team_id {id} NOT NULL REFERENCES teams (id),
    policy_id {id} REFERENCES escalation_policies (id),
    default_severity {number} NOT NULL CHECK (default_severity BETWEEN 1 AND 5),
    page_from {number} NOT NULL CHECK (page_from BETWEEN 1 AND 5),
    resolves_with_alerts {flag} NOT NULL,
    created_at {instant} NOT NULL,
    -- A repeat reminds whoever has an incident when its acknowledgement is as old as that; 0 never does.
    remind_after_seconds {number} NOT NULL DEFAULT 14400
) {strict};
CREATE INDEX services_team ON services (team_id);

CREATE TABLE integrations (
    id {id} PRIMARY KEY,
    service_id {id} NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at {instant} NOT NULL,
    revoked_at {instant}
) {strict};
CREATE INDEX integrations_service ON integrations (service_id);

CREATE TABLE integration_secrets (
    -- SHA-256 of the secret in the URL or of the routing key
    secret_hash {bytes} PRIMARY KEY,
    integration_id {id} NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    -- its last four characters, to tell one from another
    hint TEXT NOT NULL,
    created_at {instant} NOT NULL,
    -- set when it was replaced; it works until then
    expires_at {instant},
    -- to the minute: a replaced one that is still used is named with it
    last_used_at {instant}
) {strict};
CREATE INDEX integration_secrets_integration ON integration_secrets (integration_id);

CREATE TABLE payloads (
    id {id} PRIMARY KEY,
    integration_id {id} NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    received_at {instant} NOT NULL,
    body {bytes} NOT NULL,
    -- null when it was handled; else the fault of ours that a bare incident was opened for
    fault TEXT
) {strict};
CREATE INDEX payloads_received ON payloads (received_at);
CREATE INDEX payloads_integration ON payloads (integration_id, received_at);
-- Page by page; their ids are in the order of their coming.
CREATE INDEX payloads_listed ON payloads (integration_id, id);

CREATE TABLE refusals (
    id {id} PRIMARY KEY,
    integration_id {id} NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    status {number} NOT NULL,
    reason TEXT NOT NULL
) {strict};
CREATE INDEX refusals_integration ON refusals (integration_id, at);

CREATE TABLE ingest_hours (
    -- its beginning
    hour {instant} NOT NULL,
    -- one run of the program: nodes do not wait for each other's rows
    node {id} NOT NULL,
    accepted {number} NOT NULL,
    -- answered that they could not be stored, or turned away because too many waited
    not_taken {number} NOT NULL,
    PRIMARY KEY (hour, node)
) {strict};
