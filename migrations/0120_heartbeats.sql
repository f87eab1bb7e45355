-- What an address says of a request, where that is part of what it tells; and what says now and then that it lives.

ALTER TABLE payloads ADD COLUMN address TEXT;

CREATE TABLE heartbeats (
    integration_id {id} NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    last_heard_at {instant} NOT NULL,
    PRIMARY KEY (integration_id, name)
) {strict};
