//! Status updates: the latest one stands on top of its incident, with when the next is due. Whoever has communications is reminded once.

use super::{hold, holder, holder_of, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::messages::notices;
use crate::{Tx, people};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use domain::incidents::timeline::Entry;
use domain::incidents::{Incident, IncidentRole};

/// The latest status update.
#[derive(Clone, Debug)]
pub struct Latest {
    pub entry: Entry,
    /// While the incident is open.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// One was just written. The caller holds the incident.
pub(super) async fn is_latest(
    tx: &mut Tx,
    incident: &Incident,
    next_due_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sql("INSERT INTO status_updates (incident_id, seq, next_due_at) VALUES ($1, $2, $3)
         ON CONFLICT (incident_id) DO UPDATE SET seq = excluded.seq, next_due_at = excluded.next_due_at, reminded_at = NULL")
        .bind(incident.id)
        .bind(incident.seq)
        .bind(next_due_at)
        .run(tx)
        .await
        .map(drop)
}

/// What was redacted stands on top no more.
pub(super) async fn is_redacted(tx: &mut Tx, incident: IncidentId, seq: i64) -> Result<()> {
    sql("DELETE FROM status_updates WHERE incident_id = $1 AND seq = $2")
        .bind(incident)
        .bind(seq)
        .run(tx)
        .await
        .map(drop)
}

pub(super) async fn latest(tx: &mut Tx, incident: &Incident) -> Result<Option<Latest>> {
    let found: Option<(i64, Option<DateTime<Utc>>)> =
        sql("SELECT seq, next_due_at FROM status_updates WHERE incident_id = $1")
            .bind(incident.id)
            .maybe(tx)
            .await?;
    let Some((seq, next_due_at)) = found else {
        return Ok(None);
    };
    Ok(Some(Latest {
        entry: timeline::entry(tx, incident.id, seq).await?,
        next_due_at: next_due_at.filter(|_| incident.state.is_open()),
    }))
}

/// Open incidents whose next update is due and of which nobody was reminded.
pub async fn due(tx: &mut Tx) -> Result<Vec<IncidentId>> {
    let rows: Vec<(IncidentId,)> = sql(
        "SELECT u.incident_id FROM status_updates u CROSS JOIN incidents i
         WHERE i.id = u.incident_id AND {any i} AND u.next_due_at <= $1 AND u.reminded_at IS NULL AND i.state <> 'resolved'
         ORDER BY u.next_due_at LIMIT 100",
    )
    .bind(tx.now())
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Reminds whoever has communications, or else whoever has the incident; once, however often it is asked for.
pub async fn remind(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let incident = hold(tx, incident).await?;
    let now = tx.now();
    let first = sql("UPDATE status_updates SET reminded_at = $2
         WHERE incident_id = $1 AND reminded_at IS NULL AND next_due_at <= $2")
    .bind(incident.id)
    .bind(now)
    .run(tx)
    .await?;
    if first == 0 || !incident.state.is_open() {
        return Ok(());
    }
    let speaks = match holder_of(tx, incident.id, IncidentRole::Communications).await? {
        Some(speaks) => Some(speaks),
        None => holder(tx, incident.id).await?,
    };
    let Some(speaks) = speaks else { return Ok(()) };
    match people::find_active(tx, speaks.person_id).await? {
        Some(person) => notices::update_is_due(tx, &incident, &person).await,
        None => Ok(()),
    }
}
