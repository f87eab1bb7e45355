//! Pinning: what whoever comes later should read first.

use super::{hold_number, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Pins an entry, or takes the pin out. Doing it twice changes nothing.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn pin(tx: &mut Tx, number: i64, seq: i64, pinned: bool) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    let entry = timeline::entry(tx, incident.id, seq).await?;
    if entry.pinned_at.is_some() == pinned {
        return Ok(());
    }
    let now = tx.now();
    sql("UPDATE timeline SET pinned_at = $3 WHERE incident_id = $1 AND seq = $2")
        .bind(incident.id)
        .bind(seq)
        .bind(pinned.then_some(now))
        .run(tx)
        .await?;
    let event = if pinned {
        Event::Pinned { entry: seq }
    } else {
        Event::Unpinned { entry: seq }
    };
    timeline::record(tx, &mut incident, event).await
}
