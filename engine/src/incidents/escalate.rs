//! Escalating by hand: the next people, now.

use super::{hold_number, must_be_open, store, timeline};
use crate::error::Result;
use crate::{Tx, paging};
use domain::incidents::State;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Pages the policy's next step at once and goes on from there. An incident that somebody had goes back to triggered: who
/// asks for more help may be about to hand it over, so somebody else must say that they have it.
///
/// # Errors
/// [`super::Refused::Resolved`], [`super::Refused::NoPolicy`]
pub async fn escalate(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    let place = paging::next_by_hand(tx, &incident).await?;
    if incident.state != State::Triggered {
        incident.state = State::Triggered;
        incident.mitigated_at = None;
        store(tx, &mut incident).await?;
    }
    timeline::record(
        tx,
        &mut incident,
        Event::Escalated {
            by_hand: true,
            step: place.step,
        },
    )
    .await?;
    paging::go_to(tx, &mut incident, place, true).await
}
