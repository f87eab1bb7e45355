-- How often a schedule was changed, and when the last time: by these calendars order what they are told of its turns, and the audit log,
-- which was counted for it, is kept for a while only.

ALTER TABLE schedules ADD COLUMN changes {number} NOT NULL DEFAULT 0;
ALTER TABLE schedules ADD COLUMN changed_at {instant};
UPDATE schedules SET
    changes = (SELECT COUNT(*) FROM audit_log a WHERE a.subject = 'schedule' AND a.subject_id = schedules.id),
    changed_at = (SELECT MAX(a.at) FROM audit_log a WHERE a.subject = 'schedule' AND a.subject_id = schedules.id);
