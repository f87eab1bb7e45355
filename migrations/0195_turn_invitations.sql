-- Turns as invitations: whoever wants them gets a mail for each turn that a calendar program reads, and one more when it changes.

ALTER TABLE people ADD COLUMN turn_invitations {flag} NOT NULL DEFAULT FALSE;
CREATE INDEX people_turn_invitations ON people (id) WHERE turn_invitations;
-- iCalendar that goes with a mail.
ALTER TABLE notifications ADD COLUMN calendar TEXT;

CREATE TABLE turn_invitations (
    id {id} PRIMARY KEY,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- may be gone: what was said of it has to be taken back all the same
    schedule_id {id} NOT NULL,
    from_at {instant} NOT NULL,
    -- by which calendars know the turn, whatever the installation is called by then
    uid TEXT NOT NULL,
    -- what the last mail said (null: it cancelled, or there was none), its number and its time
    said {json} NOT NULL,
    sequence {number},
    said_at {instant},
    -- what was to be said at the last look, and since when
    seen {json} NOT NULL,
    seen_since {instant} NOT NULL,
    UNIQUE (person_id, schedule_id, from_at)
) {strict};
CREATE INDEX turn_invitations_from ON turn_invitations (from_at);
CREATE INDEX turn_invitations_said ON turn_invitations (person_id, said_at);
