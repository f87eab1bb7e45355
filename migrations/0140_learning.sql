-- What figures of learning need and nobody could rebuild later: who changed what of a promise, of a document, of a factor, and when.

-- A change of an action item that is not its state: its day, owner, team, column, kind or factor. What is stored is what was in the row.
CREATE TABLE action_item_edits (
    id {id} PRIMARY KEY,
    action_item_id {id} NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    actor_id {id} REFERENCES people (id),
    field TEXT NOT NULL,
    was TEXT,
    became TEXT,
    why TEXT
) {strict};
CREATE INDEX action_item_edits_item ON action_item_edits (action_item_id, at);

-- The states of a document; each publication keeps its day.
CREATE TABLE postmortem_changes (
    id {id} PRIMARY KEY,
    postmortem_id {id} NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    actor_id {id} REFERENCES people (id),
    from_state TEXT,
    to_state TEXT NOT NULL
) {strict};
CREATE INDEX postmortem_changes_postmortem ON postmortem_changes (postmortem_id, at);
-- Documents from before are carried over as far as is known: by their own id the last publication, by that of their incident the start.
INSERT INTO postmortem_changes (id, postmortem_id, at, actor_id, from_state, to_state)
    SELECT incident_id, id, created_at, created_by, NULL, 'draft' FROM postmortems;
INSERT INTO postmortem_changes (id, postmortem_id, at, actor_id, from_state, to_state)
    SELECT id, id, published_at, NULL, 'in_review', 'published' FROM postmortems WHERE published_at IS NOT NULL;

-- What became of a factor: named, said otherwise or removed in a document; renamed or merged for all.
CREATE TABLE factor_changes (
    id {id} PRIMARY KEY,
    factor_id {id} NOT NULL REFERENCES factors (id),
    postmortem_id {id} REFERENCES postmortems (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    actor_id {id} REFERENCES people (id),
    what TEXT NOT NULL,
    was TEXT,
    became TEXT
) {strict};
CREATE INDEX factor_changes_factor ON factor_changes (factor_id, at);

-- It is the other one; taken back, it is its own again.
ALTER TABLE factors ADD COLUMN merged_into {id} REFERENCES factors (id);

-- Which services an incident was about when it was resolved.
CREATE TABLE resolved_services (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    service_id {id} NOT NULL REFERENCES services (id),
    PRIMARY KEY (incident_id, service_id)
) {strict};

-- How it came about that a factor was met again, as a person says it.
CREATE TABLE came_back_verdicts (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    factor_id {id} NOT NULL REFERENCES factors (id),
    verdict TEXT NOT NULL,
    words TEXT NOT NULL,
    said_by {id} REFERENCES people (id),
    said_at {instant} NOT NULL,
    PRIMARY KEY (incident_id, factor_id)
) {strict};
