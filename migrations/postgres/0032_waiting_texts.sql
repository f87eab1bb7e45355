-- A text that was saved beside another one, or in whose place another one was put, waits until somebody puts it away.
ALTER TABLE postmortem_revisions ADD COLUMN waits_since TIMESTAMPTZ;
ALTER TABLE postmortem_revisions ADD COLUMN put_away_at TIMESTAMPTZ;
UPDATE postmortem_revisions SET waits_since = created_at WHERE became IS NULL;
-- Until now a later save of the same hand put it away.
UPDATE postmortem_revisions SET put_away_at = created_at WHERE became IS NULL AND EXISTS (
    SELECT 1 FROM postmortem_revisions later WHERE later.postmortem_id = postmortem_revisions.postmortem_id
        AND later.section = postmortem_revisions.section AND later.author_id = postmortem_revisions.author_id
        AND later.became IS NOT NULL AND later.created_at > postmortem_revisions.created_at);
CREATE INDEX postmortem_revisions_waiting ON postmortem_revisions (postmortem_id) WHERE waits_since IS NOT NULL;
