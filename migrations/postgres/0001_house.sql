-- People, their sessions and the links mailed to them.

CREATE TABLE people (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'responder', 'observer')),
    time_zone TEXT NOT NULL,
    -- argon2id in PHC form; null until an invitation is accepted
    password_hash TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    deactivated_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX people_email ON people (lower(email));

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token
    token_hash BYTEA PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    user_agent TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE mailed_links (
    token_hash BYTEA PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX mailed_links_person ON mailed_links (person_id);

-- Failed log-ins, counted per account and per address.
CREATE TABLE login_failures (
    id UUID PRIMARY KEY,
    subject TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_failures_subject ON login_failures (subject, at);

-- Teams, what they run, and how alerts come in.

CREATE TABLE teams (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE team_members (
    team_id UUID NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_person ON team_members (person_id);

-- Schedules: layers of turns, lowest first; overrides in order of creation.

CREATE TABLE schedules (
    id UUID PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX schedules_team ON schedules (team_id);

CREATE TABLE schedule_layers (
    id UUID PRIMARY KEY,
    schedule_id UUID NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('hour', 'day', 'week', 'month')),
    every BIGINT NOT NULL CHECK (every >= 1),
    -- wall times in the schedule's zone: YYYY-MM-DDTHH:MM
    start_at_wall TEXT NOT NULL,
    effective_from_wall TEXT,
    effective_until_wall TEXT,
    restrictions JSONB NOT NULL,
    UNIQUE (schedule_id, position)
);

CREATE TABLE layer_turns (
    layer_id UUID NOT NULL REFERENCES schedule_layers (id) ON DELETE CASCADE,
    turn BIGINT NOT NULL,
    person_id UUID NOT NULL REFERENCES people (id),
    PRIMARY KEY (layer_id, turn, person_id)
);
CREATE INDEX layer_turns_person ON layer_turns (person_id);

CREATE TABLE schedule_overrides (
    id UUID PRIMARY KEY,
    schedule_id UUID NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('cover', 'add', 'remove', 'replace')),
    person_id UUID NOT NULL REFERENCES people (id),
    with_person_id UUID REFERENCES people (id),
    from_at TIMESTAMPTZ NOT NULL,
    to_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID REFERENCES people (id)
);
CREATE INDEX schedule_overrides_schedule ON schedule_overrides (schedule_id, to_at);

CREATE TABLE escalation_policies (
    id UUID PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    -- how often the whole policy is gone through again
    repeats BIGINT NOT NULL CHECK (repeats BETWEEN 0 AND 20),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX escalation_policies_team ON escalation_policies (team_id);

CREATE TABLE policy_steps (
    id UUID PRIMARY KEY,
    policy_id UUID NOT NULL REFERENCES escalation_policies (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    -- how long this step has before the next one is paged
    delay_seconds BIGINT NOT NULL CHECK (delay_seconds BETWEEN 30 AND 86400),
    UNIQUE (policy_id, position)
);

CREATE TABLE policy_targets (
    step_id UUID NOT NULL REFERENCES policy_steps (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    person_id UUID REFERENCES people (id),
    schedule_id UUID REFERENCES schedules (id),
    PRIMARY KEY (step_id, position),
    CHECK ((person_id IS NULL) <> (schedule_id IS NULL))
);

CREATE TABLE services (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    team_id UUID NOT NULL REFERENCES teams (id),
    policy_id UUID REFERENCES escalation_policies (id),
    default_severity BIGINT NOT NULL CHECK (default_severity BETWEEN 1 AND 5),
    page_from BIGINT NOT NULL CHECK (page_from BETWEEN 1 AND 5),
    resolves_with_alerts BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX services_team ON services (team_id);

CREATE TABLE integrations (
    id UUID PRIMARY KEY,
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX integrations_service ON integrations (service_id);

CREATE TABLE integration_secrets (
    -- SHA-256 of the secret in the URL or of the routing key
    secret_hash BYTEA PRIMARY KEY,
    integration_id UUID NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    -- its last four characters, to tell one from another
    hint TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- set when it was replaced; it works until then
    expires_at TIMESTAMPTZ
);
CREATE INDEX integration_secrets_integration ON integration_secrets (integration_id);

-- What came in, exactly as it came.

CREATE TABLE payloads (
    id UUID PRIMARY KEY,
    integration_id UUID NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    received_at TIMESTAMPTZ NOT NULL,
    body BYTEA NOT NULL,
    -- null when it was handled; else the fault of ours that a bare incident was opened for
    fault TEXT
);
CREATE INDEX payloads_received ON payloads (received_at);
CREATE INDEX payloads_integration ON payloads (integration_id, received_at);

CREATE TABLE refusals (
    id UUID PRIMARY KEY,
    integration_id UUID NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    at TIMESTAMPTZ NOT NULL,
    status BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX refusals_integration ON refusals (integration_id, at);

-- Incidents and their one event log.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('incident', 0), ('action_item', 0);

CREATE TABLE incidents (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    severity BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 5),
    state TEXT NOT NULL CHECK (state IN ('triggered', 'acknowledged', 'mitigated', 'resolved')),
    team_id UUID NOT NULL REFERENCES teams (id),
    noticed_by TEXT NOT NULL CHECK (noticed_by IN ('alert', 'staff', 'customer')),
    -- 'everybody', or later 'named' people only; each query that lists incidents asks it
    visibility TEXT NOT NULL DEFAULT 'everybody' CHECK (visibility IN ('everybody', 'named')),
    -- what its alerts have in common; null when opened by hand
    integration_id UUID REFERENCES integrations (id) ON DELETE SET NULL,
    group_key TEXT,
    -- the highest seq of its timeline
    seq BIGINT NOT NULL,
    alerts_quiet BOOLEAN NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    impact_started_at TIMESTAMPTZ,
    detected_at TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    mitigated_at TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ,
    -- whole seconds, stored when the transition happens
    seconds_to_acknowledge BIGINT,
    seconds_to_mitigate BIGINT,
    seconds_to_resolve BIGINT
);
CREATE UNIQUE INDEX incidents_one_open_group ON incidents (integration_id, group_key)
    WHERE state <> 'resolved' AND group_key IS NOT NULL;
CREATE INDEX incidents_listing ON incidents (state, opened_at);
CREATE INDEX incidents_team ON incidents (team_id);

CREATE TABLE incident_services (
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    service_id UUID NOT NULL REFERENCES services (id),
    PRIMARY KEY (incident_id, service_id)
);
CREATE INDEX incident_services_service ON incident_services (service_id);

CREATE TABLE incident_roles (
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('commander', 'communications', 'scribe')),
    person_id UUID NOT NULL REFERENCES people (id),
    taken_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (incident_id, role)
);

CREATE TABLE timeline (
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    actor_id UUID REFERENCES people (id),
    event JSONB NOT NULL,
    -- the incident's state once this has happened
    state TEXT NOT NULL,
    PRIMARY KEY (incident_id, seq)
);

CREATE TABLE alerts (
    id UUID PRIMARY KEY,
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    integration_id UUID REFERENCES integrations (id) ON DELETE SET NULL,
    service_id UUID NOT NULL REFERENCES services (id),
    dedup_key TEXT NOT NULL,
    title TEXT NOT NULL,
    severity BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 5),
    severity_word TEXT,
    status TEXT NOT NULL CHECK (status IN ('firing', 'acknowledged', 'resolved')),
    -- whether a further event with this key belongs to it
    open BOOLEAN NOT NULL,
    labels JSONB NOT NULL,
    link TEXT,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    times_received BIGINT NOT NULL,
    last_received_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX alerts_one_open_key ON alerts (integration_id, dedup_key) WHERE open;
CREATE INDEX alerts_incident ON alerts (incident_id);

-- Paging.

CREATE TABLE escalations (
    incident_id UUID PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    policy_id UUID NOT NULL REFERENCES escalation_policies (id),
    round BIGINT NOT NULL,
    step BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'ran_out')),
    -- when the next step is due; null unless running
    next_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX escalations_due ON escalations (next_at) WHERE state = 'running';

CREATE TABLE pages (
    id UUID PRIMARY KEY,
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id),
    step BIGINT NOT NULL,
    round BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'accepted', 'gathered', 'refused', 'kept', 'dropped')),
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    server_words TEXT,
    -- when a list of gathered pages told of it
    listed_at TIMESTAMPTZ
);
CREATE INDEX pages_incident ON pages (incident_id);
CREATE INDEX pages_person ON pages (person_id, created_at);
CREATE INDEX pages_gathered ON pages (created_at) WHERE outcome = 'gathered' AND listed_at IS NULL;

CREATE TABLE acknowledgement_links (
    token_hash BYTEA PRIMARY KEY,
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL
);

-- The outbox: mails wait here from the transaction that caused them until the mail server has answered.
CREATE TABLE mails (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'page_list', 'team_notice', 'invitation', 'password_reset', 'reminder', 'test')),
    person_id UUID REFERENCES people (id) ON DELETE CASCADE,
    incident_id UUID REFERENCES incidents (id) ON DELETE CASCADE,
    page_id UUID REFERENCES pages (id) ON DELETE CASCADE,
    to_address TEXT NOT NULL,
    to_name TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    -- Message-ID that the thread hangs on
    thread_id TEXT,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'kept')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    -- what the mail server said last
    server_words TEXT
);
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX mails_person ON mails (person_id, created_at);
CREATE INDEX mails_page ON mails (page_id);

