//! Putting right what the log filled in: instants, title, services.

use super::{Refused, hold_number, search, services_of, store, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::ServiceId;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Sets an instant as a form asks for that was drawn from what stood there. What nobody edited stays, whatever it is by now.
///
/// # Errors
/// [`Refused::CorrectedMeanwhile`], and those of [`correct_instant`].
pub async fn correct_drawn_instant(
    tx: &mut Tx,
    number: i64,
    which: Correction,
    drawn_from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    if to == drawn_from {
        return Ok(());
    }
    let now = which.of(&hold_number(tx, number).await?.instants());
    if now != drawn_from && now != to {
        return Err(Refused::CorrectedMeanwhile { which, now }.into());
    }
    correct_instant(tx, number, which, to).await
}

/// Sets an instant, or says that it is unknown (`None`). Durations follow.
///
/// # Errors
/// [`Refused::OutOfOrder`], [`Refused::InTheFuture`], [`Refused::NotYet`]
pub async fn correct_instant(
    tx: &mut Tx,
    number: i64,
    which: Correction,
    to: Option<DateTime<Utc>>,
) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    if to.is_some_and(|at| at > tx.now()) {
        return Err(Refused::InTheFuture.into());
    }
    if to.is_some() && !which.has_come(incident.state) {
        return Err(Refused::NotYet(which).into());
    }
    let instant = match which {
        Correction::ImpactStart => &mut incident.impact_started_at,
        Correction::Detected => &mut incident.detected_at,
        Correction::Acknowledged => &mut incident.acknowledged_at,
        Correction::Mitigated => &mut incident.mitigated_at,
        Correction::Resolved => &mut incident.resolved_at,
    };
    let from = std::mem::replace(instant, to);
    if from == to {
        return Ok(());
    }
    incident.instants().check().map_err(Refused::from)?;
    store(tx, &mut incident).await?;
    let event = Event::InstantCorrected {
        instant: which.label().to_owned(),
        from,
        to,
    };
    timeline::record(tx, &mut incident, event).await?;
    Ok(())
}

/// Gives it a better title.
///
/// # Errors
/// [`domain::fields::Unfit`]
pub async fn rename(tx: &mut Tx, number: i64, title: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let title = String::from(fields::INCIDENT_TITLE.read(title)?);
    let mut incident = hold_number(tx, number).await?;
    if incident.title == title {
        return Ok(());
    }
    let from = std::mem::replace(&mut incident.title, title.clone());
    store(tx, &mut incident).await?;
    timeline::record(tx, &mut incident, Event::TitleChanged { from, to: title }).await?;
    search::index(tx, &incident).await
}

/// Says which services it is about.
///
/// # Errors
/// [`Refused::NoService`], [`crate::Error::NotFound`]
pub async fn change_services(tx: &mut Tx, number: i64, services: &[ServiceId]) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    if services.is_empty() {
        return Err(Refused::NoService.into());
    }
    let mut incident = hold_number(tx, number).await?;
    let before = services_of(tx, incident.id).await?;
    if before.len() == services.len() && before.iter().all(|service| services.contains(&service.id)) {
        return Ok(());
    }
    sql("DELETE FROM incident_services WHERE incident_id = $1")
        .bind(incident.id)
        .run(tx)
        .await?;
    let (mut names, mut teams) = (Vec::new(), Vec::new());
    for service in services {
        let found = crate::teams::find_service(tx, *service).await?;
        teams.push((found.name.clone(), found.team_id));
        names.push(found.name);
        sql("INSERT INTO incident_services (incident_id, service_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(incident.id)
            .bind(*service)
            .run(tx)
            .await?;
    }
    // It is theirs who run what is broken; of several teams, of that which has it, else of the first by its service's name.
    let stays = teams.iter().any(|(_, team)| *team == incident.team_id);
    if let Some((_, team)) = teams.into_iter().min().filter(|_| !stays) {
        incident.team_id = team;
        sql("UPDATE incidents SET team_id = $2 WHERE id = $1")
            .bind(incident.id)
            .bind(team)
            .run(tx)
            .await?;
    }
    timeline::record(tx, &mut incident, Event::ServicesChanged { names }).await?;
    search::index(tx, &incident).await
}
