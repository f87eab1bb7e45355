-- Schedules are changed from an instant on: layers that are over stay, and say who was on call.

-- The instant that effective_until_wall stands for; null for one that does not end.
ALTER TABLE schedule_layers ADD COLUMN over_at {instant};
