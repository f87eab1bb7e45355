//! The one event log. Nothing changes an incident past it.

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::Incident;
use domain::incidents::timeline::{Entry, Event};

/// Appends what happened just now. The caller holds the incident.
///
/// # Errors
/// [`crate::Error::Database`]
pub(crate) async fn record(
    tx: &mut Tx,
    incident: &mut Incident,
    actor: Option<PersonId>,
    event: Event,
) -> Result<()> {
    let now = tx.now();
    record_at(tx, incident, actor, event, now).await
}

/// Appends what happened at an instant that a source told.
pub(crate) async fn record_at(
    tx: &mut Tx,
    incident: &mut Incident,
    actor: Option<PersonId>,
    event: Event,
    happened_at: DateTime<Utc>,
) -> Result<()> {
    let now = tx.now();
    // Not the caller's copy of the incident says which number it is: another verb may have written since.
    let seq = tx.next_seq(incident.id).await?;
    sql(
        "INSERT INTO timeline (incident_id, seq, happened_at, recorded_at, actor_id, event, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(incident.id)
    .bind(seq)
    .bind(happened_at)
    .bind(now)
    .bind(actor)
    .bind(Arg::json(&event))
    .bind(incident.state)
    .row(tx);
    incident.seq = seq;
    tx.changed(incident.id);
    Ok(())
}

/// What people did after the one entry and until the other, oldest first, at most `limit`.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn by_people(
    tx: &mut Tx,
    incident: IncidentId,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Entry>> {
    sql(
        "SELECT t.incident_id, t.seq, t.happened_at, t.recorded_at, t.actor_id, p.name AS actor_name, t.event, t.state
         FROM timeline t JOIN people p ON p.id = t.actor_id
         WHERE t.incident_id = $1 AND t.seq > $2 AND t.seq <= $3 ORDER BY t.seq LIMIT $4",
    )
    .bind(incident)
    .bind(after)
    .bind(until)
    .bind(limit)
    .all(tx)
    .await
}

/// Entries after `seq`, oldest first, at most `limit`.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn after(tx: &mut Tx, incident: IncidentId, seq: i64, limit: i64) -> Result<Vec<Entry>> {
    sql(
        "SELECT t.incident_id, t.seq, t.happened_at, t.recorded_at, t.actor_id, p.name AS actor_name, t.event, t.state
         FROM timeline t LEFT JOIN people p ON p.id = t.actor_id
         WHERE t.incident_id = $1 AND t.seq > $2 ORDER BY t.seq LIMIT $3",
    )
    .bind(incident)
    .bind(seq)
    .bind(limit)
    .all(tx)
    .await
}
