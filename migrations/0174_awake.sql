-- “I am awake”: since when, and until when what comes for somebody stands on one list instead of being sent.
ALTER TABLE people ADD COLUMN awake_since {instant};
ALTER TABLE people ADD COLUMN awake_until {instant};
