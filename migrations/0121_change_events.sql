-- What was changed, as machines tell it: it pages nobody.

CREATE TABLE change_events (
    id {id} PRIMARY KEY,
    integration_id {id} NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    service_id {id} NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    received_at {instant} NOT NULL,
    summary TEXT NOT NULL,
    source TEXT,
    details {json} NOT NULL,
    links {json} NOT NULL
) {strict};
CREATE INDEX change_events_of_service ON change_events (service_id, at, id);
CREATE INDEX change_events_received ON change_events (received_at);
CREATE INDEX change_events_integration ON change_events (integration_id);
