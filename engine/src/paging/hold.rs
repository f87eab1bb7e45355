//! An acknowledgement that holds for a time, where the policy says so: whoever has the incident is asked whether they still do, then
//! paged, and the policy begins anew.

use super::again::wake_holder_first;
use super::{escalation_of, own_policy};
use crate::db::sql;
use crate::error::Result;
use crate::messages::notices;
use crate::{Tx, oncall, people, timeline};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::Hold;
use domain::ids::{IncidentId, PersonId, PolicyId};
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{Incident, State};

/// Presses that come as soon after each other are one.
const ONE_PRESS: TimeDelta = TimeDelta::minutes(1);

/// Somebody has it from now on, for as long as the policy says. The caller holds the incident.
pub(crate) async fn hold_begins(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let Some((policy, seconds)) = holds_for(tx, incident).await? else {
        return Ok(());
    };
    let now = tx.now();
    let hold = Hold::from(now, seconds);
    // An incident that paged nobody has no row yet.
    sql(
        "INSERT INTO escalations (incident_id, policy_id, round, step, state, started_at, held_until, holder_asked_at)
         VALUES ($1, $2, 0, 0, 'stopped', $3, $4, $5)
         ON CONFLICT (incident_id) DO UPDATE SET held_until = excluded.held_until, holder_asked_at = excluded.holder_asked_at",
    )
    .bind(incident.id)
    .bind(policy)
    .bind(now)
    .bind(hold.until)
    .bind(hold.reminder_at)
    .run(tx)
    .await
    .map(drop)
}

/// The incident's policy and how long an acknowledgement holds by it, in seconds.
async fn holds_for(tx: &mut Tx, incident: &Incident) -> Result<Option<(PolicyId, i64)>> {
    let (id, policy) = match escalation_of(tx, incident.id).await? {
        Some(running) => (running.policy_id, oncall::policy(tx, running.policy_id).await?),
        None => match own_policy(tx, incident).await? {
            Some(own) => own,
            None => return Ok(None),
        },
    };
    Ok(policy.acknowledged_for_seconds.map(|seconds| (id, seconds)))
}

/// Whoever has it acknowledges again: it is theirs for as long again. `false`: there is nothing to say, since it is not theirs, holds for
/// good, or they said so just now.
pub(crate) async fn still_has_it(
    tx: &mut Tx,
    incident: &mut Incident,
    by: PersonId,
    via: Via,
) -> Result<bool> {
    let Some(until) = held_until(tx, incident.id).await? else {
        return Ok(false);
    };
    let holder = timeline::holder(tx, incident.id).await?;
    if incident.state != State::Acknowledged || holder.is_none_or(|holder| holder.person_id != by) {
        return Ok(false);
    }
    let Some((_, seconds)) = holds_for(tx, incident).await? else {
        return Ok(false);
    };
    if until - tx.now() > TimeDelta::seconds(seconds) - ONE_PRESS {
        return Ok(false);
    }
    hold_begins(tx, incident).await?;
    timeline::record(tx, incident, Event::AcknowledgedAgain { via }).await?;
    Ok(true)
}

async fn held_until(tx: &mut Tx, incident: IncidentId) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(Option<DateTime<Utc>>,)> =
        sql("SELECT held_until FROM escalations WHERE incident_id = $1")
            .bind(incident)
            .maybe(tx)
            .await?;
    Ok(row.and_then(|(until,)| until))
}

/// Incidents whose acknowledgement is over, the longest over first.
pub async fn holds_over(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let now = tx.now();
    let rows: Vec<(IncidentId,)> =
        sql("SELECT incident_id FROM escalations WHERE held_until <= $1 ORDER BY held_until LIMIT $2")
            .bind(now)
            .bind(limit)
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Incidents whose holder is to be asked whether they still have it.
pub async fn holders_to_ask(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let now = tx.now();
    let rows: Vec<(IncidentId,)> = sql(
        "SELECT incident_id FROM escalations WHERE holder_asked_at <= $1 ORDER BY holder_asked_at LIMIT $2",
    )
    .bind(now)
    .bind(limit)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Pages whoever has it, and goes on with the policy, if the acknowledgement is over. Safe to call twice.
pub async fn hold_is_over(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let mut incident = timeline::hold(tx, incident).await?;
    let over = sql("UPDATE escalations SET held_until = NULL, holder_asked_at = NULL WHERE incident_id = $1 AND held_until <= $2")
        .bind(incident.id)
        .bind(tx.now())
        .run(tx)
        .await?;
    if over == 0 || incident.state != State::Acknowledged {
        return Ok(());
    }
    let seconds = holds_for(tx, &incident).await?.map_or(0, |(_, seconds)| seconds);
    wake_holder_first(tx, &mut incident, Event::AcknowledgementOver { seconds }).await
}

/// Asks whoever has it whether they still do, by a mail that wakes nobody; once. Safe to call twice.
pub async fn ask_holder(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let incident = timeline::hold(tx, incident).await?;
    let first =
        sql("UPDATE escalations SET holder_asked_at = NULL WHERE incident_id = $1 AND holder_asked_at <= $2")
            .bind(incident.id)
            .bind(tx.now())
            .run(tx)
            .await?;
    let until = held_until(tx, incident.id).await?;
    let (Some(until), State::Acknowledged, 1) = (until, incident.state, first) else {
        return Ok(());
    };
    let Some(holder) = timeline::holder(tx, incident.id).await? else {
        return Ok(());
    };
    match people::find_active(tx, holder.person_id).await? {
        Some(person) => notices::still_yours(tx, &incident, &person, until).await,
        None => Ok(()),
    }
}
