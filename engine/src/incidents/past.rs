//! An incident that was over before anybody wrote it down: it is entered with its times, and nobody is paged.

use super::resolve::keep_services;
use super::{Opening, Refused, insert, search, store, timeline};
use crate::error::Result;
use crate::{Tx, teams};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::fields;
use domain::ids::ServiceId;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, NoticedBy, State};
use domain::people::Permission;

/// What a person says of one that is over.
#[derive(Clone, Debug)]
pub struct Past {
    pub title: String,
    pub severity: Severity,
    pub services: Vec<ServiceId>,
    pub noticed_by: NoticedBy,
    pub began_at: Option<DateTime<Utc>>,
    pub mitigated_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// Enters it, resolved.
///
/// # Errors
/// [`Refused::NoBeginning`], [`Refused::NoEnd`], [`Refused::InTheFuture`], [`Refused::OutOfOrder`], and those of opening one.
pub async fn enter_past(tx: &mut Tx, past: &Past) -> Result<Incident> {
    tx.authorize(Permission::ActOnIncident).await?;
    let title = String::from(fields::INCIDENT_TITLE.read(&past.title)?);
    let first = *past.services.first().ok_or(Refused::NoService)?;
    let began = past.began_at.ok_or(Refused::NoBeginning)?;
    let over = past.resolved_at.ok_or(Refused::NoEnd)?;
    let now = tx.now();
    if [Some(began), past.mitigated_at, Some(over)]
        .into_iter()
        .flatten()
        .any(|at| at > now)
    {
        return Err(Refused::InTheFuture.into());
    }
    let service = teams::find_service(tx, first).await?;
    let opening = Opening {
        title,
        severity: past.severity,
        team: service.team_id,
        noticed_by: past.noticed_by,
        group: None,
        impact_started_at: Some(began),
        services: &past.services,
    };
    let mut incident = insert(tx, &opening).await?;
    // When it was noticed is not known yet; it can be corrected.
    incident.detected_at = Some(began);
    incident.instants().check().map_err(Refused::from)?;
    let event = Event::Opened {
        noticed_by: past.noticed_by,
        severity: past.severity,
    };
    timeline::record_at(tx, &mut incident, event, began).await?;
    if let Some(at) = past.mitigated_at {
        incident.state = State::Mitigated;
        incident.mitigated_at = Some(at);
        timeline::record_at(tx, &mut incident, Event::Mitigated, at).await?;
    }
    incident.state = State::Resolved;
    incident.resolved_at = Some(over);
    incident.instants().check().map_err(Refused::from)?;
    timeline::record_at(tx, &mut incident, Event::Resolved { by_alerts: false }, over).await?;
    store(tx, &mut incident).await?;
    keep_services(tx, incident.id).await?;
    timeline::record(tx, &mut incident, Event::EnteredAfterwards).await?;
    search::index(tx, &incident).await?;
    Ok(incident)
}
