//! Alerts that a source told before, looked up by its own keys.

use super::Source;
use super::ingest::InboundRequest;
use crate::Tx;
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::alerts::{AlertEvent, Link, Status};
use domain::escalation::acknowledgement_is_old;
use domain::ids::{AlertId, IncidentId, IntegrationId};
use std::collections::BTreeMap;

/// Alerts that are looked up in one statement.
const AT_ONCE: usize = 1024;

/// An integration, and what names an alert or a group there.
pub(super) type Key = (IntegrationId, String);

/// An alert of a source that was told before.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Told {
    pub id: AlertId,
    pub incident_id: IncidentId,
    pub title: String,
    pub severity: Severity,
    pub status: Status,
    pub words: i64,
    /// Since when somebody has its incident.
    taken_at: Option<DateTime<Utc>>,
}

impl Told {
    /// One that fires for the first time, or again.
    pub const fn new(
        id: AlertId,
        incident_id: IncidentId,
        title: String,
        severity: Severity,
        words: i64,
    ) -> Self {
        Self {
            id,
            incident_id,
            title,
            severity,
            status: Status::Firing,
            words,
            taken_at: None,
        }
    }

    pub fn says_something_else(&self, alert: &AlertEvent) -> bool {
        alert.words() != self.words
    }

    /// How long somebody has had its incident without being reminded of it, where that is long enough to be.
    pub fn is_old(&self, from: &Source, alert: &AlertEvent, received_at: DateTime<Utc>) -> Option<i64> {
        let seconds = (received_at - self.taken_at?).num_seconds();
        let severity = alert.severity().unwrap_or(self.severity);
        let pages = severity.at_least(from.page_from);
        (pages && acknowledgement_is_old(seconds, from.remind_after_seconds)).then_some(seconds)
    }

    /// Whether one more time concerns its incident.
    pub fn is_news(&self, request: &InboundRequest, alert: &AlertEvent) -> bool {
        self.says_something_else(alert)
            || alert.severity().is_some_and(|severity| severity > self.severity)
            || self.is_old(&request.from, alert, request.received_at).is_some()
    }
}

/// What an alert says beside its title.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Rest {
    #[sqlx(json)]
    annotations: BTreeMap<String, String>,
    link: Option<String>,
    #[sqlx(json)]
    links: Vec<Link>,
}

impl Rest {
    /// The whole of what it says, where a part is told anew.
    pub fn with(&self, open: &Told, part: &AlertEvent) -> AlertEvent {
        let mut annotations = self.annotations.clone();
        annotations.extend(part.annotations.clone());
        AlertEvent {
            title: part.title.clone().or_else(|| Some(open.title.clone())),
            annotations,
            link: self.link.clone(),
            links: self.links.clone(),
            ..part.clone()
        }
    }
}

pub(super) async fn rest(tx: &mut Tx, alert: AlertId) -> Result<Rest> {
    sql("SELECT annotations, link, links FROM alerts WHERE id = $1")
        .bind(alert)
        .one(tx, "alert")
        .await
}

pub(super) fn rows_of(keys: &[Key]) -> Vec<Vec<Arg>> {
    keys.iter()
        .map(|(integration, key)| vec![Arg::from(*integration), Arg::from(key)])
        .collect()
}

#[derive(sqlx::FromRow)]
struct Found {
    integration_id: IntegrationId,
    dedup_key: String,
    #[sqlx(flatten)]
    told: Told,
}

const TOLD: &str = "WITH asked (integration_id, dedup_key) AS (VALUES {rows})
     SELECT a.integration_id, a.dedup_key, a.id, a.incident_id, a.title, a.severity, a.status, a.words,
        CASE WHEN i.state IN ('acknowledged', 'mitigated') THEN COALESCE(i.taken_at, i.acknowledged_at) END AS taken_at";

// SQLite takes tables in the order of a CROSS JOIN, whatever it believes of how large they are.
pub(super) const OPEN: &str = constcat::concat!(
    TOLD,
    " FROM asked CROSS JOIN alerts a CROSS JOIN incidents i
      WHERE {any i} AND a.integration_id = asked.integration_id AND a.dedup_key = asked.dedup_key AND a.open AND i.id = a.incident_id"
);

pub(super) const LAST: &str = constcat::concat!(
    TOLD,
    " FROM asked CROSS JOIN alerts a CROSS JOIN incidents i
      WHERE {any i} AND i.id = a.incident_id AND a.id = (SELECT o.id FROM alerts o WHERE o.integration_id = asked.integration_id
         AND o.dedup_key = asked.dedup_key AND NOT o.open ORDER BY o.last_received_at DESC, o.id DESC LIMIT 1)"
);

pub(super) async fn look_up(tx: &mut Tx, keys: &[Key], which: &'static str) -> Result<Vec<(Key, Told)>> {
    let mut all = Vec::new();
    for some in keys.chunks(AT_ONCE) {
        let found: Vec<Found> = sql_of_rows(which, rows_of(some)).all(tx).await?;
        let found = found.into_iter();
        all.extend(found.map(|found| ((found.integration_id, found.dedup_key), found.told)));
    }
    Ok(all)
}
