-- Action items and the boards they lie on.

CREATE TABLE board_columns (
    id {id} PRIMARY KEY,
    team_id {id} NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position {number} NOT NULL,
    card_limit {number}
) {strict};
CREATE INDEX board_columns_team ON board_columns (team_id, position);

CREATE TABLE action_items (
    id {id} PRIMARY KEY,
    number {number} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    owner_id {id} REFERENCES people (id),
    team_id {id} NOT NULL REFERENCES teams (id),
    incident_id {id} NOT NULL REFERENCES incidents (id),
    postmortem_id {id} REFERENCES postmortems (id) ON DELETE SET NULL,
    named_factor_id {id} REFERENCES postmortem_factors (id) ON DELETE SET NULL,
    kind TEXT NOT NULL,
    priority TEXT NOT NULL,
    due_on {day},
    proof TEXT NOT NULL,
    state TEXT NOT NULL,
    declined_reason TEXT,
    column_id {id} NOT NULL REFERENCES board_columns (id),
    position {number} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id} REFERENCES people (id),
    state_changed_at {instant} NOT NULL
) {strict};
CREATE INDEX action_items_team ON action_items (team_id, state);
CREATE INDEX action_items_incident ON action_items (incident_id);
CREATE INDEX action_items_owner ON action_items (owner_id, due_on);

-- Each change of an action item, for its story and for how long it lay in which state.
CREATE TABLE action_item_changes (
    id {id} PRIMARY KEY,
    action_item_id {id} NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    actor_id {id} REFERENCES people (id),
    from_state TEXT,
    to_state TEXT NOT NULL
) {strict};
CREATE INDEX action_item_changes_item ON action_item_changes (action_item_id, at);

-- One reminder a person and day.
CREATE TABLE reminders (
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    day {day} NOT NULL,
    mailed_at {instant} NOT NULL,
    PRIMARY KEY (person_id, day)
) {strict};
