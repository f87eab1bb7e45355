//! Somebody is asked before the policy: whoever has what fires again, or is named for what somebody left.

use super::page::{Call, Reason, page_people};
use super::walk::{Route, begin_at};
use super::{own_policy, start};
use crate::error::Result;
use crate::messages::notices;
use crate::timeline::{self, store};
use crate::{Tx, people};
use domain::escalation::Place;
use domain::ids::PersonId;
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, State};

/// Pages whoever has the incident, which waits for an acknowledgement again, and then goes on with the policy. `why` goes into the
/// timeline. The caller holds the incident.
pub(crate) async fn wake_holder_first(tx: &mut Tx, incident: &mut Incident, why: Event) -> Result<()> {
    let reason = match why {
        Event::StillFires { .. } => PageReason::StillFires,
        Event::AcknowledgementOver { .. } => PageReason::AskedAgain,
        _ => PageReason::FiresAgain,
    };
    let holder = timeline::holder(tx, incident.id).await?;
    incident.state = State::Triggered;
    incident.mitigated_at = None;
    store(tx, incident).await?;
    timeline::record_as_kintsugi(tx, incident, why).await?;
    start_after(tx, incident, holder.map(|holder| holder.person_id), reason).await
}

/// Starts the policy after somebody who is asked first and has the time of its first step. Where nobody is named, or they are not
/// active any more, it starts at once. The caller holds the incident.
pub(crate) async fn start_after(
    tx: &mut Tx,
    incident: &mut Incident,
    first: Option<PersonId>,
    reason: PageReason,
) -> Result<()> {
    let asked = match first {
        Some(person) => people::find_active(tx, person).await?,
        None => None,
    };
    let Some(person) = asked else {
        return start(tx, incident, PageReason::OnCall).await;
    };
    match own_policy(tx, incident).await? {
        Some((policy_id, policy)) => {
            let route = Route {
                policy_id,
                policy: &policy,
                place: Place::BEFORE_THE_FIRST,
            };
            let delay = policy.steps.first().map_or(0, |step| step.delay_seconds);
            begin_at(tx, incident, route, delay);
        }
        None => {
            timeline::record_as_kintsugi(tx, incident, Event::NoPolicy).await?;
            notices::nobody_has_this(tx, incident).await?;
        }
    }
    let call = Call {
        place: Place::BEFORE_THE_FIRST,
        reason: Reason::Escalation(reason),
        is_new: false,
    };
    page_people(tx, incident, call, &[(person, reason)]).await
}
