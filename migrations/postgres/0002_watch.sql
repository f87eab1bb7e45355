-- The pager measures itself: what it took in, and how soon the first page of each incident was accepted.

-- the first page (or pages, of one step) of its incident
ALTER TABLE pages ADD COLUMN is_first BOOLEAN NOT NULL DEFAULT FALSE;
-- from due to what became of it; null until then
ALTER TABLE pages ADD COLUMN settled_after_ms BIGINT;
CREATE INDEX pages_first ON pages (created_at) WHERE is_first;

CREATE TABLE ingest_hours (
    -- its beginning
    hour TIMESTAMPTZ NOT NULL,
    -- one run of the program: nodes do not wait for each other's rows
    node UUID NOT NULL,
    accepted BIGINT NOT NULL,
    -- answered that they could not be stored, or turned away because too many waited
    not_taken BIGINT NOT NULL,
    PRIMARY KEY (hour, node)
);

-- Each node writes here now and then: whether the database can be written is only known by writing.
CREATE TABLE pulses (
    node UUID PRIMARY KEY,
    beat_at TIMESTAMPTZ NOT NULL
);

-- which run of the program is sending it
ALTER TABLE mails ADD COLUMN claimed_by UUID;
CREATE INDEX mails_created ON mails (created_at);
