-- Who cancelled what somebody had accepted, and when, on its page or on that of the schedule.

ALTER TABLE turn_requests ADD COLUMN cancelled_by {id} REFERENCES people (id);
ALTER TABLE turn_requests ADD COLUMN cancelled_at {instant};
