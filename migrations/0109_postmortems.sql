-- Postmortems: sections with each of their texts, and contributing factors.

CREATE TABLE postmortems (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL UNIQUE REFERENCES incidents (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id} REFERENCES people (id),
    published_at {instant}
) {strict};

CREATE TABLE postmortem_sections (
    postmortem_id {id} NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    revision {number} NOT NULL,
    updated_at {instant} NOT NULL,
    updated_by {id} REFERENCES people (id),
    PRIMARY KEY (postmortem_id, section)
) {strict};

CREATE TABLE postmortem_revisions (
    id {id} PRIMARY KEY,
    postmortem_id {id} NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    based_on {number} NOT NULL,
    -- the revision it became; null while it waits beside a text saved before it
    became {number},
    author_id {id} REFERENCES people (id),
    created_at {instant} NOT NULL,
    -- a text that was saved beside another one, or in whose place another one was put, waits until somebody puts it away
    waits_since {instant},
    put_away_at {instant}
) {strict};
CREATE INDEX postmortem_revisions_section ON postmortem_revisions (postmortem_id, section, created_at);
CREATE INDEX postmortem_revisions_waiting ON postmortem_revisions (postmortem_id) WHERE waits_since IS NOT NULL;

CREATE TABLE factors (
    id {id} PRIMARY KEY,
    name TEXT NOT NULL,
    created_at {instant} NOT NULL
) {strict};
CREATE UNIQUE INDEX factors_name ON factors (lower(name));

CREATE TABLE postmortem_factors (
    id {id} PRIMARY KEY,
    postmortem_id {id} NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    factor_id {id} NOT NULL REFERENCES factors (id),
    words TEXT NOT NULL,
    position {number} NOT NULL,
    UNIQUE (postmortem_id, factor_id)
) {strict};
CREATE INDEX postmortem_factors_factor ON postmortem_factors (factor_id);
