-- The request that an override comes from: either of the two, and whoever may change the schedule, can cancel the cover.

ALTER TABLE schedule_overrides ADD COLUMN request_id {id};
