//! Paging: an incident walks through its policy; each step writes its pages and their mails in the transaction that
//! decided it, so that a page is due exactly when the decision is durable.

mod again;
mod by_hand;
mod changed;
mod digest;
mod everybody;
mod hold;
mod known;
mod let_go;
mod page;
mod pass_on;
mod rose;
mod settle;
mod walk;

pub(crate) use again::{start_after, wake_holder_first};
pub(crate) use by_hand::{first_delay, page_by_hand};
pub(crate) use changed::as_bad_as_it_is;
pub use changed::{policy_has_changed, with_changed_policy};
pub use digest::told::{
    Refused as RefusedInDigest, go_on as go_on_from_digest, refused as refused_in_digests,
};
pub(crate) use digest::told::{is_refused as digest_is_refused, is_told as digest_is_told};
pub use digest::{Drawn, draw_up as draw_up_digest, due as digests_due, send as send_digest};
pub(crate) use digest::{Standing as DigestNow, as_it_stands as digest_as_it_stands};
pub(crate) use everybody::still_waits_for;
pub use hold::{ask_holder, hold_is_over, holders_to_ask, holds_over};
pub(crate) use hold::{hold_begins, still_has_it};
pub(crate) use known::Known;
pub(crate) use let_go::{let_go, no_longer_asked};
pub(crate) use page::{WENT_OUT, send_those_on_lists, take_out_of_digests};
pub(crate) use pass_on::pass_on;
pub use pass_on::place;
pub(crate) use rose::tell_it_rose;
pub(crate) use settle::{drop_waiting, goes_out_as, is_wanted, settle, was_taken_back};
pub use walk::advance;

use crate::context::CLOCKS_DIFFER;
use crate::db::changes::Begun;
use crate::db::sql;
use crate::error::{Refusal, Result};
use crate::messages::notices;
use crate::{Tx, oncall, timeline};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{EscalationState, Place, Policy, Progress, another_fault_wakes};
use domain::ids::{IncidentId, PersonId, PolicyId, ServiceId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, State};
use page::Reason;
use std::collections::BTreeSet;
use walk::{How, Route, run_out, walk, walk_knowing};

/// Why nobody can be paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "The service has no escalation policy, so there is nobody to page. Its team can add one under Settings."
    )]
    NoPolicy,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        None
    }
}

#[derive(sqlx::FromRow)]
struct Escalation {
    policy_id: PolicyId,
    round: i64,
    step: i64,
    state: EscalationState,
    next_at: Option<DateTime<Utc>>,
    started_at: DateTime<Utc>,
}

impl Escalation {
    fn place(&self) -> Place {
        Place {
            round: self.round,
            step: self.step,
        }
    }
}

async fn escalation_of(tx: &mut Tx, incident: IncidentId) -> Result<Option<Escalation>> {
    sql("SELECT policy_id, round, step, state, next_at, started_at FROM escalations WHERE incident_id = $1")
        .bind(incident)
        .maybe(tx)
        .await
}

/// How far the incident's policy has come.
pub(crate) async fn progress(tx: &mut Tx, incident: &Incident) -> Result<Progress> {
    Ok(match escalation_of(tx, incident.id).await? {
        Some(escalation) if escalation.state == EscalationState::RanOut => Progress::RanOut,
        Some(escalation) if escalation.state == EscalationState::Running => Progress::Running,
        // Stopped: whoever had it has given it back.
        Some(_) => Progress::NotStarted,
        None if own_policy(tx, incident).await?.is_none() => Progress::RanOut,
        None => Progress::NotStarted,
    })
}

/// Starts the policy from its first step. The caller holds the incident.
pub(crate) async fn start(tx: &mut Tx, incident: &mut Incident, reason: PageReason) -> Result<()> {
    let policy = own_policy(tx, incident).await?;
    begin_policy(tx, &mut Known::default(), incident, policy, How::asked(reason)).await
}

/// Starts the policy of the one service that an incident was just opened about, with what was looked up before.
pub(crate) async fn start_knowing(
    tx: &mut Tx,
    known: &mut Known,
    incident: &mut Incident,
    service: ServiceId,
) -> Result<()> {
    let policy = known.policy_for(service, incident.severity, tx.now());
    begin_policy(tx, known, incident, policy, How::opened(PageReason::OnCall)).await
}

