-- Private calendars of turns: each has a secret in its address, kept as a hash, and can be revoked.

CREATE TABLE calendar_feeds (
    id {id} PRIMARY KEY,
    token_hash {bytes} NOT NULL UNIQUE,
    -- whose it is; of nothing else, it is that person's own turns
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    schedule_id {id} REFERENCES schedules (id) ON DELETE CASCADE,
    team_id {id} REFERENCES teams (id),
    created_at {instant} NOT NULL,
    read_at {instant}
) {strict};
CREATE INDEX calendar_feeds_person ON calendar_feeds (person_id);
