-- What an incident was about when it was over is looked for by service, too; and those that were entered afterwards have it as well.

CREATE INDEX resolved_services_service ON resolved_services (service_id, incident_id);

INSERT INTO resolved_services (incident_id, service_id)
SELECT l.incident_id, l.service_id FROM incident_services l JOIN incidents i ON i.id = l.incident_id
WHERE i.state = 'resolved' AND NOT EXISTS (SELECT 1 FROM resolved_services r WHERE r.incident_id = l.incident_id);
