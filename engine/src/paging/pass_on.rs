//! Whoever was paged cannot take it: the next people are paged at once, without them.

use super::walk::{How, Route, walk};
use super::{escalation_of, running_or_own};
use crate::Tx;
use crate::error::Result;
use crate::timeline;
use domain::escalation::Place;
use domain::ids::IncidentId;
use domain::incidents::Incident;
use domain::incidents::timeline::Event;
use std::collections::BTreeSet;

/// Where the incident stands in its policy; nothing where it pages nobody.
pub async fn place(tx: &mut Tx, incident: IncidentId) -> Result<Option<Place>> {
    let escalation = escalation_of(tx, incident).await?;
    Ok(escalation.map(|escalation| escalation.place()))
}

/// Pages the next people, if the policy still stands where the person saw it: whoever presses twice passes on once. Says whether it did.
/// Where nobody else is left, the team is told. The caller holds the incident.
pub(crate) async fn pass_on(tx: &mut Tx, incident: &mut Incident, seen: Option<Place>) -> Result<bool> {
    let escalation = escalation_of(tx, incident.id).await?;
    let stands = escalation.as_ref().map(|escalation| escalation.place());
    if seen.is_some() && seen != stands {
        return Ok(false);
    }
    let (policy_id, policy) = running_or_own(tx, incident, escalation.as_ref()).await?;
    let Some(place) = policy.after_by_hand(stands) else {
        return Ok(false);
    };
    let event = Event::PassedOn { step: place.step };
    timeline::record(tx, incident, event).await?;
    let route = Route {
        policy_id,
        policy: &policy,
        place,
    };
    let spared = BTreeSet::from([tx.person()?]);
    walk(tx, incident, route, How::passed_on(&spared)).await?;
    Ok(true)
}
