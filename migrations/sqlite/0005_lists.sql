-- Lists of pages that were too many to go out one by one; and ways to rows, so that nobody looks through all there ever were.

-- What waits for a list, side by side for each person, so that many rows are quickly taken.
CREATE TABLE gathered_pages (
    page_id BLOB NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    -- those of the page
    person_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    incident_id BLOB NOT NULL,
    PRIMARY KEY (person_id, created_at, page_id)
) STRICT, WITHOUT ROWID;
INSERT INTO gathered_pages SELECT id, person_id, created_at, incident_id FROM pages WHERE outcome = 'gathered' AND listed_at IS NULL;
DROP INDEX pages_gathered;
ALTER TABLE pages DROP COLUMN listed_at;

-- The secret in a list's links, which name the incident beside it.
CREATE TABLE list_links (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL
) STRICT;

-- As the pager's own measure asks for them.
DROP INDEX pages_first;
CREATE INDEX pages_first ON pages (created_at) WHERE is_first;
-- The end of an alert whose incident a person had ended before.
CREATE INDEX alerts_over ON alerts (integration_id, dedup_key) WHERE NOT open;
