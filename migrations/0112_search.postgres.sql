-- Words of an incident (number, title, services, labels), one row each.

CREATE TABLE incident_search (
    number BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
-- Whoever fills the index's list of what is not sorted in yet has to sort it in: a little at a time, since alerts wait for it.
CREATE INDEX incident_search_words ON incident_search USING gin (words) WITH (gin_pending_list_limit = 128);