async fn begin_policy(
    tx: &mut Tx,
    known: &mut Known,
    incident: &mut Incident,
    policy: Option<(PolicyId, Policy)>,
    how: How<'_>,
) -> Result<()> {
    let Some((policy_id, policy)) = policy else {
        timeline::record_as_kintsugi(tx, incident, Event::NoPolicy).await?;
        return notices::nobody_has_this(tx, incident).await;
    };
    begin(tx, incident.id, policy_id);
    match policy.after(None) {
        Some(place) => {
            let route = Route {
                policy_id,
                policy: &policy,
                place,
            };
            walk_knowing(tx, known, incident, route, how).await
        }
        None => run_out(tx, incident, &policy).await,
    }
}

/// The incident begins to walk through the policy now, whatever it has come through before.
fn begin(tx: &mut Tx, incident: IncidentId, policy_id: PolicyId) {
    let now = tx.now();
    let begun = Begun {
        policy_id,
        place: Place::default(),
        next_at: now,
        started_at: now,
    };
    tx.changes.begin_policy(incident, begun);
}

/// The step that “escalate now” leads to.
///
/// # Errors
/// [`Refused::NoPolicy`]
pub(crate) async fn next_by_hand(tx: &mut Tx, incident: &Incident) -> Result<Place> {
    let escalation = escalation_of(tx, incident.id).await?;
    let (_, policy) = running_or_own(tx, incident, escalation.as_ref()).await?;
    Ok(policy
        .after_by_hand(escalation.map(|escalation| escalation.place()))
        .ok_or(Refused::NoPolicy)?)
}

/// The policy that the incident walks through, else the one of its services.
async fn running_or_own(
    tx: &mut Tx,
    incident: &Incident,
    running: Option<&Escalation>,
) -> Result<(PolicyId, Policy)> {
    match running {
        Some(running) => Ok((running.policy_id, oncall::policy(tx, running.policy_id).await?)),
        None => Ok(own_policy(tx, incident).await?.ok_or(Refused::NoPolicy)?),
    }
}

/// The policy of the incident's services, as bad as it is now.
async fn own_policy(tx: &mut Tx, incident: &Incident) -> Result<Option<(PolicyId, Policy)>> {
    let now = tx.now();
    oncall::policy_of(tx, incident, now).await
}

/// Pages the people of a step, and goes on from there.
pub(crate) async fn go_to(tx: &mut Tx, incident: &mut Incident, place: Place, by_hand: bool) -> Result<()> {
    let escalation = escalation_of(tx, incident.id).await?;
    let (policy_id, policy) = running_or_own(tx, incident, escalation.as_ref()).await?;
    let reason = if by_hand {
        PageReason::ByHand
    } else {
        PageReason::OnCall
    };
    let route = Route {
        policy_id,
        policy: &policy,
        place,
    };
    walk(tx, incident, route, How::asked(reason)).await
}

/// Wakes people again, since one more alert could not be handled: what it tells of may be something else than what somebody has.
pub(crate) async fn tell_of_another_fault(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let progress = progress(tx, incident).await?;
    let last: Option<DateTime<Utc>> = sql("SELECT MAX(created_at) FROM pages WHERE incident_id = $1")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    let since_page = last.map(|last| (tx.now() - last).num_seconds());
    if !another_fault_wakes(incident.state, progress, since_page) {
        return Ok(());
    }
    match incident.state {
        State::Triggered => start(tx, incident, PageReason::OnCall).await,
        _ => tell_again(tx, incident).await,
    }
}

/// Pages the people of the first step that reaches anybody, whoever has the incident.
async fn tell_again(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let reason = Reason::Escalation(PageReason::OnCall);
    if rose::page_first_step(tx, incident, reason, &BTreeSet::new()).await? {
        return Ok(());
    }
    notices::nobody_has_this(tx, incident).await
}

/// Stops the policy and takes back what was not sent yet.
pub(crate) async fn stop(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql(
        "UPDATE escalations SET state = 'stopped', next_at = NULL, held_until = NULL, holder_asked_at = NULL
         WHERE incident_id = $1",
    )
    .bind(incident)
    .run(tx)
    .await?;
    drop_waiting(tx, incident).await
}

