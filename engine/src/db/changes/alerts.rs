//! What arrives.

use super::rows::Row;
use crate::db::Arg;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::alerts::Status;
use domain::ids::{AlertId, IncidentId, IntegrationId, ServiceId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A request as it came. Handed in twice it is kept once.
pub(crate) struct Payload {
    pub id: Uuid,
    pub integration_id: IntegrationId,
    pub received_at: DateTime<Utc>,
    pub address: Option<String>,
    pub body: Vec<u8>,
}

impl Row for Payload {
    const TEXT: &'static str = "INSERT INTO payloads (id, integration_id, received_at, address, body) VALUES {rows} ON CONFLICT (id) DO NOTHING";

    fn args(self) -> Vec<Arg> {
        vec![
            Arg::Id(Some(self.id)),
            self.integration_id.into(),
            self.received_at.into(),
            self.address.into(),
            self.body.into(),
        ]
    }
}

/// An alert that fires for the first time, or again.
pub(crate) struct NewAlert {
    pub id: AlertId,
    pub incident_id: IncidentId,
    pub integration_id: IntegrationId,
    pub service_id: ServiceId,
    pub key: String,
    pub title: String,
    pub severity: Severity,
    pub severity_word: Option<String>,
    /// JSON, as the annotations and links are.
    pub labels: Arg,
    pub annotations: Arg,
    pub link: Option<String>,
    pub links: Arg,
    /// Tells whether a repeat says the same.
    pub words: i64,
    pub started_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub status: Status,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Row for NewAlert {
    const TEXT: &'static str = "INSERT INTO alerts (id, incident_id, integration_id, service_id, dedup_key, title, severity,
         severity_word, status, open, labels, annotations, link, links, words, started_at, times_received, last_received_at,
         ended_at)
         VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.id.into(),
            self.incident_id.into(),
            self.integration_id.into(),
            self.service_id.into(),
            self.key.into(),
            self.title.into(),
            self.severity.into(),
            self.severity_word.into(),
            self.status.into(),
            (self.status != Status::Resolved).into(),
            self.labels,
            self.annotations,
            self.link.into(),
            self.links,
            self.words.into(),
            self.started_at.into(),
            1_i64.into(),
            self.received_at.into(),
            self.ended_at.into(),
        ]
    }
}

/// What became of an alert that is there.
pub(super) struct Changed {
    alert: AlertId,
    status: Status,
    ended_at: Option<DateTime<Utc>>,
}

impl Changed {
    pub const fn acknowledged(alert: AlertId) -> Self {
        Self {
            alert,
            status: Status::Acknowledged,
            ended_at: None,
        }
    }

    pub const fn ended(alert: AlertId, at: DateTime<Utc>) -> Self {
        Self {
            alert,
            status: Status::Resolved,
            ended_at: Some(at),
        }
    }

    pub const fn of_new(&self, new: &mut NewAlert) {
        new.status = self.status;
        new.ended_at = self.ended_at;
    }
}

impl Row for Changed {
    const TEXT: &'static str = "WITH told (id, status, ended_at) AS (VALUES {rows})
         UPDATE alerts SET status = told.status, ended_at = told.ended_at, open = (alerts.open AND told.ended_at IS NULL)
         FROM told WHERE alerts.id = told.id";

    fn args(self) -> Vec<Arg> {
        vec![self.alert.into(), self.status.into(), self.ended_at.into()]
    }
}

/// What an open alert says of itself now.
pub(crate) struct NewWords {
    pub alert: AlertId,
    pub title: String,
    /// JSON, as the links are.
    pub annotations: Arg,
    pub link: Option<String>,
    pub links: Arg,
    pub words: i64,
}

impl Row for NewWords {
    const TEXT: &'static str = "WITH told (id, title, annotations, link, links, words) AS (VALUES {rows})
         UPDATE alerts SET title = told.title, annotations = told.annotations, link = told.link, links = told.links,
             words = told.words
         FROM told WHERE alerts.id = told.id";

    fn args(self) -> Vec<Arg> {
        vec![
            self.alert.into(),
            self.title.into(),
            self.annotations,
            self.link.into(),
            self.links,
            self.words.into(),
        ]
    }
}

/// An open alert that was told again.
#[derive(Clone, Copy)]
pub(crate) struct Repeat {
    pub times: i64,
    pub severity: Severity,
    pub received_at: DateTime<Utc>,
}

pub(super) struct Repeated {
    alert: AlertId,
    repeat: Repeat,
}

impl Repeated {
    pub fn all(repeats: BTreeMap<AlertId, Repeat>) -> impl Iterator<Item = Self> {
        repeats.into_iter().map(|(alert, repeat)| Self { alert, repeat })
    }
}

impl Row for Repeated {
    const TEXT: &'static str = "WITH told (id, times, received_at, severity) AS (VALUES {rows})
         UPDATE alerts SET times_received = times_received + told.times, last_received_at = told.received_at,
             severity = told.severity
         FROM told WHERE alerts.id = told.id";

    fn args(self) -> Vec<Arg> {
        vec![
            self.alert.into(),
            self.repeat.times.into(),
            self.repeat.received_at.into(),
            self.repeat.severity.into(),
        ]
    }
}
