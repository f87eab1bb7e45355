//! What somebody has needs them once more: they are paged first, and the policy goes on from its first step if they do not answer.

use super::page::{Call, Reason, page_people};
use super::start;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, store, timeline};
use crate::mail::notices;
use crate::mail::pages::Unanswered;
use crate::{Tx, oncall, people};
use chrono::TimeDelta;
use domain::escalation::{BEFORE_THE_FIRST, Policy};
use domain::ids::PolicyId;
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, State};
use domain::people::Person;

/// Pages whoever has the incident, which waits for an acknowledgement again. `why` goes into the timeline. The caller holds it.
pub(crate) async fn wake_holder_first(tx: &mut Tx, incident: &mut Incident, why: Event) -> Result<()> {
    let reason = match why {
        Event::StillFires { .. } => PageReason::StillFires,
        _ => PageReason::FiresAgain,
    };
    let holder = match incidents::holder(tx, incident.id).await? {
        Some(holder) => people::find_active(tx, holder.person_id).await?,
        None => None,
    };
    incident.state = State::Triggered;
    incident.mitigated_at = None;
    store(tx, incident).await?;
    timeline::record(tx, incident, None, why).await?;
    let policy = oncall::policy_of(tx, incident.id).await?;
    match (holder, policy) {
        (Some(holder), policy) => page_holder(tx, incident, holder, reason, policy).await,
        (None, _) => start(tx, incident, PageReason::OnCall).await,
    }
}

async fn page_holder(
    tx: &mut Tx,
    incident: &mut Incident,
    holder: Person,
    reason: PageReason,
    policy: Option<(PolicyId, Policy)>,
) -> Result<()> {
    let first = policy
        .as_ref()
        .and_then(|(id, policy)| Some((*id, policy.steps.first()?)));
    let unanswered = match first {
        Some((policy, step)) => {
            let now = tx.now();
            sql(
                "INSERT INTO escalations (incident_id, policy_id, round, step, state, next_at, started_at)
                 VALUES ($1, $2, $3, $4, 'running', $5, $6)
                 ON CONFLICT (incident_id) DO UPDATE SET policy_id = excluded.policy_id, round = excluded.round,
                    step = excluded.step, state = 'running', next_at = excluded.next_at, started_at = excluded.started_at",
            )
            .bind(incident.id)
            .bind(policy)
            .bind(BEFORE_THE_FIRST.round)
            .bind(BEFORE_THE_FIRST.step)
            .bind(now + TimeDelta::seconds(step.delay_seconds))
            .bind(now)
            .change(tx)
            .await?;
            Unanswered::NextStep
        }
        None => {
            timeline::record(tx, incident, None, Event::NoPolicy).await?;
            notices::nobody_has_this(tx, incident).await?;
            Unanswered::Nothing
        }
    };
    let call = Call {
        place: BEFORE_THE_FIRST,
        reason: Reason::Escalation(reason),
        unanswered,
    };
    page_people(tx, incident, call, &[(holder, reason)]).await
}