/// Incidents whose next step is due, the longest due first.
pub async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let now = tx.now();
    let rows: Vec<(IncidentId,)> =
        sql("SELECT incident_id FROM escalations WHERE next_at <= $1 ORDER BY next_at LIMIT $2")
            .bind(now)
            .bind(limit)
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// How long a step waits that a fault of our own held up.
const STUCK_FOR: TimeDelta = TimeDelta::minutes(1);

/// A fault of our own holds the policy up: its step is tried again soon, and meanwhile the team and the administrators know.
pub async fn could_not_go_on(tx: &mut Tx, incident: IncidentId, reason: &str) -> Result<()> {
    let mut incident = timeline::hold(tx, incident).await?;
    sql("UPDATE escalations SET next_at = $2 WHERE incident_id = $1 AND next_at IS NOT NULL")
        .bind(incident.id)
        .bind(tx.now() + STUCK_FOR)
        .run(tx)
        .await?;
    let last = timeline::after(tx, incident.id, incident.seq - 1, 1).await?.pop();
    if matches!(last.map(|entry| entry.event), Some(Event::PolicyStuck { .. })) {
        return Ok(());
    }
    let event = Event::PolicyStuck {
        reason: reason.to_owned(),
    };
    timeline::record_as_kintsugi(tx, &mut incident, event).await?;
    notices::nobody_has_this(tx, &incident).await
}

/// Incidents whose next step lies further ahead than its whole delay, which only a clock that was set back explains.
pub async fn too_far_ahead(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let latest = tx.now() + CLOCKS_DIFFER;
    let delays: Vec<(i64,)> = sql("SELECT DISTINCT delay_seconds FROM policy_steps")
        .all(tx)
        .await?;
    let mut far = Vec::new();
    for (delay,) in delays {
        let rows: Vec<(IncidentId,)> = sql(
            "SELECT e.incident_id FROM escalations e JOIN policy_steps s ON s.policy_id = e.policy_id
                AND s.position = CASE WHEN e.step < 0 THEN 0 ELSE e.step END
             WHERE e.next_at > $1 AND s.delay_seconds = $2 LIMIT $3",
        )
        .bind(latest + TimeDelta::seconds(delay))
        .bind(delay)
        .bind(limit)
        .all(tx)
        .await?;
        far.extend(rows.into_iter().map(|(incident,)| incident));
    }
    Ok(far)
}

/// Gives such a step its delay from now on.
pub async fn bring_near(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let incident = timeline::hold(tx, incident).await?;
    let Some(escalation) = escalation_of(tx, incident.id).await? else {
        return Ok(());
    };
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    let place = match escalation.place() {
        Place::BEFORE_THE_FIRST => Place::default(),
        place => place,
    };
    let Some(step) = policy.step(place) else {
        return Ok(());
    };
    let next_at = tx.now() + TimeDelta::seconds(step.delay_seconds);
    sql("UPDATE escalations SET next_at = $2 WHERE incident_id = $1 AND next_at > $2")
        .bind(incident.id)
        .bind(next_at)
        .run(tx)
        .await
        .map(drop)
}

/// Whom the step after the current one reaches, as the schedules stand now; nobody where the policy ends.
pub async fn paged_next(tx: &mut Tx, incident: IncidentId) -> Result<Vec<PersonId>> {
    let Some(escalation) = escalation_of(tx, incident).await? else {
        return Ok(Vec::new());
    };
    let policy = oncall::policy(tx, escalation.policy_id).await?;
    let reached = oncall::reached_after(tx, &policy, escalation.place()).await?;
    Ok(reached
        .unwrap_or_default()
        .into_iter()
        .map(|person| person.id)
        .collect())
}

/// A page to a person, with what it was about.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PageToMe {
    pub created_at: DateTime<Utc>,
    pub number: i64,
    pub title: String,
}

/// Pages to a person in the last week, newest first, one for each incident.
pub async fn to_person(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<PageToMe>> {
    let since = tx.now() - TimeDelta::days(7);
    // CROSS JOIN, so that SQLite begins with the person's pages and not with all incidents.
    sql(
        "SELECT MAX(g.created_at) AS created_at, i.number, i.title FROM pages g CROSS JOIN incidents i
         WHERE i.id = g.incident_id AND g.person_id = $1 AND g.created_at > $2 AND {visible i}
         GROUP BY i.number, i.title ORDER BY created_at DESC LIMIT $3",
    )
    .bind(person)
    .bind(since)
    .bind(limit)
    .all(tx)
    .await
}
