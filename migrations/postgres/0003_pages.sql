-- What every page asks, without looking at what is long over.

-- The list: open ones first, then the newest.
CREATE INDEX incidents_in_order ON incidents ((CASE WHEN state = 'resolved' THEN 1 ELSE 0 END), number DESC);
CREATE INDEX incidents_open ON incidents (state, visibility) WHERE state <> 'resolved';
-- What did not go out.
CREATE INDEX mails_failed ON mails (settled_at) WHERE state = 'failed';

-- 0 wakes somebody whom nobody paged a moment ago, 1 is another page or a list of them, 2 is all else; the lower one goes first.
ALTER TABLE mails ADD COLUMN urgency BIGINT NOT NULL DEFAULT 2;
UPDATE mails SET urgency = 1 WHERE kind IN ('page', 'page_list');
