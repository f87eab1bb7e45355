-- Lists of pages that were too many to go out one by one; and ways to rows, so that nobody looks through all there ever were.

-- What waits for a list, side by side for each person, so that many rows are quickly taken.
CREATE TABLE gathered_pages (
    page_id UUID NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    -- those of the page
    person_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    incident_id UUID NOT NULL,
    PRIMARY KEY (person_id, created_at, page_id)
);
INSERT INTO gathered_pages SELECT id, person_id, created_at, incident_id FROM pages WHERE outcome = 'gathered' AND listed_at IS NULL;
DROP INDEX pages_gathered;
ALTER TABLE pages DROP COLUMN listed_at;

-- The secret in a list's links, which name the incident beside it.
CREATE TABLE list_links (
    token_hash BYTEA PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL
);

-- The end of an alert whose incident a person had ended before.
CREATE INDEX alerts_over ON alerts (integration_id, dedup_key) WHERE NOT open;
-- Whoever fills the index's list of what is not sorted in yet has to sort it in: a little at a time, since alerts wait for it.
ALTER INDEX incident_search_words SET (gin_pending_list_limit = 128);
