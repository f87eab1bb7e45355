//! Resolving: it is over, by a person's word or because the last alert went quiet.

use super::{hand_over, hold_number, say_if_out_of_order, store, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging};
use domain::ids::IncidentId;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, State};
use domain::news::LetGo;
use domain::people::Permission;

/// Resolves an incident in the name of a person.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn resolve(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let incident = hold_number(tx, number).await?;
    if incident.state == State::Resolved {
        return Ok(());
    }
    // What still fires belongs to a new incident when its source tells of it again.
    sql("UPDATE alerts SET open = FALSE WHERE incident_id = $1 AND open")
        .bind(incident.id)
        .run(tx)
        .await?;
    finish(tx, incident, By::Person).await
}

/// Resolves an incident whose last alert is quiet. If somebody holds a role, or the service leaves it to a person, it only says so and
/// waits for them: nobody further is woken for what is quiet. The caller holds the incident.
pub(crate) async fn resolve_by_alerts(
    tx: &mut Tx,
    mut incident: Incident,
    service_resolves: bool,
) -> Result<()> {
    let roles: i64 = sql("SELECT COUNT(*) FROM incident_roles WHERE incident_id = $1")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    if roles == 0 && service_resolves {
        return finish(tx, incident, By::Alerts).await;
    }
    if !incident.alerts_quiet {
        incident.alerts_quiet = true;
        store(tx, &mut incident).await?;
        paging::stop(tx, incident.id).await?;
        timeline::record_as_kintsugi(tx, &mut incident, Event::AlertsQuiet).await?;
    }
    Ok(())
}

/// What it was about when it was over stays known, whatever becomes of it.
pub(super) async fn keep_services(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql("INSERT INTO resolved_services (incident_id, service_id) SELECT incident_id, service_id FROM incident_services
         WHERE incident_id = $1 ON CONFLICT DO NOTHING")
        .bind(incident)
        .run(tx)
        .await
        .map(drop)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Person,
    Alerts,
}

/// It is over, and nobody further is paged. The caller says why.
pub(super) async fn end(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    hand_over::forget(tx, incident.id).await?;
    incident.state = State::Resolved;
    incident.resolved_at = incident.resolved_at.or(Some(tx.now()));
    incident.alerts_quiet = false;
    store(tx, incident).await?;
    keep_services(tx, incident.id).await?;
    paging::stop(tx, incident.id).await
}

async fn finish(tx: &mut Tx, mut incident: Incident, by: By) -> Result<()> {
    end(tx, &mut incident).await?;
    timeline::record(
        tx,
        &mut incident,
        Event::Resolved {
            by_alerts: by == By::Alerts,
        },
    )
    .await?;
    paging::let_go(tx, &incident, LetGo::Resolved).await?;
    say_if_out_of_order(tx, &mut incident).await
}
