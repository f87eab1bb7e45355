//! A step all of whose people have to acknowledge: the incident waits for each of them, and meanwhile the policy goes on.

use super::{Escalation, escalation_of};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, oncall};
use domain::escalation::EscalationState;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::{Incident, PageOutcome};
use std::collections::BTreeSet;

/// Takes down that somebody acknowledges. Says for whom it waits besides, by name; for nobody where one is enough. The caller holds the
/// incident.
pub(crate) async fn still_waits_for(tx: &mut Tx, incident: &Incident, by: PersonId) -> Result<Vec<String>> {
    let Some(escalation) = escalation_of(tx, incident.id).await? else {
        return Ok(Vec::new());
    };
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    let needs_all = policy
        .step(escalation.place())
        .is_some_and(|step| step.all_acknowledge);
    if !needs_all || escalation.state == EscalationState::Stopped {
        return Ok(Vec::new());
    }
    let paged = paged_by_its_step(tx, incident.id, &escalation).await?;
    if paged.iter().all(|(person, _)| *person != by) {
        return Ok(Vec::new());
    }
    sql(
        "INSERT INTO step_acknowledgements (incident_id, person_id, at) VALUES ($1, $2, $3)
         ON CONFLICT (incident_id, person_id) DO UPDATE SET at = excluded.at",
    )
    .bind(incident.id)
    .bind(by)
    .bind(tx.now())
    .run(tx)
    .await?;
    let have = who_have(tx, incident.id, &escalation).await?;
    let missing = paged.into_iter().filter(|(person, _)| !have.contains(person));
    Ok(missing.map(|(_, name)| name).collect())
}

/// Those who are paged by the step where the policy stands, and are still there. Nobody waits for whom no mail reaches.
async fn paged_by_its_step(
    tx: &mut Tx,
    incident: IncidentId,
    escalation: &Escalation,
) -> Result<Vec<(PersonId, String)>> {
    sql(
        "SELECT DISTINCT p.id, p.name FROM pages g JOIN people p ON p.id = g.person_id
         WHERE g.incident_id = $1 AND g.round = $2 AND g.step = $3 AND g.created_at >= $4 AND g.outcome <> $5
            AND p.deactivated_at IS NULL
         ORDER BY p.name, p.id",
    )
    .bind(incident)
    .bind(escalation.round)
    .bind(escalation.step)
    .bind(escalation.started_at)
    .bind(PageOutcome::Refused)
    .all(tx)
    .await
}

/// Who has acknowledged since the policy began, though others have not: further steps are for others.
pub(super) async fn who_have(
    tx: &mut Tx,
    incident: IncidentId,
    escalation: &Escalation,
) -> Result<BTreeSet<PersonId>> {
    let rows: Vec<(PersonId,)> =
        sql("SELECT person_id FROM step_acknowledgements WHERE incident_id = $1 AND at >= $2")
            .bind(incident)
            .bind(escalation.started_at)
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}
