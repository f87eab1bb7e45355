-- What the program keeps for itself.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value {number} NOT NULL
) {strict};
INSERT INTO counters (name, value) VALUES ('incident', 0), ('action_item', 0);

-- Each node writes here now and then: whether the database can be written is only known by writing.
CREATE TABLE pulses (
    node {id} PRIMARY KEY,
    beat_at {instant} NOT NULL
) {strict};

-- Forms that make something, by what was sent: one that comes twice makes one thing.
CREATE TABLE sent_forms (
    -- SHA-256 of its address, its key and all that was typed
    hash {bytes} PRIMARY KEY,
    sent_at {instant} NOT NULL,
    -- where its sender was led; null while it is worked on
    led_to TEXT
) {strict};
