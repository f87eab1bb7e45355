-- What a source says of an alert at length, and the places it names.
ALTER TABLE alerts ADD COLUMN annotations JSONB NOT NULL DEFAULT '{}';
ALTER TABLE alerts ADD COLUMN links JSONB NOT NULL DEFAULT '[]';
-- stands for all of its words: a repeat that says the same changes nothing
ALTER TABLE alerts ADD COLUMN words BIGINT NOT NULL DEFAULT 0;
