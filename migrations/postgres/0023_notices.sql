-- Notices to one person that were too many to go out one by one.
CREATE TABLE gathered_notices (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    -- what is told of the incident, as a list has it
    words TEXT NOT NULL,
    -- null while it waits for a list
    listed_at TIMESTAMPTZ,
    PRIMARY KEY (person_id, incident_id, created_at, words)
);
CREATE INDEX gathered_notices_waiting ON gathered_notices (person_id, created_at) WHERE listed_at IS NULL;
