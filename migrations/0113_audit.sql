-- Who changed which setting, when, from where, and what it was before. Nobody edits it.

CREATE TABLE audit_log (
    id {id} PRIMARY KEY,
    at {instant} NOT NULL,
    -- null where the program itself did it, or a browser in which nobody was logged in
    person_id {id} REFERENCES people (id),
    -- null where the program itself did it
    address TEXT,
    change TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id {id} NOT NULL,
    -- its name at the time
    name TEXT NOT NULL,
    -- without secrets; before it was made and once it is gone, the document `null`
    was {json} NOT NULL,
    became {json} NOT NULL
) {strict};
CREATE INDEX audit_log_in_order ON audit_log (at, id);
