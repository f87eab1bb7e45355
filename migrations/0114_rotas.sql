-- What rotas of every kind say: a weekly pattern of hand-offs, turns of nobody, turns that count open periods only, levels, a zone of
-- a layer's own; overrides of one layer, and those that leave nobody.

CREATE TABLE new_layers (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    name TEXT NOT NULL,
    -- either these two or moments of the week
    unit TEXT,
    every {number} CHECK (every >= 1),
    handoffs {json} NOT NULL,
    -- wall times in the layer's zone, which is the schedule's if it has none: YYYY-MM-DDTHH:MM
    start_at_wall TEXT NOT NULL,
    time_zone TEXT,
    counts TEXT NOT NULL,
    effective_from_wall TEXT,
    effective_until_wall TEXT,
    restrictions {json} NOT NULL,
    level {number} CHECK (level BETWEEN 0 AND 99),
    -- how many; one that has no people is a turn of nobody
    turns {number} NOT NULL CHECK (turns >= 1),
    UNIQUE (schedule_id, position)
) {strict};

CREATE TABLE new_turns (
    layer_id {id} NOT NULL REFERENCES new_layers (id) ON DELETE CASCADE,
    turn {number} NOT NULL,
    person_id {id} NOT NULL REFERENCES people (id),
    PRIMARY KEY (layer_id, turn, person_id)
) {strict};

CREATE TABLE new_overrides (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    -- the one that it changes; without, it changes what comes out of all
    layer_id {id} REFERENCES new_layers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    person_id {id} REFERENCES people (id),
    with_person_id {id} REFERENCES people (id),
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    -- among those created at the same instant
    position {number} NOT NULL,
    created_by {id} REFERENCES people (id)
) {strict};

INSERT INTO new_layers (id, schedule_id, position, name, unit, every, handoffs, start_at_wall, counts, effective_from_wall,
    effective_until_wall, restrictions, turns)
SELECT l.id, l.schedule_id, l.position, l.name, l.unit, l.every, '[]', l.start_at_wall, 'all', l.effective_from_wall,
    l.effective_until_wall, l.restrictions, COALESCE((SELECT MAX(t.turn) + 1 FROM layer_turns t WHERE t.layer_id = l.id), 1)
FROM schedule_layers l;
INSERT INTO new_turns (layer_id, turn, person_id) SELECT layer_id, turn, person_id FROM layer_turns;
INSERT INTO new_overrides (id, schedule_id, kind, person_id, with_person_id, from_at, to_at, created_at, position, created_by)
SELECT id, schedule_id, kind, person_id, with_person_id, from_at, to_at, created_at, 0, created_by FROM schedule_overrides;

DROP TABLE schedule_overrides;
DROP TABLE layer_turns;
DROP TABLE schedule_layers;
ALTER TABLE new_layers RENAME TO schedule_layers;
ALTER TABLE new_turns RENAME TO layer_turns;
ALTER TABLE new_overrides RENAME TO schedule_overrides;
CREATE INDEX layer_turns_person ON layer_turns (person_id);
CREATE INDEX schedule_overrides_schedule ON schedule_overrides (schedule_id, to_at);
CREATE INDEX schedule_overrides_layer ON schedule_overrides (layer_id);
