-- Schedules: layers of turns, lowest first; overrides in order of creation. Policies: who is paged when nobody answers.

CREATE TABLE schedules (
    id {id} PRIMARY KEY,
    team_id {id} NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX schedules_team ON schedules (team_id);

CREATE TABLE schedule_layers (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    every {number} NOT NULL CHECK (every >= 1),
    -- wall times in the schedule's zone: YYYY-MM-DDTHH:MM
    start_at_wall TEXT NOT NULL,
    effective_from_wall TEXT,
    effective_until_wall TEXT,
    restrictions {json} NOT NULL,
    UNIQUE (schedule_id, position)
) {strict};

CREATE TABLE layer_turns (
    layer_id {id} NOT NULL REFERENCES schedule_layers (id) ON DELETE CASCADE,
    turn {number} NOT NULL,
    person_id {id} NOT NULL REFERENCES people (id),
    PRIMARY KEY (layer_id, turn, person_id)
) {strict};
CREATE INDEX layer_turns_person ON layer_turns (person_id);

CREATE TABLE schedule_overrides (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    person_id {id} NOT NULL REFERENCES people (id),
    with_person_id {id} REFERENCES people (id),
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id} REFERENCES people (id)
) {strict};
CREATE INDEX schedule_overrides_schedule ON schedule_overrides (schedule_id, to_at);

CREATE TABLE escalation_policies (
    id {id} PRIMARY KEY,
    team_id {id} NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    -- how often the whole policy is gone through again
    repeats {number} NOT NULL CHECK (repeats BETWEEN 0 AND 20),
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX escalation_policies_team ON escalation_policies (team_id);

CREATE TABLE policy_steps (
    id {id} PRIMARY KEY,
    policy_id {id} NOT NULL REFERENCES escalation_policies (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    -- how long this step has before the next one is paged
    delay_seconds {number} NOT NULL CHECK (delay_seconds BETWEEN 30 AND 86400),
    UNIQUE (policy_id, position)
) {strict};

CREATE TABLE policy_targets (
    step_id {id} NOT NULL REFERENCES policy_steps (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    person_id {id} REFERENCES people (id),
    schedule_id {id} REFERENCES schedules (id),
    PRIMARY KEY (step_id, position),
    CHECK ((person_id IS NULL) <> (schedule_id IS NULL))
) {strict};
