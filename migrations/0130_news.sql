-- What people are told besides pages, since it concerns them and somebody else did it.

CREATE TABLE news (
    id {id} PRIMARY KEY,
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- who did it; null where a source or Kintsugi itself did
    by_id {id} REFERENCES people (id),
    incident_id {id} REFERENCES incidents (id) ON DELETE CASCADE,
    news {json} NOT NULL,
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX news_person ON news (person_id, created_at);

-- Kinds of news that a person does not want to be mailed.
CREATE TABLE news_turned_off (
    person_id {id} NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (person_id, kind)
) {strict};

-- Since when whoever was paged knows that nobody waits for their answer any more.
ALTER TABLE pages ADD COLUMN let_go_at {instant};
UPDATE pages SET let_go_at = created_at WHERE incident_id IN (SELECT id FROM incidents WHERE state <> 'triggered');
