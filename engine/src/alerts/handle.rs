//! From what a source told to alerts, incidents and pages.

use super::Source;
use super::join::{join_or_open, say_that_it_is_cut};
use super::repeat::repeated;
use crate::Tx;
use crate::db::{Question, sql};
use crate::error::Result;
use crate::incidents::{self, timeline};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::alerts::{AlertBatch, AlertEvent, Status};
use domain::ids::{AlertId, IncidentId, IntegrationId};
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, State};
use std::collections::BTreeSet;

#[derive(sqlx::FromRow)]
pub(super) struct OpenAlert {
    pub id: AlertId,
    pub incident_id: IncidentId,
    pub title: String,
    pub severity: Severity,
    pub status: Status,
    pub words: i64,
    /// Since when somebody has its incident.
    pub taken_at: Option<DateTime<Utc>>,
}

/// What an open alert is, of `alerts a` and its `incidents i`.
pub(super) const OPEN_ALERT: &str = "a.id, a.incident_id, a.title, a.severity, a.status, a.words,
    CASE WHEN i.state IN ('acknowledged', 'mitigated') THEN COALESCE(i.taken_at, i.acknowledged_at) END AS taken_at";

/// The open alert of a key.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct OpenAlertOf(pub IntegrationId, pub String);

impl Question for OpenAlertOf {
    type Answer = Option<OpenAlert>;
}

/// Handles one request of a source: its alerts join or open the incident of its group, or end.
pub async fn handle(
    tx: &mut Tx,
    from: &Source,
    delivery: &AlertBatch,
    received_at: DateTime<Utc>,
) -> Result<()> {
    let mut quieter = BTreeSet::new();
    let mut arriving: Vec<&AlertEvent> = Vec::new();
    for alert in &delivery.alerts {
        let open = open_alert(tx, from, &alert.key).await?;
        match (alert.status, open) {
            (Status::Firing, None) => arriving.push(alert),
            (Status::Firing, Some(open)) => repeated(tx, from, &open, alert, received_at).await?,
            (Status::Acknowledged, Some(open)) => {
                acknowledged(tx, &open).await?;
            }
            (Status::Resolved, Some(open)) => {
                resolved(tx, &open, alert, received_at).await?;
                quieter.insert(open.incident_id);
            }
            (Status::Resolved, None) => ended_later(tx, from, alert, received_at).await?,
            // About an alert that is not open: accepted, and opens nothing.
            (Status::Acknowledged, None) => {}
        }
    }
    if !arriving.is_empty() {
        join_or_open(tx, from, delivery, &arriving, received_at).await?;
    } else if delivery.is_cut {
        say_that_it_is_cut(tx, from, delivery).await?;
    }
    for incident in quieter {
        end_if_quiet(tx, from, incident).await?;
    }
    Ok(())
}

async fn open_alert(tx: &mut Tx, from: &Source, key: &str) -> Result<Option<OpenAlert>> {
    if let Some(known) = tx.ahead.take(&OpenAlertOf(from.integration_id, key.to_owned())) {
        return Ok(known);
    }
    sql(constcat::concat!(
        "SELECT ",
        OPEN_ALERT,
        " FROM alerts a CROSS JOIN incidents i
         WHERE {any i} AND i.id = a.incident_id AND a.integration_id = $1 AND a.dedup_key = $2 AND a.open"
    ))
    .bind(from.integration_id)
    .bind(key)
    .maybe(tx)
    .await
}

async fn acknowledged(tx: &mut Tx, open: &OpenAlert) -> Result<()> {
    if open.status == Status::Firing {
        // Before its alert, as whoever resolves it does: each would wait for the other else.
        let mut incident = incidents::hold(tx, open.incident_id).await?;
        // Another node may have been told the same meanwhile.
        let changed = sql("UPDATE alerts SET status = 'acknowledged' WHERE id = $1 AND status = 'firing'")
            .bind(open.id)
            .run(tx)
            .await?;
        if changed > 0 {
            record_change(tx, &mut incident, open, Status::Acknowledged).await?;
        }
    }
    incidents::acknowledge_from_source(tx, open.incident_id)
        .await
        .map(drop)
}

async fn resolved(
    tx: &mut Tx,
    open: &OpenAlert,
    alert: &AlertEvent,
    received_at: DateTime<Utc>,
) -> Result<()> {
    // A source's clock may be ahead of ours; nothing ended after we heard of it.
    let ended_at = alert.ended_at.map_or(received_at, |told| told.min(received_at));
    let mut incident = incidents::hold(tx, open.incident_id).await?;
    let ended = sql(
        "UPDATE alerts SET status = 'resolved', open = FALSE, ended_at = $2 WHERE id = $1 AND status <> 'resolved'",
    )
    .bind(open.id)
    .bind(ended_at)
    .run(tx)
    .await?;
    // Another node may have been told the same meanwhile.
    if ended > 0 {
        record_change(tx, &mut incident, open, Status::Resolved).await?;
    }
    Ok(())
}

async fn record_change(tx: &mut Tx, incident: &mut Incident, open: &OpenAlert, status: Status) -> Result<()> {
    let event = Event::AlertChanged {
        alert: open.id,
        title: open.title.clone(),
        status,
    };
    timeline::record(tx, incident, event).await
}

/// The end of an alert whose incident a person had resolved before; one that was never open is accepted, and opens nothing.
async fn ended_later(
    tx: &mut Tx,
    from: &Source,
    alert: &AlertEvent,
    received_at: DateTime<Utc>,
) -> Result<()> {
    let last: Option<OpenAlert> = sql(constcat::concat!(
        "SELECT ",
        OPEN_ALERT,
        " FROM alerts a CROSS JOIN incidents i
         WHERE {any i} AND i.id = a.incident_id AND a.integration_id = $1 AND a.dedup_key = $2 AND NOT a.open ORDER BY a.last_received_at DESC, a.id DESC LIMIT 1"
    ))
    .bind(from.integration_id)
    .bind(&alert.key)
    .maybe(tx)
    .await?;
    match last {
        Some(last) if last.status != Status::Resolved => resolved(tx, &last, alert, received_at).await,
        _ => Ok(()),
    }
}

/// Ends an incident whose last alert is resolved.
async fn end_if_quiet(tx: &mut Tx, from: &Source, incident: IncidentId) -> Result<()> {
    let incident = incidents::hold(tx, incident).await?;
    if incident.state == State::Resolved {
        return Ok(());
    }
    let is_one_open: bool = sql("SELECT EXISTS (SELECT 1 FROM alerts WHERE incident_id = $1 AND open)")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    if !is_one_open {
        incidents::resolve_by_alerts(tx, incident, from.resolves_with_alerts).await?;
    }
    Ok(())
}
