-- Ways to rows, so that nobody looks through all there ever were.

-- Gathered pages, person by person.
DROP INDEX pages_gathered;
CREATE INDEX pages_gathered ON pages (person_id, created_at) WHERE outcome = 'gathered' AND listed_at IS NULL;
-- As the pager's own measure asks for them.
DROP INDEX pages_first;
CREATE INDEX pages_first ON pages (created_at) WHERE is_first;
-- The end of an alert that a person had ended before.
CREATE INDEX alerts_over ON alerts (integration_id, dedup_key) WHERE NOT open;
