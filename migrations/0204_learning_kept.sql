-- What was promised, decided and said stays known when something is removed, merged or said anew.

-- A factor that a document names no more keeps its words and what its action items answered; named again, it is the same row.
ALTER TABLE postmortem_factors ADD COLUMN removed_at {instant};

-- Which factor it was said to be; `merged_into` is where that leads in the end. So each merge is undone by itself.
ALTER TABLE factors ADD COLUMN merged_with {id} REFERENCES factors (id);
UPDATE factors SET merged_with = merged_into;

-- Why it was declined stays with that step, whatever it becomes later.
ALTER TABLE action_item_changes ADD COLUMN reason TEXT;
UPDATE action_item_changes SET reason = (SELECT a.declined_reason FROM action_items a WHERE a.id = action_item_changes.action_item_id)
    WHERE to_state = 'declined' AND at = (SELECT a.state_changed_at FROM action_items a WHERE a.id = action_item_changes.action_item_id);

-- What was said of a factor that came back before somebody said it anew.
CREATE TABLE earlier_verdicts (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    factor_id {id} NOT NULL REFERENCES factors (id),
    verdict TEXT NOT NULL,
    words TEXT NOT NULL,
    said_by {id} REFERENCES people (id),
    said_at {instant} NOT NULL
) {strict};
CREATE INDEX earlier_verdicts_incident ON earlier_verdicts (incident_id, factor_id);

-- What was over before services were kept with the resolution is carried over as it stands.
INSERT INTO resolved_services (incident_id, service_id)
    SELECT l.incident_id, l.service_id FROM incident_services l JOIN incidents i ON i.id = l.incident_id
    WHERE i.state = 'resolved' AND NOT EXISTS (SELECT 1 FROM resolved_services r WHERE r.incident_id = i.id);

-- Owners are asked how a factor came back after the action item was done: once each, about documents that left their draft.
CREATE TABLE owners_to_ask (
    incident_id {id} PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    since {instant} NOT NULL
) {strict};
CREATE TABLE came_back_asked (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    action_item_id {id} NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    asked_at {instant} NOT NULL,
    PRIMARY KEY (incident_id, action_item_id)
) {strict};

-- What answers a factor is found from where it was named.
CREATE INDEX action_items_named_factor ON action_items (named_factor_id);
