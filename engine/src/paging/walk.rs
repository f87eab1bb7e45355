//! From step to step: when one is over, when it is lost, and where a policy ends.

use super::known::Known;
use super::page::{Call, Reason, page_knowing};
use super::{Escalation, begin, escalation_of, everybody};
use crate::db::changes::{Begun, ShadowedPage};
use crate::db::sql;
use crate::error::Result;
use crate::messages::notices;
use crate::notifications::outbox;
use crate::oncall::policies;
use crate::{Tx, oncall, timeline};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{End, EscalationState, Gap, Place, Policy, Step};
use domain::ids::{IncidentId, PersonId, PolicyId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, State};
use domain::people::Person;
use std::collections::BTreeSet;

/// Where in which policy.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub policy_id: PolicyId,
    pub policy: &'a Policy,
    pub place: Place,
}

/// Why it is walked, and what for.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    reason: PageReason,
    /// The timeline tells which step it came to.
    by_itself: bool,
    /// People who were paged a moment ago: it is for others.
    spared: Option<&'a BTreeSet<PersonId>>,
    /// The incident was just opened.
    is_new: bool,
}

impl<'a> How<'a> {
    /// Somebody or something asked for this very step.
    pub const fn asked(reason: PageReason) -> Self {
        Self {
            reason,
            by_itself: false,
            spared: None,
            is_new: false,
        }
    }

    /// The first step of what was just opened.
    pub const fn opened(reason: PageReason) -> Self {
        Self {
            is_new: true,
            ..Self::asked(reason)
        }
    }

    /// The next people are asked instead of those who cannot.
    pub const fn passed_on(spared: &'a BTreeSet<PersonId>) -> Self {
        Self {
            reason: PageReason::PassedOn,
            by_itself: false,
            spared: Some(spared),
            is_new: false,
        }
    }

    /// Whoever else stands in the step.
    pub const fn for_others_than(spared: &'a BTreeSet<PersonId>) -> Self {
        Self {
            reason: PageReason::OnCall,
            by_itself: false,
            spared: Some(spared),
            is_new: false,
        }
    }
}

const BY_ITSELF: How<'_> = How {
    reason: PageReason::OnCall,
    by_itself: true,
    spared: None,
    is_new: false,
};

/// Goes on to the next step if it is due and nobody has acknowledged. Takes the incident itself; safe to call twice.
pub async fn advance(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let mut incident = timeline::hold(tx, incident).await?;
    let Some(escalation) = escalation_of(tx, incident.id).await? else {
        return Ok(());
    };
    let due = escalation.next_at.is_some_and(|at| at <= tx.now());
    if !due || incident.state != State::Triggered {
        return Ok(());
    }
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    match escalation.state {
        EscalationState::Running => match policy.after(Some(escalation.place())) {
            Some(place) => {
                // Whoever has acknowledged need not be asked because others have not.
                let have = everybody::who_have(tx, incident.id, &escalation).await?;
                let how = How {
                    spared: (!have.is_empty()).then_some(&have),
                    ..BY_ITSELF
                };
                walk(tx, &mut incident, route(&escalation, &policy, place), how).await
            }
            None => run_out(tx, &mut incident, &policy).await,
        },
        EscalationState::RanOut => go_round_again(tx, &mut incident, &escalation, &policy).await,
        EscalationState::Stopped => Ok(()),
    }
}

fn route<'a>(escalation: &Escalation, policy: &'a Policy, place: Place) -> Route<'a> {
    Route {
        policy_id: escalation.policy_id,
        policy,
        place,
    }
}

/// Goes on before its time, since no page of this step can arrive: to the next people who were not paged a moment ago. The caller
/// holds the incident.
pub(super) async fn step_is_lost(tx: &mut Tx, incident: &mut Incident, lost: Place) -> Result<()> {
    let Some(escalation) = escalation_of(tx, incident.id).await? else {
        return Ok(());
    };
    if escalation.state != EscalationState::Running
        || escalation.place() != lost
        || incident.state != State::Triggered
    {
        return Ok(());
    }
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    let Some(place) = policy.after(Some(lost)) else {
        return run_out(tx, incident, &policy).await;
    };
    let spared = within_their_delay(tx, incident.id, &policy).await?;
    let how = How {
        spared: Some(&spared),
        ..BY_ITSELF
    };
    walk(tx, incident, route(&escalation, &policy, place), how).await
}

