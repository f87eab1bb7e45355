-- Calendars that people and teams have elsewhere: when somebody is away, and which days are holidays.

CREATE TABLE read_calendars (
    id {id} PRIMARY KEY,
    -- whose it is: of one of the two
    person_id {id} REFERENCES people (id) ON DELETE CASCADE,
    team_id {id} REFERENCES teams (id) ON DELETE CASCADE,
    -- where it is read, sealed, since such an address opens the calendar to whoever has it; its host alone is shown
    address {bytes},
    host TEXT,
    -- or a file, and of its text what is needed to read it again
    file_name TEXT,
    text TEXT,
    created_at {instant} NOT NULL,
    -- what the other side said of its version, to be asked whether it is another one; and when its text was read last
    etag TEXT,
    last_modified TEXT,
    text_read_at {instant},
    -- read well the last time; to be read the next time
    read_at {instant},
    next_at {instant} NOT NULL,
    -- since when it cannot be read, why, how often in a row, and whether whoever it is of was told
    failing_since {instant},
    problem TEXT,
    failures {number} NOT NULL DEFAULT 0,
    told_at {instant},
    works_again_at {instant},
    -- events that say of no time, and those that are marked as free
    skipped {number} NOT NULL DEFAULT 0,
    free {number} NOT NULL DEFAULT 0,
    CHECK ((person_id IS NULL) <> (team_id IS NULL)),
    CHECK ((address IS NULL) <> (text IS NULL))
) {strict};
CREATE INDEX read_calendars_next ON read_calendars (next_at);
CREATE INDEX read_calendars_person ON read_calendars (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX read_calendars_team ON read_calendars (team_id) WHERE team_id IS NOT NULL;

-- When somebody is away; what it is called there is nobody's business.
CREATE TABLE absences (
    calendar_id {id} NOT NULL REFERENCES read_calendars (id) ON DELETE CASCADE,
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    PRIMARY KEY (calendar_id, from_at)
) {strict};

CREATE TABLE holidays (
    calendar_id {id} NOT NULL REFERENCES read_calendars (id) ON DELETE CASCADE,
    day {day} NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (calendar_id, day)
) {strict};
