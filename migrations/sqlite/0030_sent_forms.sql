-- Forms that make something, by what was sent: one that comes twice makes one thing.
CREATE TABLE sent_forms (
    -- SHA-256 of its address, its key and all that was typed
    hash BLOB PRIMARY KEY,
    sent_at TEXT NOT NULL,
    -- where its sender was led; null while it is worked on
    led_to TEXT
) STRICT;