/// Whom the incident was paged to so lately that their step's delay is not over.
async fn within_their_delay(
    tx: &mut Tx,
    incident: IncidentId,
    policy: &Policy,
) -> Result<BTreeSet<PersonId>> {
    let paged: Vec<(PersonId, i64, DateTime<Utc>)> = sql(
        "SELECT person_id, step, MAX(created_at) FROM pages WHERE incident_id = $1 GROUP BY person_id, step",
    )
    .bind(incident)
    .all(tx)
    .await?;
    let now = tx.now();
    let is_within = |(_, step, at): &(PersonId, i64, DateTime<Utc>)| {
        // Who was asked before the policy has the time of its first step.
        let step = policy.step(Place {
            round: 0,
            step: (*step).max(0),
        });
        step.is_some_and(|step| *at + TimeDelta::seconds(step.delay_seconds) > now)
    };
    Ok(paged
        .into_iter()
        .filter(is_within)
        .map(|(person, ..)| person)
        .collect())
}

/// Pages the step at the place; where nobody stands behind it, the next one at once, and the team is told.
pub(super) async fn walk(tx: &mut Tx, incident: &mut Incident, route: Route<'_>, how: How<'_>) -> Result<()> {
    walk_knowing(tx, &mut Known::default(), incident, route, how).await
}

/// As [`walk`], with what was looked up before.
pub(super) async fn walk_knowing(
    tx: &mut Tx,
    known: &mut Known,
    incident: &mut Incident,
    route: Route<'_>,
    how: How<'_>,
) -> Result<()> {
    let paged = paged_in_round(tx, incident.id, route).await?;
    let walk = loop {
        let on_call = &known.on_call;
        let walked = route
            .policy
            .walk(route.place, how.spared, &paged, |step| on_call.reached(step));
        let unknown = match walked {
            Ok(walk) => break walk,
            Err(step) => step.clone(),
        };
        known.on_call.learn(tx, &[unknown]).await?;
    };
    for gap in &walk.gaps {
        let event = match gap {
            Gap::Schedule(schedule) => Event::NobodyOnCall {
                schedule: schedule.clone(),
            },
            // Whoever it names has left.
            Gap::Step(step) => Event::StepReachesNobody { step: *step },
        };
        timeline::record_as_kintsugi(tx, incident, event).await?;
    }
    if !walk.first_gaps.is_empty() {
        let names: Vec<String> = walk.first_gaps.iter().map(name_of).collect();
        notices::nobody_on_call(tx, incident, &names).await?;
    }
    let End::Pages {
        place,
        delay_seconds,
        people,
    } = walk.end
    else {
        return run_out(tx, incident, route.policy).await;
    };
    if how.by_itself {
        let escalated = Event::Escalated {
            by_hand: false,
            step: place.step,
        };
        timeline::record_as_kintsugi(tx, incident, escalated).await?;
    }
    let route = Route { place, ..route };
    stand_at(tx, incident, route, delay_seconds);
    if let (Some(step), Some((person, _))) = (
        route.policy.step(place).filter(|step| step.in_turn),
        people.first(),
    ) && let Some(stood) = known.on_call.place_in(step, person.id)
    {
        policies::had_a_turn(tx, route.policy_id, place.step, (person.id, stood)).await?;
    }
    note_shadowed(tx, known, incident.id, route.policy.step(place), &people);
    let call = Call {
        place,
        reason: Reason::Escalation(how.reason),
        is_new: how.is_new,
    };
    page_knowing(tx, known, incident, call, &people).await
}

/// Whoever goes along with a schedule of the step is told of it later, and beside the pages.
fn note_shadowed(
    tx: &mut Tx,
    known: &Known,
    incident: IncidentId,
    step: Option<&Step>,
    people: &[(Person, PageReason)],
) {
    let Some(step) = step else { return };
    for (schedule_id, paged) in known.on_call.shadowed(step, people) {
        let shadowed = ShadowedPage {
            id: tx.context.new_id(),
            incident_id: incident,
            schedule_id,
            at: tx.now(),
            paged: paged.into_iter().map(|person| (person.id, person.name)).collect(),
        };
        tx.changes.shadowed_pages.push(shadowed);
    }
}

