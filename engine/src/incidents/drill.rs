//! Saying that an incident is a drill or a test: it pages like any other, and counts in no figure unless asked for.

use super::{hold_number, store, timeline};
use crate::Tx;
use crate::error::Result;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Says that it is one, or that it is none after all; said twice, it is said once.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn say_drill(tx: &mut Tx, number: i64, is_drill: bool) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    if incident.is_drill == is_drill {
        return Ok(());
    }
    incident.is_drill = is_drill;
    store(tx, &mut incident).await?;
    timeline::record(tx, &mut incident, Event::DrillSaid { is_drill }).await?;
    Ok(())
}
