-- People who go along with a schedule for a while: they get a copy of its pages, and are on call for nothing.

CREATE TABLE schedule_shadows (
    id {id} PRIMARY KEY,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    person_id {id} NOT NULL REFERENCES people (id),
    from_at {instant} NOT NULL,
    to_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id} REFERENCES people (id)
) {strict};
CREATE INDEX schedule_shadows_schedule ON schedule_shadows (schedule_id, to_at);
CREATE INDEX schedule_shadows_person ON schedule_shadows (person_id);

-- The end of the last of them, so that paging knows without looking for them; null without any.
ALTER TABLE schedules ADD COLUMN shadowed_until {instant};

-- Pages of such schedules whose copies are not told yet.
CREATE TABLE shadowed_pages (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    schedule_id {id} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    -- whom it paged, by their ids and names
    paged {json} NOT NULL
) {strict};
CREATE INDEX shadowed_pages_incident ON shadowed_pages (incident_id);
