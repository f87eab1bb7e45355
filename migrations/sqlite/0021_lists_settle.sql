-- What a page told, and what became of lists of pages.

-- the incident's severity at the time, and why the person was paged
ALTER TABLE pages ADD COLUMN severity INTEGER;
ALTER TABLE pages ADD COLUMN reason TEXT;
-- How many somebody got in the last minutes, and how bad the worst was, from the index alone.
DROP INDEX pages_person;
CREATE INDEX pages_person ON pages (person_id, created_at, severity);

-- Pages of a list that the mail server has not answered to.
CREATE TABLE listed_pages (
    mail_id BLOB NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    page_id BLOB NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    incident_id BLOB NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    -- its policy is still to go on
    refused INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mail_id, page_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_pages_refused ON listed_pages (mail_id) WHERE refused;
-- Until now a list was taken for told once it was written.
UPDATE pages SET settled_at = created_at WHERE outcome = 'gathered' AND id NOT IN (SELECT page_id FROM gathered_pages);
