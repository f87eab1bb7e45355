-- Who asked others to take a turn that is not their own; nothing where whoever has the turn asked.

ALTER TABLE turn_requests ADD COLUMN entered_by {id} REFERENCES people (id);
