-- What somebody is to do during an incident, with a tick.
CREATE TABLE tasks (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    added_at {instant} NOT NULL,
    done_at {instant},
    done_by {id} REFERENCES people (id),
    -- The action item that was made of it: it is for later.
    action_item {number}
) {strict};
CREATE INDEX tasks_incident ON tasks (incident_id, added_at);
