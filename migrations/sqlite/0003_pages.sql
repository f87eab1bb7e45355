-- What every page asks, without looking at what is long over.

-- The list: open ones first, then the newest.
CREATE INDEX incidents_in_order ON incidents ((CASE WHEN state = 'resolved' THEN 1 ELSE 0 END), number DESC);
CREATE INDEX incidents_open ON incidents (state, visibility) WHERE state <> 'resolved';
-- What did not go out.
CREATE INDEX mails_failed ON mails (settled_at) WHERE state = 'failed';
