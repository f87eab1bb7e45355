//! Handing an incident over: it stays with whoever has it until somebody who was asked accepts. Where nobody does in time, the policy of
//! the service starts.

use super::page_somebody::reached;
use super::{Refused, hold, hold_number, must_be_open, roles, store, timeline};
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::{Tx, news, paging};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fields;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::whom::{Whom, time_to_accept};
use domain::incidents::{Incident, IncidentRole, State};
use domain::news::{LetGo, News};
use domain::people::Permission;

/// Somebody was asked, and has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Handover {
    pub from_id: PersonId,
    pub from_name: String,
    /// A person, a schedule or a team.
    pub whom: String,
    /// Any of them may accept.
    #[sqlx(json)]
    pub asked: Vec<PersonId>,
    /// Then the policy starts.
    pub due_at: DateTime<Utc>,
}

impl Handover {
    pub fn is_asked(&self, person: PersonId) -> bool {
        self.asked.contains(&person)
    }
}

/// The handover of an incident that waits for an answer.
pub async fn handover_of(tx: &mut Tx, incident: IncidentId) -> Result<Option<Handover>> {
    sql("SELECT h.from_id, p.name AS from_name, h.whom, h.asked, h.due_at
         FROM handovers h JOIN people p ON p.id = h.from_id WHERE h.incident_id = $1")
    .bind(incident)
    .maybe(tx)
    .await
}

/// Asks somebody to take an incident over, by a page. Asking somebody else takes the place of what was asked before.
///
/// # Errors
/// [`Refused::Resolved`], [`Refused::NobodyHasIt`], [`Refused::ReachesNobody`], [`domain::fields::Unfit`]
pub async fn hand_over(tx: &mut Tx, number: i64, whom: Whom, why: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let why = String::from(fields::WHY_CALLED.read(why)?);
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if incident.state == State::Triggered {
        return Err(Refused::NobodyHasIt.into());
    }
    let (name, asked) = reached(tx, whom).await?;
    let ids: Vec<PersonId> = asked.iter().map(|person| person.id).collect();
    if forget(tx, incident.id).await? > 0 {
        paging::no_longer_asked(tx, &incident, &ids).await?;
    }
    // It stays with whoever has it, whoever asks.
    let holder = timeline::holder(tx, incident.id).await?;
    let from = holder.map_or(tx.person()?, |holder| holder.person_id);
    let seconds = time_to_accept(paging::first_delay(tx, &incident).await?);
    sql("INSERT INTO handovers (incident_id, from_id, whom, asked, due_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(incident.id)
        .bind(from)
        .bind(&name)
        .bind(Arg::json(&ids))
        .bind(tx.now() + TimeDelta::seconds(seconds))
        .run(tx)
        .await?;
    timeline::record(tx, &mut incident, Event::HandoverAsked { whom: name, why }).await?;
    paging::page_by_hand(tx, &mut incident, &asked, PageReason::HandedOver).await
}

/// Takes over what one was asked to. Doing it twice is safe.
///
/// # Errors
/// [`Refused::NotAskedToTakeOver`], [`Refused::Resolved`]
pub async fn accept_handover(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    let by = tx.person()?;
    let Some(handover) = handover_of(tx, incident.id).await? else {
        let holder = timeline::holder(tx, incident.id).await?;
        if holder.is_some_and(|holder| holder.person_id == by) {
            return Ok(());
        }
        return Err(Refused::NotAskedToTakeOver.into());
    };
    if !handover.is_asked(by) {
        return Err(Refused::NotAskedToTakeOver.into());
    }
    accept(tx, incident, by, handover).await
}

/// The caller holds the incident.
pub(super) async fn accept(
    tx: &mut Tx,
    mut incident: Incident,
    by: PersonId,
    handover: Handover,
) -> Result<()> {
    forget(tx, incident.id).await?;
    // Whoever else was asked need not come.
    paging::no_longer_asked(tx, &incident, &[by]).await?;
    let event = Event::HandoverAccepted {
        from: handover.from_name,
    };
    timeline::record(tx, &mut incident, event).await?;
    let told = News::LetGo {
        incident: (&incident).into(),
        how: LetGo::HandedOver,
    };
    news::tell(tx, handover.from_id, Some(incident.id), &told).await?;
    roles::take_role(tx, incident.number, IncidentRole::Commander, by).await
}

/// It stays where it is, whoever was asked.
///
/// # Errors
/// [`Refused::Resolved`]
pub async fn take_back_handover(tx: &mut Tx, number: i64) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if forget(tx, incident.id).await? == 0 {
        return Ok(());
    }
    paging::no_longer_asked(tx, &incident, &[]).await?;
    timeline::record(tx, &mut incident, Event::HandoverTakenBack).await
}

/// Somebody has it, or it is over: nobody is asked any more. Says whether anybody was.
pub(super) async fn forget(tx: &mut Tx, incident: IncidentId) -> Result<u64> {
    sql("DELETE FROM handovers WHERE incident_id = $1")
        .bind(incident)
        .run(tx)
        .await
}

/// Handovers whose time is over.
pub async fn handovers_due(tx: &mut Tx, limit: i64) -> Result<Vec<IncidentId>> {
    let now = tx.now();
    let rows: Vec<(IncidentId,)> =
        sql("SELECT incident_id FROM handovers WHERE due_at <= $1 ORDER BY due_at LIMIT $2")
            .bind(now)
            .bind(limit)
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Nobody accepted in time: the policy of the service starts from its beginning.
pub async fn handover_is_over(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let mut incident = hold(tx, incident).await?;
    let Some(handover) = handover_of(tx, incident.id).await? else {
        return Ok(());
    };
    if handover.due_at > tx.now() {
        return Ok(());
    }
    forget(tx, incident.id).await?;
    if !matches!(incident.state, State::Acknowledged | State::Mitigated) {
        return Ok(());
    }
    incident.state = State::Triggered;
    let mitigated_before = incident.mitigated_at.take();
    store(tx, &mut incident).await?;
    let event = Event::HandoverNotTaken {
        whom: handover.whom,
        mitigated_before,
    };
    timeline::record_as_kintsugi(tx, &mut incident, event).await?;
    paging::start(tx, &mut incident, PageReason::OnCall).await
}
