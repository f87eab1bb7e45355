-- What is asked of an incident's alerts stays as quick when there are thousands.
DROP INDEX alerts_incident;
-- Those whose words are found by, the first ones.
CREATE INDEX alerts_of_incident ON alerts (incident_id, started_at);
-- As they are shown, and counted.
CREATE INDEX alerts_shown ON alerts (incident_id, (CASE WHEN status = 'resolved' THEN 1 ELSE 0 END), started_at DESC);
-- Whether one of them is open still.
CREATE INDEX alerts_open ON alerts (incident_id) WHERE open;
