-- A policy that ran out by refusals alone is due again, too.
DROP INDEX escalations_due;
CREATE INDEX escalations_due ON escalations (next_at) WHERE next_at IS NOT NULL;
