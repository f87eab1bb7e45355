//! One of two incidents that are the same: its alerts and pages join the other, and it is over.

use super::link::{hold_both, write};
use super::resolve::end;
use super::{Refused, page_from, raise_to, search, store, timeline, wake};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging};
use domain::Severity;
use domain::escalation::Arrival;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, LinkKind};
use domain::people::Permission;

/// Marks the incident a duplicate of another. Whoever was paged for it was paged for the other, their links acknowledge that one, and
/// what its source tells from now on comes there. Where it is worse, or the other has paged nobody so far, people are woken as by a
/// severity that somebody raises.
///
/// # Errors
/// [`Refused::LinkedToItself`], [`Refused::OtherIsResolved`], [`crate::Error::NotFound`]
pub async fn mark_duplicate(tx: &mut Tx, number: i64, of: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let (mut incident, mut other) = hold_both(tx, number, of).await?;
    if incident.state.is_open() && !other.state.is_open() {
        return Err(Refused::OtherIsResolved(other.number).into());
    }
    if !write(tx, incident.id, other.id, LinkKind::DuplicateOf).await? {
        return Ok(());
    }
    let was_open = incident.state.is_open();
    if was_open {
        // What waits of its pages is taken back while they are its own.
        end(tx, &mut incident).await?;
    }
    let alerts = join(tx, &incident, &other).await?;
    if was_open {
        hand_over_group(tx, &incident, &other).await?;
    }
    let event = Event::DuplicateOf {
        number: other.number,
        title: other.title.clone(),
    };
    timeline::record(tx, &mut incident, event).await?;
    let event = Event::TookOver {
        number: incident.number,
        title: incident.title.clone(),
        alerts,
    };
    timeline::record(tx, &mut other, event).await?;
    if was_open {
        it_is_here_now(tx, &mut other, incident.severity).await?;
    }
    search::index(tx, &incident).await?;
    search::index(tx, &other).await
}

/// What fires there fires here from now on, and its own policy has ended: who is to know of it is asked anew.
async fn it_is_here_now(tx: &mut Tx, other: &mut Incident, severity: Severity) -> Result<()> {
    let fires: bool = sql("SELECT EXISTS (SELECT 1 FROM alerts WHERE incident_id = $1 AND open)")
        .bind(other.id)
        .scalar(tx)
        .await?;
    if other.alerts_quiet && !fires {
        return raise_to(tx, other, severity).await;
    }
    let arrival = Arrival {
        meets: Some((other.state, other.severity)),
        alert: severity,
        was_quiet: false,
        is_new: false,
        page_from: page_from(tx, other.id).await?,
        progress: paging::progress(tx, other).await?,
    };
    if other.alerts_quiet {
        other.alerts_quiet = false;
        store(tx, other).await?;
    }
    raise_to(tx, other, severity).await?;
    wake(tx, other, arrival.waking()).await
}

/// Says how many alerts joined the other.
async fn join(tx: &mut Tx, incident: &Incident, other: &Incident) -> Result<u64> {
    let alerts = sql("UPDATE alerts SET incident_id = $2 WHERE incident_id = $1")
        .bind(incident.id)
        .bind(other.id)
        .run(tx)
        .await?;
    for statement in [
        "UPDATE notifications SET incident_id = $2 WHERE page_id IN (SELECT id FROM pages WHERE incident_id = $1)",
        "UPDATE digest_pages SET incident_id = $2 WHERE incident_id = $1",
        "UPDATE acknowledgement_links SET incident_id = $2 WHERE incident_id = $1",
        "UPDATE pages SET incident_id = $2 WHERE incident_id = $1",
        "INSERT INTO incident_services (incident_id, service_id) SELECT $2, service_id FROM incident_services
             WHERE incident_id = $1 ON CONFLICT DO NOTHING",
    ] {
        sql(statement).bind(incident.id).bind(other.id).run(tx).await?;
    }
    Ok(alerts)
}

/// What belongs to its group from now on comes to the other, where that was opened by hand; of two groups an incident has one.
async fn hand_over_group(tx: &mut Tx, incident: &Incident, other: &Incident) -> Result<()> {
    sql(
        "UPDATE incidents SET integration_id = g.integration_id, group_key = g.group_key
         FROM (SELECT integration_id, group_key FROM incidents WHERE {any incidents} AND id = $1) AS g
         WHERE incidents.id = $2 AND incidents.group_key IS NULL AND g.group_key IS NOT NULL",
    )
    .bind(incident.id)
    .bind(other.id)
    .run(tx)
    .await
    .map(drop)
}
