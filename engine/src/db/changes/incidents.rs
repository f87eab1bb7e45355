//! Incidents, their services and timelines, and the words by which they are found.

use super::rows::{Row, write_as};
use crate::db::{Arg, Sql};
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, IntegrationId, PersonId, ServiceId};
use domain::incidents::{Incident, State};

/// An incident that was just opened.
pub(crate) struct NewIncident {
    pub incident: Incident,
    /// Where its alerts come from, and what they have in common.
    pub group: Option<(IntegrationId, String)>,
}

impl Row for NewIncident {
    const TEXT: &'static str =
        "INSERT INTO incidents (id, number, title, severity, state, team_id, noticed_by, integration_id,
         group_key, alerts_quiet, opened_at, impact_started_at, detected_at, seq) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        let Self { incident, group } = self;
        let (integration, key) = group.unzip();
        vec![
            incident.id.into(),
            incident.number.into(),
            incident.title.into(),
            incident.severity.into(),
            incident.state.into(),
            incident.team_id.into(),
            incident.noticed_by.into(),
            integration.into(),
            key.into(),
            incident.alerts_quiet.into(),
            incident.opened_at.into(),
            incident.impact_started_at.into(),
            incident.detected_at.into(),
            incident.seq.into(),
        ]
    }
}

pub(crate) struct ServiceOfIncident {
    pub incident_id: IncidentId,
    pub service_id: ServiceId,
}

impl Row for ServiceOfIncident {
    const TEXT: &'static str =
        "INSERT INTO incident_services (incident_id, service_id) VALUES {rows} ON CONFLICT DO NOTHING";

    fn args(self) -> Vec<Arg> {
        vec![self.incident_id.into(), self.service_id.into()]
    }
}

/// A line of a timeline. Its `seq` is given when it is recorded.
pub(crate) struct Entry {
    pub incident_id: IncidentId,
    pub seq: i64,
    pub happened_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub actor_id: Option<PersonId>,
    /// JSON.
    pub event: Arg,
    /// Of the incident, once it had happened.
    pub state: State,
}

impl Row for Entry {
    const TEXT: &'static str = "INSERT INTO timeline (incident_id, seq, happened_at, recorded_at, actor_id, event, state) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.incident_id.into(),
            self.seq.into(),
            self.happened_at.into(),
            self.recorded_at.into(),
            self.actor_id.into(),
            self.event,
            self.state.into(),
        ]
    }
}

/// A number that this transaction alone raises.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seq {
    value: i64,
    is_written: bool,
}

impl Seq {
    pub const fn written(value: i64) -> Self {
        Self {
            value,
            is_written: true,
        }
    }

    pub const fn is_written(&self) -> bool {
        self.is_written
    }

    pub const fn raise(&mut self) -> i64 {
        self.is_written = false;
        self.value += 1;
        self.value
    }

    /// The value, where it is still to be written.
    pub fn take_unwritten(&mut self) -> Option<i64> {
        (!std::mem::replace(&mut self.is_written, true)).then_some(self.value)
    }
}

/// The last entry of a timeline has this number now.
pub(super) struct Raised {
    pub incident: IncidentId,
    pub seq: i64,
}

impl Row for Raised {
    const TEXT: &'static str = "WITH raised (id, seq) AS (VALUES {rows})
         UPDATE incidents SET seq = raised.seq FROM raised WHERE incidents.id = raised.id";

    fn args(self) -> Vec<Arg> {
        vec![self.incident.into(), self.seq.into()]
    }
}

/// The last incident has this number now.
pub(super) struct Numbered(pub i64);

impl Row for Numbered {
    const TEXT: &'static str = "WITH given (number) AS (VALUES {rows})
         UPDATE counters SET value = given.number FROM given WHERE name = 'incident'";

    fn args(self) -> Vec<Arg> {
        vec![self.0.into()]
    }
}

/// Adds what puts words that were never there into the index.
pub(super) fn write_words(statements: &mut Vec<Sql>, words: Vec<(i64, String)>, is_postgres: bool) {
    let text = if is_postgres {
        "INSERT INTO incident_search (number, words)
         SELECT number, to_tsvector('simple', words) FROM (VALUES {rows}) AS found (number, words)"
    } else {
        "INSERT INTO incident_search (rowid, words) VALUES {rows}"
    };
    let rows = words
        .into_iter()
        .map(|(number, words)| vec![number.into(), words.into()]);
    write_as(statements, text, rows.collect());
}
