-- What a published postmortem says of its incident once that was reopened: the incident as it was, until the document is a draft again.

CREATE TABLE postmortem_facts (
    postmortem_id {id} PRIMARY KEY REFERENCES postmortems (id) ON DELETE CASCADE,
    incident {json} NOT NULL,
    reopened_at {instant} NOT NULL
) {strict};
