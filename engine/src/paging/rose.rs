//! What somebody has became worse: they are told, else whoever can be reached.

use super::own_policy;
use super::page::{Call, Reason, page_people};
use crate::db::sql;
use crate::error::Result;
use crate::messages::notices;
use crate::{Tx, oncall, people, timeline};
use domain::escalation::Place;
use domain::ids::PersonId;
use domain::incidents::timeline::PageReason;
use domain::incidents::{Incident, PageOutcome};
use std::collections::BTreeSet;

/// Tells whoever has the incident that it became worse, else the first step that reaches anybody, else the team. Who said
/// so need not be told.
pub(crate) async fn tell_it_rose(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let knows = tx.actor().person().into_iter().collect();
    tell(tx, incident, &knows).await
}

async fn tell(tx: &mut Tx, incident: &mut Incident, but: &BTreeSet<PersonId>) -> Result<()> {
    if let Some(holder) = timeline::holder(tx, incident.id).await?
        && !but.contains(&holder.person_id)
        && let Some(person) = people::find_active(tx, holder.person_id).await?
    {
        let to_them = [(person, PageReason::SeverityRose)];
        return page_people(tx, incident, call(0, Reason::SeverityRose), &to_them).await;
    }
    if page_first_step(tx, incident, Reason::SeverityRose, but).await? {
        return Ok(());
    }
    notices::it_became_worse(tx, incident).await
}

/// Nobody is paged after this: somebody has it.
fn call(step: i64, reason: Reason) -> Call {
    Call {
        place: Place { round: 0, step },
        reason,
        is_new: false,
    }
}

/// Pages the first step that reaches anybody but these. Says whether there was one.
pub(super) async fn page_first_step(
    tx: &mut Tx,
    incident: &mut Incident,
    reason: Reason,
    but: &BTreeSet<PersonId>,
) -> Result<bool> {
    let policy = own_policy(tx, incident).await?;
    let steps = policy.map(|(_, policy)| policy.steps).unwrap_or_default();
    for (number, step) in (0..).zip(&steps) {
        let mut reached = oncall::reached(tx, step).await?;
        reached.people.retain(|(person, _)| !but.contains(&person.id));
        if !reached.people.is_empty() {
            page_people(tx, incident, call(number, reason), &reached.people).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Goes on to others where all who were told so were refused by the mail server.
pub(super) async fn page_is_lost(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let told: Vec<(PersonId, PageOutcome)> = sql(
        "SELECT person_id, outcome FROM pages WHERE incident_id = $1 AND reason = 'severity_rose' AND severity = $2",
    )
    .bind(incident.id)
    .bind(incident.severity)
    .all(tx)
    .await?;
    if told.iter().any(|(_, outcome)| *outcome != PageOutcome::Refused) {
        return Ok(());
    }
    tell(
        tx,
        incident,
        &told.into_iter().map(|(person, _)| person).collect(),
    )
    .await
}
