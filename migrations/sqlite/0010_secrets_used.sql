-- When a secret was used last, to the minute: a replaced one that is still used is named with it.
ALTER TABLE integration_secrets ADD COLUMN last_used_at TEXT;
