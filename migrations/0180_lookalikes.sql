-- Two factors whose names look alike and that are two all the same, as a person said. The lower id stands first.
CREATE TABLE factors_apart (
    one_id {id} NOT NULL REFERENCES factors (id),
    other_id {id} NOT NULL REFERENCES factors (id),
    said_at {instant} NOT NULL,
    said_by {id} REFERENCES people (id),
    PRIMARY KEY (one_id, other_id)
) {strict};

-- The newest incidents of a service are looked up by their ids, which rise with time.
DROP INDEX incident_services_service;
CREATE INDEX incident_services_service ON incident_services (service_id, incident_id);
