-- What fires, and the incident that it belongs to.

CREATE TABLE alerts (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    integration_id {id} REFERENCES integrations (id) ON DELETE SET NULL,
    service_id {id} NOT NULL REFERENCES services (id),
    dedup_key TEXT NOT NULL,
    title TEXT NOT NULL,
    severity {number} NOT NULL CHECK (severity BETWEEN 1 AND 5),
    severity_word TEXT,
    status TEXT NOT NULL,
    -- whether a further event with this key belongs to it
    open {flag} NOT NULL,
    labels {json} NOT NULL,
    link TEXT,
    started_at {instant} NOT NULL,
    ended_at {instant},
    times_received {number} NOT NULL,
    last_received_at {instant} NOT NULL,
    -- what a source says of it at length, and the places it names
    annotations {json} NOT NULL DEFAULT '{}',
    links {json} NOT NULL DEFAULT '[]',
    -- stands for all of its words: a repeat that says the same changes nothing
    words {number} NOT NULL DEFAULT 0
) {strict};
CREATE UNIQUE INDEX alerts_one_open_key ON alerts (integration_id, dedup_key) WHERE open;
-- The end of an alert whose incident a person had ended before.
CREATE INDEX alerts_over ON alerts (integration_id, dedup_key) WHERE NOT open;
-- Those whose words are found by, the first ones.
CREATE INDEX alerts_of_incident ON alerts (incident_id, started_at);
-- As they are shown, and counted.
CREATE INDEX alerts_shown ON alerts (incident_id, (CASE WHEN status = 'resolved' THEN 1 ELSE 0 END), started_at DESC);
-- Whether one of them is open still.
CREATE INDEX alerts_open ON alerts (incident_id) WHERE open;
