-- What a board's columns mean, and what an action item has beside its promise.

-- States that the cards of a column are in, the one first that a card gets when it is moved there; of none, a card keeps its own.
ALTER TABLE board_columns ADD COLUMN states {json} NOT NULL DEFAULT '[]';
UPDATE board_columns SET states = '["proposed"]' WHERE name = 'To triage';
UPDATE board_columns SET states = '["accepted"]' WHERE name = 'To do';
UPDATE board_columns SET states = '["doing","blocked"]' WHERE name = 'Doing';
UPDATE board_columns SET states = '["done","verified"]' WHERE name = 'Done';

ALTER TABLE action_items ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- Where the work itself is followed: any address.
ALTER TABLE action_items ADD COLUMN tracker TEXT NOT NULL DEFAULT '';
ALTER TABLE action_items ADD COLUMN size TEXT;

CREATE TABLE action_item_comments (
    id {id} PRIMARY KEY,
    action_item_id {id} NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    author_id {id} REFERENCES people (id),
    body TEXT NOT NULL
) {strict};
CREATE INDEX action_item_comments_item ON action_item_comments (action_item_id, at);

-- That it worked, as somebody else than its owner says, and what shows it.
CREATE TABLE action_item_verifications (
    id {id} PRIMARY KEY,
    action_item_id {id} NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    verified_by {id} REFERENCES people (id),
    evidence TEXT NOT NULL,
    words TEXT NOT NULL
) {strict};
CREATE INDEX action_item_verifications_item ON action_item_verifications (action_item_id, at);

-- One list of a team's week a person and Monday.
CREATE TABLE team_weeks (
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    day {day} NOT NULL,
    mailed_at {instant} NOT NULL,
    PRIMARY KEY (person_id, day)
) {strict};
