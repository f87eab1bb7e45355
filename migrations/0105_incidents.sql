-- Incidents and their one event log.

CREATE TABLE incidents (
    id {id} PRIMARY KEY,
    number {number} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    severity {number} NOT NULL CHECK (severity BETWEEN 1 AND 5),
    state TEXT NOT NULL,
    team_id {id} NOT NULL REFERENCES teams (id),
    noticed_by TEXT NOT NULL,
    -- 'everybody', or later 'named' people only; each query that lists incidents asks it
    visibility TEXT NOT NULL DEFAULT 'everybody',
    -- what its alerts have in common; null when opened by hand
    integration_id {id} REFERENCES integrations (id) ON DELETE SET NULL,
    group_key TEXT,
    -- the highest seq of its timeline
    seq {number} NOT NULL,
    alerts_quiet {flag} NOT NULL,
    opened_at {instant} NOT NULL,
    impact_started_at {instant},
    detected_at {instant},
    acknowledged_at {instant},
    mitigated_at {instant},
    resolved_at {instant},
    -- whole seconds, stored when the transition happens
    seconds_to_acknowledge {number},
    seconds_to_mitigate {number},
    seconds_to_resolve {number},
    -- since when whoever has it has had it; the first time is acknowledged_at
    taken_at {instant}
) {strict};
CREATE UNIQUE INDEX incidents_one_open_group ON incidents (integration_id, group_key)
    WHERE state <> 'resolved' AND group_key IS NOT NULL;
CREATE INDEX incidents_listing ON incidents (state, opened_at);
CREATE INDEX incidents_team ON incidents (team_id);
-- The list: open ones first, then the newest.
CREATE INDEX incidents_in_order ON incidents ((CASE WHEN state = 'resolved' THEN 1 ELSE 0 END), number DESC);
CREATE INDEX incidents_open ON incidents (state, visibility) WHERE state <> 'resolved';

CREATE TABLE incident_services (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    service_id {id} NOT NULL REFERENCES services (id),
    PRIMARY KEY (incident_id, service_id)
) {strict};
CREATE INDEX incident_services_service ON incident_services (service_id);

CREATE TABLE incident_roles (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    person_id {id} NOT NULL REFERENCES people (id),
    taken_at {instant} NOT NULL,
    PRIMARY KEY (incident_id, role)
) {strict};

CREATE TABLE timeline (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    seq {number} NOT NULL,
    happened_at {instant} NOT NULL,
    recorded_at {instant} NOT NULL,
    actor_id {id} REFERENCES people (id),
    event {json} NOT NULL,
    -- the incident's state once this has happened
    state TEXT NOT NULL,
    PRIMARY KEY (incident_id, seq)
) {strict};
