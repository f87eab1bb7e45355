-- Steps of policies page teams and administrators, too, and people in turn; a policy may go on until somebody acknowledges.

ALTER TABLE escalation_policies ADD COLUMN until_acknowledged {flag} NOT NULL DEFAULT FALSE;
ALTER TABLE policy_steps ADD COLUMN in_turn {flag} NOT NULL DEFAULT FALSE;
ALTER TABLE policy_steps ADD COLUMN skips_paged {flag} NOT NULL DEFAULT FALSE;

CREATE TABLE new_targets (
    step_id {id} NOT NULL REFERENCES policy_steps (id) ON DELETE CASCADE,
    position {number} NOT NULL,
    -- one of these; none of them is the administrators
    person_id {id} REFERENCES people (id),
    schedule_id {id} REFERENCES schedules (id),
    team_id {id} REFERENCES teams (id),
    PRIMARY KEY (step_id, position)
) {strict};
INSERT INTO new_targets (step_id, position, person_id, schedule_id)
SELECT step_id, position, person_id, schedule_id FROM policy_targets;
DROP TABLE policy_targets;
ALTER TABLE new_targets RENAME TO policy_targets;

-- Whom a step that pages in turn paged last, and where they stood in it. It outlives a change of the policy.
CREATE TABLE policy_turns (
    policy_id {id} NOT NULL REFERENCES escalation_policies (id) ON DELETE CASCADE,
    step {number} NOT NULL,
    person_id {id} NOT NULL REFERENCES people (id),
    place {number} NOT NULL,
    PRIMARY KEY (policy_id, step)
) {strict};
