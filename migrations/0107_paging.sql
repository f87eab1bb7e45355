-- How far each incident has come in its policy, who was paged, and the links by which they acknowledge.

CREATE TABLE escalations (
    incident_id {id} PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    policy_id {id} NOT NULL REFERENCES escalation_policies (id),
    round {number} NOT NULL,
    step {number} NOT NULL,
    state TEXT NOT NULL,
    -- when the next step is due; null where none is
    next_at {instant},
    started_at {instant} NOT NULL,
    -- the policy was changed while it pages: the incident is looked at again, for people who are new in it
    policy_changed {flag} NOT NULL DEFAULT FALSE
) {strict};
-- A policy that ran out by refusals alone is due again, too.
CREATE INDEX escalations_due ON escalations (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX escalations_changed ON escalations (incident_id) WHERE policy_changed;

CREATE TABLE pages (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id),
    step {number} NOT NULL,
    round {number} NOT NULL,
    outcome TEXT NOT NULL,
    created_at {instant} NOT NULL,
    settled_at {instant},
    server_words TEXT,
    -- the first page (or pages, of one step) of its incident
    is_first {flag} NOT NULL DEFAULT FALSE,
    -- from due to what became of it; null until then
    settled_after_ms {number},
    -- the incident's severity at the time, and why the person was paged
    severity {number},
    reason TEXT
) {strict};
CREATE INDEX pages_incident ON pages (incident_id);
-- How many somebody got in the last minutes, and how bad the worst was, from the index alone.
CREATE INDEX pages_person ON pages (person_id, created_at, severity);
-- As the pager's own measure asks for them.
CREATE INDEX pages_first ON pages (created_at) WHERE is_first;

CREATE TABLE acknowledgement_links (
    token_hash {bytes} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at {instant} NOT NULL
) {strict};
