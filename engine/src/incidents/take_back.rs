//! “Mitigated” was said too early: the incident is what it was before.

use super::{hold_number, must_be_open, store, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging};
use chrono::{DateTime, Utc};
use domain::incidents::State;
use domain::incidents::timeline::{Event, PageReason};
use domain::people::Permission;

/// Takes “mitigated” back. Where nobody had acknowledged before, nobody has it now: the policy begins anew. An instant that was corrected
/// meanwhile stays in the timeline.
///
/// # Errors
/// [`super::Refused::Resolved`]
pub async fn take_back_mitigation(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if incident.state != State::Mitigated {
        return Ok(());
    }
    let (seq, before): (i64, State) = sql(
        "SELECT seq, state FROM timeline WHERE incident_id = $1 AND state <> 'mitigated' ORDER BY seq DESC LIMIT 1",
    )
    .bind(incident.id)
    .one(tx, "timeline")
    .await?;
    let (said_at,): (DateTime<Utc>,) =
        sql("SELECT recorded_at FROM timeline WHERE incident_id = $1 AND seq = $2")
            .bind(incident.id)
            .bind(seq + 1)
            .one(tx, "timeline")
            .await?;
    incident.state = before;
    let mitigated_at = incident.mitigated_at.take();
    let was_triggered = before == State::Triggered;
    if was_triggered && incident.acknowledged_at == Some(said_at) {
        // It came with the mitigation, and goes with it.
        incident.acknowledged_at = None;
    }
    store(tx, &mut incident).await?;
    timeline::record(
        tx,
        &mut incident,
        Event::MitigationTakenBack { before: mitigated_at },
    )
    .await?;
    if was_triggered {
        return paging::start(tx, &mut incident, PageReason::OnCall).await;
    }
    paging::hold_begins(tx, &incident).await
}
