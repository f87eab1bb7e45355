-- Overrides that were pasted as one table, and can be taken back as one.

ALTER TABLE schedule_overrides ADD COLUMN pasted_id {id};