-- Postmortems.

CREATE TABLE postmortems (
    id UUID PRIMARY KEY,
    incident_id UUID NOT NULL UNIQUE REFERENCES incidents (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'published')),
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID REFERENCES people (id),
    published_at TIMESTAMPTZ
);

CREATE TABLE postmortem_sections (
    postmortem_id UUID NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    revision BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    updated_by UUID REFERENCES people (id),
    PRIMARY KEY (postmortem_id, section)
);

CREATE TABLE postmortem_revisions (
    id UUID PRIMARY KEY,
    postmortem_id UUID NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    based_on BIGINT NOT NULL,
    -- the revision it became; null while it waits beside a text saved before it
    became BIGINT,
    author_id UUID REFERENCES people (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX postmortem_revisions_section ON postmortem_revisions (postmortem_id, section, created_at);

CREATE TABLE factors (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX factors_name ON factors (lower(name));

CREATE TABLE postmortem_factors (
    id UUID PRIMARY KEY,
    postmortem_id UUID NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    factor_id UUID NOT NULL REFERENCES factors (id),
    words TEXT NOT NULL,
    position BIGINT NOT NULL,
    UNIQUE (postmortem_id, factor_id)
);
CREATE INDEX postmortem_factors_factor ON postmortem_factors (factor_id);

-- Action items and the boards they lie on.

CREATE TABLE board_columns (
    id UUID PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    card_limit BIGINT
);
CREATE INDEX board_columns_team ON board_columns (team_id, position);

CREATE TABLE action_items (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    owner_id UUID REFERENCES people (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    incident_id UUID NOT NULL REFERENCES incidents (id),
    postmortem_id UUID REFERENCES postmortems (id) ON DELETE SET NULL,
    named_factor_id UUID REFERENCES postmortem_factors (id) ON DELETE SET NULL,
    kind TEXT NOT NULL CHECK (kind IN ('prevent', 'detect', 'mitigate', 'process', 'learn')),
    priority TEXT NOT NULL CHECK (priority IN ('high', 'medium', 'low')),
    due_on DATE,
    proof TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('proposed', 'accepted', 'doing', 'blocked', 'done', 'verified', 'declined')),
    declined_reason TEXT,
    column_id UUID NOT NULL REFERENCES board_columns (id),
    position BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID REFERENCES people (id),
    state_changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX action_items_team ON action_items (team_id, state);
CREATE INDEX action_items_incident ON action_items (incident_id);
CREATE INDEX action_items_owner ON action_items (owner_id, due_on);

-- Each change of an action item, for its story and for how long it lay in which state.
CREATE TABLE action_item_changes (
    id UUID PRIMARY KEY,
    action_item_id UUID NOT NULL REFERENCES action_items (id) ON DELETE CASCADE,
    at TIMESTAMPTZ NOT NULL,
    actor_id UUID REFERENCES people (id),
    from_state TEXT,
    to_state TEXT NOT NULL
);
CREATE INDEX action_item_changes_item ON action_item_changes (action_item_id, at);

-- One reminder a person and day.
CREATE TABLE reminders (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    day DATE NOT NULL,
    mailed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person_id, day)
);

-- Words of an incident (number, title, services, labels), one row each.
CREATE TABLE incident_search (
    number BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX incident_search_words ON incident_search USING gin (words);
