//! One click on a resolved incident.

use super::{Refused, of_incident, record_state};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, timeline};
use domain::ids::PostmortemId;
use domain::incidents::instants::spoken;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, NoticedBy, State};
use domain::people::Permission;
use domain::postmortems::{PostmortemState, SectionKind, TEMPLATE};

/// Makes the document. Timeline, durations, people, alerts, updates and decisions are read from the incident each time, so
/// that a correction there is true here; what is stored are the sections, copied from the template. Doing it twice finds the first one.
///
/// # Errors
/// [`Refused::StillOpen`]
pub async fn start(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let incident = incidents::find(tx, number).await?;
    let mut incident = incidents::hold(tx, incident.id).await?;
    if of_incident(tx, incident.id).await?.is_some() {
        return Ok(());
    }
    if incident.state != State::Resolved {
        return Err(Refused::StillOpen(number).into());
    }
    let id: PostmortemId = tx.new_id();
    let now = tx.now();
    sql("INSERT INTO postmortems (id, incident_id, title, state, created_at, created_by) VALUES ($1, $2, $3, 'draft', $4, $5)")
        .bind(id)
        .bind(incident.id)
        .bind(&incident.title)
        .bind(now)
        .bind(tx.actor().person())
        .run(tx)
        .await?;
    record_state(tx, id, None, PostmortemState::Draft).await?;
    let services = incidents::services_of(tx, incident.id).await?;
    let services: Vec<_> = services.into_iter().map(|service| service.name).collect();
    for (position, section) in (1_i64..).zip(TEMPLATE) {
        let body = match section.kind {
            SectionKind::Summary => summary(&incident, &services.join(" and ")),
            _ => String::new(),
        };
        sql(
            "INSERT INTO postmortem_sections (postmortem_id, name, position, kind, title, prompt, body, revision, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
        )
        .bind(id)
        .bind(section.name)
        .bind(position)
        .bind(section.kind)
        .bind(section.title)
        .bind(section.prompt)
        .bind(body)
        .bind(now)
        .run(tx)
        .await?;
    }
    timeline::record(tx, &mut incident, Event::PostmortemStarted).await?;
    Ok(())
}

/// A first sentence from what the log knows; people write on from there.
fn summary(incident: &Incident, services: &str) -> String {
    let began = incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at);
    let end = incident.mitigated_at.or(incident.resolved_at).unwrap_or(began);
    let noticed = match incident.noticed_by {
        NoticedBy::Alert => "An alert showed it first",
        NoticedBy::Staff => "One of us noticed it first",
        NoticedBy::Customer => "A customer noticed it first",
    };
    format!(
        "On {} {services} was affected for {} ({}). {noticed}.",
        began.format("%-d %B %Y"),
        spoken((end - began).num_seconds()),
        incident.severity,
    )
}
