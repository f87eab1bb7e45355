-- A service pages by other policies for some severities and hours; an acknowledgement may run out, and may need everybody of a step.

CREATE TABLE routing_rules (
    service_id {id} NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    policy_id {id} NOT NULL REFERENCES escalation_policies (id),
    -- this one and worse; null is any
    severity {number} CHECK (severity BETWEEN 1 AND 5),
    -- always, within or outside
    hours TEXT NOT NULL,
    -- none with always: the windows, and the clock that they are read on
    windows {json} NOT NULL,
    time_zone TEXT,
    PRIMARY KEY (service_id, position)
) {strict};
CREATE INDEX routing_rules_policy ON routing_rules (policy_id);

-- null: it holds for good
ALTER TABLE escalation_policies ADD COLUMN acknowledged_for_seconds {number};
ALTER TABLE policy_steps ADD COLUMN all_acknowledge {flag} NOT NULL DEFAULT FALSE;

-- Of an incident that is acknowledged: when that is over, and when whoever has it is asked about it.
ALTER TABLE escalations ADD COLUMN held_until {instant};
ALTER TABLE escalations ADD COLUMN holder_asked_at {instant};
CREATE INDEX escalations_held ON escalations (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX escalations_asked ON escalations (holder_asked_at) WHERE holder_asked_at IS NOT NULL;

-- Who has acknowledged of those who all have to.
CREATE TABLE step_acknowledgements (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id),
    at {instant} NOT NULL,
    PRIMARY KEY (incident_id, person_id)
) {strict};
CREATE INDEX step_acknowledgements_person ON step_acknowledgements (person_id);
