//! Whoever was paged learns that nobody waits for their answer any more.

use super::settle::drop_waiting_for;
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, news, timeline};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::PageReason;
use domain::incidents::{Incident, State};
use domain::news::{LetGo, News};
use std::collections::BTreeSet;

/// Tells all who were paged and do not know yet, but for whoever did it. Pages that were taken back before they went out woke nobody.
/// The caller has stopped the policy.
pub(crate) async fn let_go(tx: &mut Tx, incident: &Incident, how: LetGo) -> Result<()> {
    let telling = async |tx: &mut Tx| tell_all(tx, incident, how).await;
    // No fault of ours in telling it keeps anybody from acknowledging.
    if let Err(fault) = tx.try_within_savepoint(telling).await? {
        tracing::error!(incident = %incident.id, %fault, "who was paged could not be told that they can sleep");
    }
    Ok(())
}

async fn tell_all(tx: &mut Tx, incident: &Incident, how: LetGo) -> Result<()> {
    let by = tx.actor().person();
    let paged: Vec<(PersonId,)> = sql(
        "UPDATE pages SET let_go_at = $2 WHERE incident_id = $1 AND let_go_at IS NULL AND outcome NOT IN ('refused', 'dropped')
           AND (person_id <> $3 OR $4) RETURNING person_id",
    )
    .bind(incident.id)
    .bind(tx.now())
    // Whoever takes it learns of its end when others or its alerts bring it.
    .bind(by.unwrap_or(NOBODY))
    .bind(how == LetGo::Resolved)
    .all(tx)
    .await?;
    tell(tx, incident, paged.into_iter().map(|(person,)| person), how).await
}

/// Each once.
async fn tell(
    tx: &mut Tx,
    incident: &Incident,
    people: impl Iterator<Item = PersonId>,
    how: LetGo,
) -> Result<()> {
    let news = News::LetGo {
        incident: incident.into(),
        how,
    };
    for person in people.collect::<BTreeSet<_>>() {
        news::tell(tx, person, Some(incident.id), &news).await?;
    }
    Ok(())
}

/// Whoever was asked to take an incident over is not asked any more. What was not sent is taken back; the others are told, but for those
/// who are named: they did it, or are asked anew, and learn of its end as whoever was paged does.
pub(crate) async fn no_longer_asked(tx: &mut Tx, incident: &Incident, but: &[PersonId]) -> Result<()> {
    let reason = PageReason::HandedOver;
    drop_waiting_for(tx, incident.id, Some(reason)).await?;
    let asked: Vec<(PersonId,)> = sql(
        "SELECT DISTINCT person_id FROM pages WHERE incident_id = $1 AND reason = $2 AND let_go_at IS NULL
           AND outcome NOT IN ('refused', 'dropped')",
    )
    .bind(incident.id)
    .bind(reason.as_str())
    .all(tx)
    .await?;
    let asked = asked.into_iter().map(|(person,)| person);
    let told: Vec<PersonId> = asked.filter(|person| !but.contains(person)).collect();
    for person in &told {
        sql("UPDATE pages SET let_go_at = $2 WHERE incident_id = $1 AND person_id = $3 AND reason = $4 AND let_go_at IS NULL")
            .bind(incident.id)
            .bind(tx.now())
            .bind(*person)
            .bind(reason.as_str())
            .run(tx)
            .await?;
    }
    tell(tx, incident, told.into_iter(), LetGo::NotAsked).await
}

const NOBODY: PersonId = PersonId(uuid::Uuid::nil());

/// A page that was under way when it was taken back has arrived all the same.
pub(super) async fn arrived_late(
    tx: &mut Tx,
    incident: &Incident,
    page: PageId,
    person: PersonId,
) -> Result<()> {
    let how = match incident.state {
        State::Triggered => return Ok(()),
        State::Acknowledged => LetGo::Taken,
        State::Mitigated => LetGo::Mitigated,
        State::Resolved => LetGo::Resolved,
    };
    sql("UPDATE pages SET let_go_at = $2 WHERE id = $1")
        .bind(page)
        .bind(tx.now())
        .run(tx)
        .await?;
    let by = who_took_it(tx, incident.id).await?;
    let news = News::LetGo {
        incident: incident.into(),
        how,
    };
    news::tell_of(tx, person, by, Some(incident.id), &news).await
}

async fn who_took_it(tx: &mut Tx, incident: IncidentId) -> Result<Option<PersonId>> {
    let holder = timeline::holder(tx, incident).await?;
    Ok(holder.map(|holder| holder.person_id))
}
