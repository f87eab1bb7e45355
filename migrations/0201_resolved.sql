-- What looks back over a period begins with what was over in it, not with all there ever was.
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;
