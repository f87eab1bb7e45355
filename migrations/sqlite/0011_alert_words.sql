-- What a source says of an alert at length, and the places it names.
ALTER TABLE alerts ADD COLUMN annotations TEXT NOT NULL DEFAULT '{}';
ALTER TABLE alerts ADD COLUMN links TEXT NOT NULL DEFAULT '[]';
-- stands for all of its words: a repeat that says the same changes nothing
ALTER TABLE alerts ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
