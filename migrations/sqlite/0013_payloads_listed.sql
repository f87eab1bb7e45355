-- The kept requests of an integration, page by page; their ids are in the order of their coming.
CREATE INDEX payloads_listed ON payloads (integration_id, id);
