-- Turns that somebody asks others to take, or to swap for one of their own.

CREATE TABLE turn_requests (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    asked_by {id} NOT NULL REFERENCES people (id),
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    -- the turn that the asker takes instead, where it is a swap
    instead_from {instant},
    instead_to {instant},
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_by {id} REFERENCES people (id),
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX turn_requests_open ON turn_requests (schedule_id, to_at) WHERE state = 'open';

CREATE TABLE turn_request_links (
    token_hash {bytes} PRIMARY KEY,
    request_id {id} NOT NULL REFERENCES turn_requests (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE
) {strict};
CREATE INDEX turn_request_links_request ON turn_request_links (request_id);
