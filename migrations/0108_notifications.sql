-- Mails, and the lists of what was too much to go out one by one.

-- The outbox: mails wait here from the transaction that caused them until the mail server has answered.
CREATE TABLE mails (
    id {id} PRIMARY KEY,
    kind TEXT NOT NULL,
    person_id {id} REFERENCES people (id) ON DELETE CASCADE,
    incident_id {id} REFERENCES incidents (id) ON DELETE CASCADE,
    page_id {id} REFERENCES pages (id) ON DELETE CASCADE,
    to_address TEXT NOT NULL,
    to_name TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    -- Message-ID that the thread hangs on
    thread_id TEXT,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts {number} NOT NULL DEFAULT 0,
    next_attempt_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    settled_at {instant},
    -- what the mail server said last
    server_words TEXT,
    -- which run of the program is sending it
    claimed_by {id},
    -- 0 wakes somebody whom nobody paged a moment ago, 1 is another page or a list of them, 2 is all else; the lower one goes first
    urgency {number} NOT NULL DEFAULT 2
) {strict};
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX mails_person ON mails (person_id, created_at);
CREATE INDEX mails_page ON mails (page_id);
CREATE INDEX mails_created ON mails (created_at);
-- What did not go out.
CREATE INDEX mails_failed ON mails (settled_at) WHERE state = 'failed';
-- What is sent next, however much waits: the most urgent first, what was never tried before what was.
CREATE INDEX mails_next ON mails (urgency, (CASE WHEN attempts > 0 THEN 1 ELSE 0 END), next_attempt_at, to_address)
    WHERE state = 'waiting';
-- What is under way at any node.
CREATE INDEX mails_sending ON mails (claimed_by) WHERE state = 'sending';

-- What waits for a list, side by side for each person, so that many rows are quickly taken.
CREATE TABLE gathered_pages (
    page_id {id} NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    -- those of the page
    person_id {id} NOT NULL,
    created_at {instant} NOT NULL,
    incident_id {id} NOT NULL,
    PRIMARY KEY (person_id, created_at, page_id)
) {in_order};

-- Pages of a list that the mail server has not answered to.
CREATE TABLE listed_pages (
    mail_id {id} NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    page_id {id} NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    -- its policy is still to go on
    refused {flag} NOT NULL DEFAULT FALSE,
    PRIMARY KEY (mail_id, page_id)
) {in_order};
CREATE INDEX listed_pages_refused ON listed_pages (mail_id) WHERE refused;

-- The secret in a list's links, which name the incident beside it.
CREATE TABLE list_links (
    token_hash {bytes} PRIMARY KEY,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at {instant} NOT NULL
) {strict};

-- Notices to one person that were too many to go out one by one.
CREATE TABLE gathered_notices (
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    created_at {instant} NOT NULL,
    -- what is told of the incident, as a list has it
    words TEXT NOT NULL,
    -- null while it waits for a list
    listed_at {instant},
    PRIMARY KEY (person_id, incident_id, created_at, words)
) {in_order};
CREATE INDEX gathered_notices_waiting ON gathered_notices (person_id, created_at) WHERE listed_at IS NULL;
