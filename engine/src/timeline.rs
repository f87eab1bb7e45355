//! The one event log. Nothing changes an incident past it.

mod held;

pub(crate) use held::{
    COLUMNS, hold, hold_number, hold_these, holder, holder_of, role_taken_at, state_since, store,
};
pub use held::{Holder, find, find_by_id};

use crate::Tx;
use crate::db::changes::Entry;
use crate::db::{Arg, Decisions, sql, sql_put_together};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::Incident;
use domain::incidents::timeline::{self, Event, Show};

/// Appends what whoever acts in this transaction did just now. The caller holds the incident.
pub(crate) async fn record(tx: &mut Tx, incident: &mut Incident, event: Event) -> Result<()> {
    let now = tx.now();
    record_at(tx, incident, event, now).await
}

/// Appends what whoever acts told of an earlier instant.
pub(crate) async fn record_at(
    tx: &mut Tx,
    incident: &mut Incident,
    event: Event,
    happened_at: DateTime<Utc>,
) -> Result<()> {
    // Not the caller's copy of the incident says which number it is: another verb may have written since.
    tx.look_up_seq(incident.id).await?;
    let actor = tx.actor().person();
    append(&mut tx.decisions(), incident, actor, event, happened_at);
    Ok(())
}

/// Appends what Kintsugi does by its rules, whoever it follows from: that somebody was paged is no deed of the person who opened the
/// incident.
pub(crate) async fn record_as_kintsugi(tx: &mut Tx, incident: &mut Incident, event: Event) -> Result<()> {
    tx.look_up_seq(incident.id).await?;
    let now = tx.now();
    append(&mut tx.decisions(), incident, None, event, now);
    Ok(())
}

/// Appends to the timeline of an incident that this transaction has taken.
pub(crate) fn append(
    decisions: &mut Decisions<'_>,
    incident: &mut Incident,
    actor_id: Option<PersonId>,
    event: Event,
    happened_at: DateTime<Utc>,
) {
    let recorded_at = decisions.now();
    incident.seq = decisions.changes.record(Entry {
        incident_id: incident.id,
        seq: 0,
        happened_at,
        recorded_at,
        actor_id,
        event: Arg::json(&event),
        state: incident.state,
    });
    decisions.changed(incident.id);
}

const ENTRIES: &str = "SELECT t.incident_id, t.seq, t.happened_at, t.recorded_at, t.actor_id, p.name AS actor_name, t.event, t.state,
        t.edited_at, t.pinned_at FROM timeline t LEFT JOIN people p ON p.id = t.actor_id ";

/// What people did after the one entry and until the other, oldest first, at most `limit`.
pub async fn by_people(
    tx: &mut Tx,
    incident: IncidentId,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<timeline::Entry>> {
    sql(constcat::concat!(
        ENTRIES,
        "WHERE t.incident_id = $1 AND t.seq > $2 AND t.seq <= $3 AND t.actor_id IS NOT NULL ORDER BY t.seq LIMIT $4",
    ))
    .bind(incident)
    .bind(after)
    .bind(until)
    .bind(limit)
    .all(tx)
    .await
}

/// Entries after `seq`, oldest first, at most `limit`.
pub async fn after(tx: &mut Tx, incident: IncidentId, seq: i64, limit: i64) -> Result<Vec<timeline::Entry>> {
    sql(constcat::concat!(
        ENTRIES,
        "WHERE t.incident_id = $1 AND t.seq > $2 ORDER BY t.seq LIMIT $3",
    ))
    .bind(incident)
    .bind(seq)
    .bind(limit)
    .all(tx)
    .await
}

/// One entry.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn entry(tx: &mut Tx, incident: IncidentId, seq: i64) -> Result<timeline::Entry> {
    sql(constcat::concat!(
        ENTRIES,
        "WHERE t.incident_id = $1 AND t.seq = $2"
    ))
    .bind(incident)
    .bind(seq)
    .one(tx, "entry")
    .await
}

/// The newest entries that are shown so, oldest first, at most `limit`.
pub async fn shown_as(
    tx: &mut Tx,
    incident: IncidentId,
    show: Show,
    limit: i64,
) -> Result<Vec<timeline::Entry>> {
    let which = match show {
        Show::Pinned => "t.pinned_at IS NOT NULL".to_owned(),
        Show::All => "TRUE".to_owned(),
        kinds => {
            let kinds: Vec<String> = kinds.kinds().iter().map(|kind| format!("'{kind}'")).collect();
            // Both databases read JSON by this arrow.
            format!("t.event ->> 'kind' IN ({})", kinds.join(", "))
        }
    };
    let text = format!("{ENTRIES} WHERE t.incident_id = $1 AND {which} ORDER BY t.seq DESC LIMIT $2");
    let mut newest: Vec<timeline::Entry> = sql_put_together(text).bind(incident).bind(limit).all(tx).await?;
    newest.reverse();
    Ok(newest)
}

/// That a page was written, for what became of it `before` that entry.
pub async fn paged(
    tx: &mut Tx,
    incident: IncidentId,
    page: PageId,
    before: i64,
) -> Result<Option<timeline::Entry>> {
    sql(constcat::concat!(
        ENTRIES,
        // It is near, and found from there backwards.
        "WHERE t.incident_id = $1 AND t.seq < $3 AND t.event ->> 'kind' = 'paged' AND t.event ->> 'page' = $2
         ORDER BY t.seq DESC LIMIT 1"
    ))
    .bind(incident)
    .bind(page.to_string())
    .bind(before)
    .maybe(tx)
    .await
}
