-- Who is mailed an incident's status updates, since they asked for it.
CREATE TABLE followers (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (incident_id, person_id)
) {strict};
