//! A policy that is changed while it pages: who is new in what it has come through already would never be paged.

use super::walk::{How, Route, walk};
use super::{Escalation, escalation_of};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, oncall, timeline};
use domain::escalation::{EscalationState, Place, Policy};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::State;
use std::collections::BTreeSet;

/// Incidents whose policy was changed under them.
pub async fn with_changed_policy(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let rows: Vec<(IncidentId,)> = sql("SELECT incident_id FROM escalations WHERE policy_changed LIMIT $1")
        .bind(limit)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Goes back to the first step so far that names somebody whom this incident was not paged to, and pages them now. Safe to call
/// twice.
pub async fn policy_has_changed(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let mut incident = timeline::hold(tx, incident).await?;
    let changed =
        sql("UPDATE escalations SET policy_changed = FALSE WHERE incident_id = $1 AND policy_changed")
            .bind(incident.id)
            .run(tx)
            .await?;
    let Some(escalation) = escalation_of(tx, incident.id).await? else {
        return Ok(());
    };
    if changed == 0 || incident.state != State::Triggered || escalation.state == EscalationState::Stopped {
        return Ok(());
    }
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    let paged = paged_since(tx, incident.id, &escalation).await?;
    let Some(place) = first_with_somebody_new(tx, &policy, &escalation, &paged).await? else {
        return Ok(());
    };
    let route = Route {
        policy_id: escalation.policy_id,
        policy: &policy,
        place,
    };
    walk(tx, &mut incident, route, How::for_others_than(&paged)).await
}

async fn paged_since(
    tx: &mut Tx,
    incident: IncidentId,
    escalation: &Escalation,
) -> Result<BTreeSet<PersonId>> {
    let rows: Vec<(PersonId,)> =
        sql("SELECT DISTINCT person_id FROM pages WHERE incident_id = $1 AND created_at >= $2")
            .bind(incident)
            .bind(escalation.started_at)
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

async fn first_with_somebody_new(
    tx: &mut Tx,
    policy: &Policy,
    escalation: &Escalation,
    paged: &BTreeSet<PersonId>,
) -> Result<Option<Place>> {
    // In a later round, or at its end, it has come through all of them.
    let all = escalation.round > 0 || escalation.state == EscalationState::RanOut;
    for (number, step) in (0..).zip(&policy.steps) {
        if !all && number > escalation.step {
            break;
        }
        let reached = oncall::reached(tx, step).await?;
        if reached
            .people
            .iter()
            .any(|(person, _)| !paged.contains(&person.id))
        {
            let round = escalation.round;
            return Ok(Some(Place { round, step: number }));
        }
    }
    Ok(None)
}
