-- The pager measures itself: what it took in, and how soon the first page of each incident was accepted.

-- the first page (or pages, of one step) of its incident
ALTER TABLE pages ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
-- from due to what became of it; null until then
ALTER TABLE pages ADD COLUMN settled_after_ms INTEGER;
CREATE INDEX pages_first ON pages (created_at) WHERE is_first = 1;

CREATE TABLE ingest_hours (
    -- its beginning
    hour TEXT NOT NULL,
    -- one run of the program: nodes do not wait for each other's rows
    node BLOB NOT NULL,
    accepted INTEGER NOT NULL,
    -- answered that they could not be stored, or turned away because too many waited
    not_taken INTEGER NOT NULL,
    PRIMARY KEY (hour, node)
) STRICT;

-- Each node writes here now and then: whether the database can be written is only known by writing.
CREATE TABLE pulses (
    node BLOB PRIMARY KEY,
    beat_at TEXT NOT NULL
) STRICT;

-- which run of the program is sending it
ALTER TABLE mails ADD COLUMN claimed_by BLOB;
CREATE INDEX mails_created ON mails (created_at);
