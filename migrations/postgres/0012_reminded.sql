-- A repeat reminds whoever has an incident when its acknowledgement is as old as that; 0 never does.
ALTER TABLE services ADD COLUMN remind_after_seconds BIGINT NOT NULL DEFAULT 14400;
-- since when whoever has it has had it; the first time is acknowledged_at
ALTER TABLE incidents ADD COLUMN taken_at TIMESTAMPTZ;
