-- What incidents have to do with each other.

CREATE TABLE incident_links (
    -- the incident that is related to, caused by or a duplicate of the other
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    other_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    created_at {instant} NOT NULL,
    PRIMARY KEY (incident_id, other_id, kind)
) {strict};
CREATE INDEX incident_links_other ON incident_links (other_id);
