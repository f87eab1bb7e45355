//! Opening an incident: by hand, or for an alert.

use super::{Refused, search, timeline};
use crate::Tx;
use crate::db::Decisions;
use crate::db::changes::{NewIncident, ServiceOfIncident};
use crate::error::{Error, Result};
use crate::{paging, teams};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::fields;
use domain::ids::{IntegrationId, ServiceId, TeamId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, NoticedBy, State};
use domain::people::Permission;

/// What a person says when they open one.
#[derive(Clone, Debug)]
pub struct ByHand {
    pub title: String,
    pub severity: Severity,
    pub services: Vec<ServiceId>,
    pub noticed_by: NoticedBy,
    pub impact_started_at: Option<DateTime<Utc>>,
}

/// Opens an incident and starts the policy of its first service, at any severity: whoever opens one asks for somebody.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::NoService`], [`Refused::InTheFuture`]
pub async fn open_by_hand(tx: &mut Tx, form: &ByHand) -> Result<Incident> {
    tx.authorize(Permission::ActOnIncident).await?;
    let title = String::from(fields::INCIDENT_TITLE.read(&form.title)?);
    let first = *form.services.first().ok_or(Refused::NoService)?;
    let now = tx.now();
    if form.impact_started_at.is_some_and(|at| at > now) {
        return Err(Refused::InTheFuture.into());
    }
    let service = teams::find_service(tx, first).await?;
    let opening = Opening {
        title,
        severity: form.severity,
        team: service.team_id,
        noticed_by: form.noticed_by,
        group: None,
        impact_started_at: form.impact_started_at,
        services: &form.services,
    };
    let mut incident = insert(tx, &opening).await?;
    let event = Event::Opened {
        noticed_by: form.noticed_by,
        severity: form.severity,
    };
    timeline::record(tx, &mut incident, event).await?;
    paging::start(tx, &mut incident, PageReason::OnCall).await?;
    search::index(tx, &incident).await?;
    Ok(incident)
}

/// What every new incident has.
pub(crate) struct Opening<'a> {
    pub title: String,
    pub severity: Severity,
    pub team: TeamId,
    pub noticed_by: NoticedBy,
    pub group: Option<(IntegrationId, &'a str)>,
    pub impact_started_at: Option<DateTime<Utc>>,
    pub services: &'a [ServiceId],
}

/// Inserts a triggered incident with the next number, and nothing in its timeline yet.
pub(crate) async fn insert(tx: &mut Tx, opening: &Opening<'_>) -> Result<Incident> {
    tx.look_up_number().await?;
    insert_known(&mut tx.decisions(), opening)
}

/// As [`insert`], where the last number was looked up.
///
/// # Errors
/// [`Error::NotLookedUp`]
pub(crate) fn insert_known(decisions: &mut Decisions<'_>, opening: &Opening<'_>) -> Result<Incident> {
    let number = decisions
        .changes
        .next_number()
        .ok_or(Error::NotLookedUp("the number of the last incident"))?;
    let now = decisions.now();
    let incident = Incident {
        id: decisions.new_id(),
        number,
        title: opening.title.clone(),
        severity: opening.severity,
        state: State::Triggered,
        team_id: opening.team,
        noticed_by: opening.noticed_by,
        seq: 0,
        alerts_quiet: false,
        is_drill: false,
        opened_at: now,
        impact_started_at: opening.impact_started_at,
        detected_at: Some(now),
        acknowledged_at: None,
        mitigated_at: None,
        resolved_at: None,
        seconds_to_acknowledge: None,
        seconds_to_mitigate: None,
        seconds_to_resolve: None,
    };
    decisions.changes.open(NewIncident {
        incident: incident.clone(),
        group: opening
            .group
            .map(|(integration, key)| (integration, key.to_owned())),
    });
    for service in opening.services {
        decisions.changes.services_of_incidents.push(ServiceOfIncident {
            incident_id: incident.id,
            service_id: *service,
        });
    }
    Ok(incident)
}
