//! People whom somebody on the incident asks for: paged at once, wherever the policy stands, which it leaves alone.

use super::page::{Call, Reason, page_people};
use super::{escalation_of, own_policy};
use crate::error::Result;
use crate::{Tx, oncall};
use domain::escalation::Place;
use domain::incidents::Incident;
use domain::incidents::timeline::PageReason;
use domain::people::Person;

/// Pages them. The caller holds the incident.
pub(crate) async fn page_by_hand(
    tx: &mut Tx,
    incident: &mut Incident,
    people: &[Person],
    reason: PageReason,
) -> Result<()> {
    let call = Call {
        place: Place::BEFORE_THE_FIRST,
        reason: Reason::Escalation(reason),
        is_new: false,
    };
    let people: Vec<_> = people.iter().map(|person| (person.clone(), reason)).collect();
    page_people(tx, incident, call, &people).await
}

/// How long the first step of the incident's policy waits.
pub(crate) async fn first_delay(tx: &mut Tx, incident: &Incident) -> Result<Option<i64>> {
    let policy = match escalation_of(tx, incident.id).await? {
        Some(running) => Some(oncall::policy(tx, running.policy_id).await?),
        None => own_policy(tx, incident).await?.map(|(_, policy)| policy),
    };
    Ok(policy.and_then(|policy| policy.steps.first().map(|step| step.delay_seconds)))
}
