//! Who leads, who speaks, who writes.

use super::{Refused, acknowledge, hand_over, hold_number, must_be_open, page_somebody, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::{news, paging, people};
use domain::ids::PersonId;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::whom::Whom;
use domain::incidents::{IncidentRole, State};
use domain::news::News;
use domain::people::Permission;

/// Gives the role to `person`, who may be who asks; from somebody else it passes over. Who takes command has it, so it counts as
/// acknowledged too.
///
/// # Errors
/// [`Refused::Resolved`], [`Refused::CannotBeChosen`]
pub async fn take_role(tx: &mut Tx, number: i64, role: IncidentRole, person: PersonId) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    let name = match people::choose(tx, person).await? {
        Ok(chosen) => chosen.name,
        Err(fault) => return Err(Refused::CannotBeChosen(fault).into()),
    };
    let now = tx.now();
    let changed = sql("INSERT INTO incident_roles (incident_id, role, person_id, taken_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (incident_id, role) DO UPDATE SET person_id = excluded.person_id, taken_at = excluded.taken_at
         WHERE incident_roles.person_id <> excluded.person_id")
        .bind(incident.id)
        .bind(role)
        .bind(person)
        .bind(now)
        .run(tx)
        .await?;
    if changed > 0 && role == IncidentRole::Commander {
        // Who has it now decides whether they hand it over.
        if hand_over::forget(tx, incident.id).await? > 0 {
            paging::no_longer_asked(tx, &incident, &[person]).await?;
        }
    }
    if changed > 0 {
        timeline::record(tx, &mut incident, Event::RoleTaken { role, name, person }).await?;
        let news = News::RoleGiven {
            role,
            incident: (&incident).into(),
        };
        news::tell(tx, person, Some(incident.id), &news).await?;
        if role == IncidentRole::Commander && incident.state == State::Acknowledged {
            paging::hold_begins(tx, &incident).await?;
        }
    }
    if role == IncidentRole::Commander && tx.actor().person() == Some(person) {
        acknowledge::apply(tx, incident, Via::Page).await?;
    }
    Ok(())
}

/// Gives the role to somebody, as people do on the page. Whoever is to lead and did not say so themselves may be asleep: they are asked to
/// take it over, and it stays where it is until they do; what nobody has pages them.
///
/// # Errors
/// Those of [`take_role`], [`hand_over`] and [`page_somebody`].
pub async fn give_role(tx: &mut Tx, number: i64, role: IncidentRole, person: PersonId) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    if role != IncidentRole::Commander || tx.actor().person() == Some(person) {
        return take_role(tx, number, role, person).await;
    }
    let incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if let Err(fault) = people::choose(tx, person).await? {
        return Err(Refused::CannotBeChosen(fault).into());
    }
    let why = "To take command";
    match incident.state {
        State::Triggered => page_somebody(tx, number, Whom::Person(person), why).await,
        _ => hand_over(tx, number, Whom::Person(person), why).await,
    }
}

/// Frees the role.
///
/// # Errors
/// [`Refused::RoleNotHeld`], [`Refused::Resolved`]
pub async fn leave_role(tx: &mut Tx, number: i64, role: IncidentRole) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    let held: Option<(PersonId,)> =
        sql("DELETE FROM incident_roles WHERE incident_id = $1 AND role = $2 RETURNING person_id")
            .bind(incident.id)
            .bind(role.as_str())
            .maybe(tx)
            .await?;
    let Some((person,)) = held else {
        return Err(Refused::RoleNotHeld(role).into());
    };
    let name = people::find(tx, person).await?.name;
    timeline::record(tx, &mut incident, Event::RoleLeft { role, name, person }).await?;
    Ok(())
}
