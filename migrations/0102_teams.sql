-- Teams and who is in them.

CREATE TABLE teams (
    id {id} PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at {instant} NOT NULL
) {strict};

CREATE TABLE team_members (
    team_id {id} NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, person_id)
) {strict};
CREATE INDEX team_members_person ON team_members (person_id);
