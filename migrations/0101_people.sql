-- People, their sessions and the links mailed to them.

CREATE TABLE people (
    id {id} PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- argon2id in PHC form; null until an invitation is accepted
    password_hash TEXT,
    created_at {instant} NOT NULL,
    deactivated_at {instant}
) {strict};
CREATE UNIQUE INDEX people_email ON people (lower(email));

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token
    token_hash {bytes} PRIMARY KEY,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at {instant} NOT NULL,
    last_seen_at {instant} NOT NULL,
    expires_at {instant} NOT NULL,
    user_agent TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE mailed_links (
    token_hash {bytes} PRIMARY KEY,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    created_at {instant} NOT NULL,
    expires_at {instant} NOT NULL,
    used_at {instant}
) {strict};
CREATE INDEX mailed_links_person ON mailed_links (person_id);

-- Failed log-ins, counted per account and per address.
CREATE TABLE login_failures (
    id {id} PRIMARY KEY,
    subject TEXT NOT NULL,
    at {instant} NOT NULL
) {strict};
CREATE INDEX login_failures_subject ON login_failures (subject, at);
