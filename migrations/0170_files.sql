-- Images and files beside what people write of an incident.

CREATE TABLE files (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    -- The entry of the timeline that it came with; null in a postmortem, and until a text names it.
    seq {number},
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size {number} NOT NULL,
    added_by {id} REFERENCES people (id),
    added_at {instant} NOT NULL,
    -- When a text that was saved named it first; what none names is taken away.
    used_at {instant},
    content {bytes} NOT NULL,
    -- Smaller, where the image is large.
    preview_kind TEXT,
    preview {bytes}
) {strict};
CREATE INDEX files_incident ON files (incident_id, seq);
CREATE INDEX files_unused ON files (added_at) WHERE used_at IS NULL;