/// Whom this round of the policy has paged, where a step asks for it.
async fn paged_in_round(tx: &mut Tx, incident: IncidentId, route: Route<'_>) -> Result<BTreeSet<PersonId>> {
    if !route.policy.steps.iter().any(|step| step.skips_paged) {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<(PersonId,)> = sql(
        "SELECT DISTINCT g.person_id FROM pages g JOIN escalations e ON e.incident_id = g.incident_id
         WHERE g.incident_id = $1 AND g.round = $2 AND g.created_at >= e.started_at",
    )
    .bind(incident)
    .bind(route.place.round)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

fn name_of(gap: &Gap) -> String {
    match gap {
        Gap::Schedule(name) => name.clone(),
        Gap::Step(step) => format!("step {} of the escalation policy", step + 1),
    }
}

/// The incident stands there now, and the next step is due when this one has had its time.
fn stand_at(tx: &mut Tx, incident: &Incident, route: Route<'_>, delay_seconds: i64) {
    let now = tx.now();
    let at = Begun {
        policy_id: route.policy_id,
        place: route.place,
        next_at: now + TimeDelta::seconds(delay_seconds),
        started_at: now,
    };
    tx.changes.stand_at(incident.id, at);
}

/// As [`stand_at`], from the beginning.
pub(super) fn begin_at(tx: &mut Tx, incident: &Incident, route: Route<'_>, delay_seconds: i64) {
    begin(tx, incident.id, route.policy_id);
    stand_at(tx, incident, route, delay_seconds);
}

/// Nobody is left to page. Where the mail server refused all of it, that may have been its own trouble: then it is looked at again
/// when the last step has had its time.
pub(super) async fn run_out(tx: &mut Tx, incident: &mut Incident, policy: &Policy) -> Result<()> {
    let by_refusals = by_refusals_alone(tx, incident.id).await?;
    let before = escalation_of(tx, incident.id).await?;
    // Once past the repeats: refused again after others got their mails, it is about the addresses.
    let again_at = by_refusals.as_ref().and_then(|escalation| {
        let step = policy.step(escalation.place())?;
        (escalation.round <= policy.repeats).then(|| tx.now() + TimeDelta::seconds(step.delay_seconds))
    });
    // One that goes on until somebody acknowledges looks again whether it reaches anybody by then.
    let last = policy.steps.last().filter(|_| policy.until_acknowledged);
    let again_at = again_at.or_else(|| last.map(|step| tx.now() + TimeDelta::seconds(step.delay_seconds)));
    sql("UPDATE escalations SET state = 'ran_out', next_at = $2 WHERE incident_id = $1")
        .bind(incident.id)
        .bind(again_at)
        .run(tx)
        .await?;
    if before.is_some_and(|before| before.state == EscalationState::RanOut) {
        // It has been told.
        return Ok(());
    }
    timeline::record_as_kintsugi(tx, incident, Event::PolicyRanOut).await?;
    if by_refusals.is_some_and(|escalation| escalation.round > 0) {
        // The team was told when the round before was refused.
        return Ok(());
    }
    notices::nobody_has_this(tx, incident).await
}

/// Where the policy stands, if the mail server refused all that it has paged since it started.
async fn by_refusals_alone(tx: &mut Tx, incident: IncidentId) -> Result<Option<Escalation>> {
    let Some(escalation) = escalation_of(tx, incident).await? else {
        return Ok(None);
    };
    let (pages, refused): (i64, i64) = sql(
        "SELECT COUNT(*), COUNT(CASE WHEN outcome = 'refused' THEN 1 END) FROM pages
         WHERE incident_id = $1 AND created_at >= $2",
    )
    .bind(incident)
    .bind(escalation.started_at)
    .one(tx, "count")
    .await?;
    Ok(Some(escalation).filter(|_| pages > 0 && refused == pages))
}

/// A policy that ran out by refusals alone begins another round once the mail server takes mails again.
async fn go_round_again(
    tx: &mut Tx,
    incident: &mut Incident,
    escalation: &Escalation,
    policy: &Policy,
) -> Result<()> {
    let paged_at: Option<DateTime<Utc>> = sql("SELECT MAX(created_at) FROM pages WHERE incident_id = $1")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    let since = paged_at.unwrap_or(escalation.started_at);
    if policy.until_acknowledged || outbox::was_one_taken_since(tx, since).await? {
        let place = Place {
            round: escalation.round + 1,
            step: 0,
        };
        return walk(tx, incident, route(escalation, policy, place), BY_ITSELF).await;
    }
    let step = policy.step(escalation.place());
    let next_at = step.map(|step| tx.now() + TimeDelta::seconds(step.delay_seconds));
    sql("UPDATE escalations SET next_at = $2 WHERE incident_id = $1")
        .bind(incident.id)
        .bind(next_at)
        .run(tx)
        .await
        .map(drop)
}
