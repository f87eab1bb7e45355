//! Reopening: it was not over. The policy starts again, and what its source tells of its alerts counts here again.

use super::{Refused, hold_number, store, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::State;
use domain::incidents::timeline::{Event, PageReason};
use domain::people::Permission;

/// Reopens a resolved incident and pages as if it were new.
///
/// # Errors
/// [`Refused::StillOpen`]
pub async fn reopen(tx: &mut Tx, number: i64, by: PersonId, reason: Option<String>) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    if incident.state.is_open() {
        return Err(Refused::StillOpen(number).into());
    }
    // A later incident may have taken over this one's alerts; the later one keeps them.
    sql("UPDATE incidents SET group_key = NULL WHERE id = $1 AND EXISTS (
             SELECT 1 FROM incidents later WHERE {any later} AND later.integration_id = incidents.integration_id
                AND later.group_key = incidents.group_key AND later.state <> 'resolved')")
    .bind(incident.id)
    .run(tx)
    .await?;
    bind_alerts_again(tx, incident.id).await?;
    incident.state = State::Triggered;
    incident.mitigated_at = None;
    incident.resolved_at = None;
    store(tx, &mut incident).await?;
    timeline::record(tx, &mut incident, Some(by), Event::Reopened { reason }).await?;
    paging::start(tx, &mut incident, PageReason::OnCall).await
}

/// Alerts that had not ended when the incident was resolved, where no later incident has them.
async fn bind_alerts_again(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql("UPDATE alerts SET open = TRUE WHERE incident_id = $1 AND NOT open AND status <> 'resolved' AND NOT EXISTS (
             SELECT 1 FROM alerts other WHERE other.integration_id = alerts.integration_id AND other.dedup_key = alerts.dedup_key
                AND (other.open OR other.incident_id = alerts.incident_id AND other.status <> 'resolved' AND other.id > alerts.id))")
    .bind(incident)
    .run(tx)
    .await
    .map(drop)
}
