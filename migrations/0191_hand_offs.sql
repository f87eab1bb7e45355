-- Whoever comes on call is told before and when it begins, says that they can be reached, and reads what the one before left.

-- Hours before a turn; 0: no mail before it.
ALTER TABLE people ADD COLUMN shift_mail_hours {number} NOT NULL DEFAULT 12;
-- Those that were there before tell nobody until somebody wants it.
ALTER TABLE schedules ADD COLUMN tells_hand_offs {flag} NOT NULL DEFAULT FALSE;

CREATE TABLE hand_offs (
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    -- when they were told of it before, and that it begins
    ahead_at {instant},
    begun_at {instant},
    -- of the link in that mail
    token_hash {bytes} UNIQUE,
    -- when they said that they can be reached, or the team was told that they did not
    reached_at {instant},
    team_told_at {instant},
    PRIMARY KEY (schedule_id, person_id, from_at)
) {strict};
CREATE INDEX hand_offs_over ON hand_offs (to_at);
CREATE INDEX hand_offs_person ON hand_offs (person_id);
CREATE INDEX hand_offs_unanswered ON hand_offs (begun_at) WHERE begun_at IS NOT NULL AND reached_at IS NULL AND team_told_at IS NULL;

-- What whoever goes off call leaves for whoever comes on; the latest.
CREATE TABLE hand_off_notes (
    schedule_id {id} PRIMARY KEY REFERENCES schedules (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    written_at {instant} NOT NULL
) {strict};
CREATE INDEX hand_off_notes_person ON hand_off_notes (person_id);
