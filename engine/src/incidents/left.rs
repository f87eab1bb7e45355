//! Whoever has an incident leaves the house: somebody else has to take it.

use super::{hold, holder, store, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging, people};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, IncidentRole, State};

/// Open incidents that the person has, by number, with their titles.
pub(crate) async fn held_by(tx: &mut Tx, person: PersonId) -> Result<Vec<(i64, String)>> {
    let mut held = Vec::new();
    for (id, number, title) in taken(tx).await? {
        if holder(tx, id)
            .await?
            .is_some_and(|holder| holder.person_id == person)
        {
            held.push((number, title));
        }
    }
    Ok(held)
}

/// Open incidents that somebody has.
async fn taken(tx: &mut Tx) -> Result<Vec<(IncidentId, i64, String)>> {
    sql("SELECT id, number, title FROM incidents WHERE {any incidents} AND state IN ('acknowledged', 'mitigated') ORDER BY number")
        .all(tx)
        .await
}

/// Triggers anew what the person has, who was just deactivated, and frees their roles. Where an heir is named, they are paged and have
/// the time of the first step before the policy begins; else it begins at once.
pub(crate) async fn holder_has_left(tx: &mut Tx, person: PersonId, heir: Option<PersonId>) -> Result<()> {
    let held: Vec<i64> = held_by(tx, person)
        .await?
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    let name = people::find(tx, person).await?.name;
    let roles: Vec<(IncidentId, IncidentRole)> = sql(
        "SELECT r.incident_id, r.role FROM incident_roles r JOIN incidents i ON i.id = r.incident_id AND {any i}
         WHERE r.person_id = $1 AND i.state <> 'resolved'",
    )
    .bind(person)
    .all(tx)
    .await?;
    for (id, role) in roles {
        let mut incident = hold(tx, id).await?;
        sql("DELETE FROM incident_roles WHERE incident_id = $1 AND role = $2")
            .bind(id)
            .bind(role)
            .run(tx)
            .await?;
        let name = name.clone();
        timeline::record_as_kintsugi(tx, &mut incident, Event::RoleLeft { role, name, person }).await?;
    }
    for number in held {
        let incident = super::hold_number(tx, number).await?;
        trigger_anew(tx, incident, &name, heir).await?;
    }
    Ok(())
}

async fn trigger_anew(tx: &mut Tx, mut incident: Incident, name: &str, heir: Option<PersonId>) -> Result<()> {
    incident.state = State::Triggered;
    incident.mitigated_at = None;
    store(tx, &mut incident).await?;
    let name = name.to_owned();
    timeline::record_as_kintsugi(tx, &mut incident, Event::HolderLeft { name }).await?;
    paging::start_after(tx, &mut incident, heir, PageReason::ByHand).await
}
