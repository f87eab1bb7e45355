-- Who is on call, shown to whoever has the address; null: to nobody.

ALTER TABLE schedules ADD COLUMN shown_token TEXT;
CREATE UNIQUE INDEX schedules_shown ON schedules (shown_token) WHERE shown_token IS NOT NULL;
