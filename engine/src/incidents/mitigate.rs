//! Mitigating: users are well again, or at an agreed level.

use super::acknowledge::is_taken;
use super::{hold_number, must_be_open, say_if_out_of_order, store, timeline};
use crate::error::Result;
use crate::{Tx, paging};
use domain::incidents::State;
use domain::incidents::timeline::Event;
use domain::news::LetGo;
use domain::people::Permission;

/// Marks an incident as mitigated. Whoever says so has it, so it counts as acknowledged too.
///
/// # Errors
/// [`super::Refused::Resolved`]
pub async fn mitigate(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if incident.state == State::Mitigated {
        return Ok(());
    }
    let now = tx.now();
    incident.state = State::Mitigated;
    incident.acknowledged_at = incident.acknowledged_at.or(Some(now));
    incident.mitigated_at = incident.mitigated_at.or(Some(now));
    store(tx, &mut incident).await?;
    is_taken(tx, incident.id).await?;
    paging::stop(tx, incident.id).await?;
    timeline::record(tx, &mut incident, Event::Mitigated).await?;
    paging::let_go(tx, &incident, LetGo::Mitigated).await?;
    say_if_out_of_order(tx, &mut incident).await
}
