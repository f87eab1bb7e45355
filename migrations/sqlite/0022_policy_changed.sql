-- A policy was changed while it pages: the incident is looked at again, for people who are new in it.
ALTER TABLE escalations ADD COLUMN policy_changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX escalations_changed ON escalations (incident_id) WHERE policy_changed;
