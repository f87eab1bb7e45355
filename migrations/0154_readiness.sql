-- What stands in the way of on call, and that its team was told of; each is told once.

CREATE TABLE readiness_told (
    team_id {id} NOT NULL REFERENCES teams (id),
    -- what it is, in a word that stays the same for the same
    concern TEXT NOT NULL,
    told_at {instant} NOT NULL,
    PRIMARY KEY (team_id, concern)
) {strict};
