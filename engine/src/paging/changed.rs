//! A policy that is changed while it pages: who is new in what it has come through already would never be paged. And an incident that
//! became worse while its policy pages: its service may page by another one then.

use super::walk::{How, Route, walk};
use super::{Escalation, begin, escalation_of};
use crate::db::sql;
use crate::error::Result;
use crate::oncall::policies;
use crate::{Tx, oncall, timeline};
use domain::escalation::{EscalationState, Place, Policy};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, State};
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
    if follows_another(tx, &mut incident, &escalation).await? {
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

/// It became worse while its policy pages: where its services have rules, they are asked again which policy it is. The caller holds the
/// incident.
pub(crate) async fn as_bad_as_it_is(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql(
        "UPDATE escalations SET policy_changed = TRUE WHERE incident_id = $1 AND state IN ('running', 'ran_out')
            AND EXISTS (SELECT 1 FROM incident_services l JOIN routing_rules r ON r.service_id = l.service_id
                WHERE l.incident_id = $1)",
    )
    .bind(incident)
    .run(tx)
    .await
    .map(drop)
}

/// Begins the policy that the incident has as bad as it is now, where that is another one. Hours count as of when it began to page.
async fn follows_another(tx: &mut Tx, incident: &mut Incident, escalation: &Escalation) -> Result<bool> {
    let Some((id, policy)) = oncall::policy_of(tx, incident, escalation.started_at).await? else {
        return Ok(false);
    };
    let Some(place) = policy.after(None).filter(|_| id != escalation.policy_id) else {
        return Ok(false);
    };
    let name = policies::find(tx, id).await?.name;
    timeline::record_as_kintsugi(tx, incident, Event::PolicyChosenAnew { policy: name }).await?;
    begin(tx, incident.id, id);
    let route = Route {
        policy_id: id,
        policy: &policy,
        place,
    };
    walk(tx, incident, route, How::asked(PageReason::OnCall)).await?;
    Ok(true)
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
