-- What becomes of entries of a timeline after they were written, and the latest status update.

ALTER TABLE timeline ADD COLUMN edited_at {instant};
ALTER TABLE timeline ADD COLUMN pinned_at {instant};

-- Texts as they were before they were edited.
CREATE TABLE timeline_texts (
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    seq {number} NOT NULL,
    -- 1 for the first text, 2 for the one after it …
    version {number} NOT NULL,
    text TEXT NOT NULL,
    replaced_at {instant} NOT NULL,
    PRIMARY KEY (incident_id, seq, version)
) {strict};

-- The latest status update of each incident, and when the next one is due.
CREATE TABLE status_updates (
    incident_id {id} PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    seq {number} NOT NULL,
    next_due_at {instant},
    reminded_at {instant}
) {strict};
CREATE INDEX status_updates_due ON status_updates (next_due_at) WHERE reminded_at IS NULL AND next_due_at IS NOT NULL;
