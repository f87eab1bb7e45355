-- Who was asked to take an incident over, until they answer or their time is over.
CREATE TABLE handovers (
    incident_id {id} PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    from_id {id} NOT NULL REFERENCES people (id),
    -- A person, a schedule or a team, by its name then.
    whom TEXT NOT NULL,
    -- Those who were paged for it: any of them may accept.
    asked {json} NOT NULL,
    due_at {instant} NOT NULL
) {strict};
CREATE INDEX handovers_due ON handovers (due_at);
