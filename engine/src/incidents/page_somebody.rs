//! Paging somebody: a person, whoever is on call on a schedule, or a team, now. Whoever has the incident keeps it.

use super::{Refused, hold_number, must_be_open, timeline};
use crate::error::Result;
use crate::{Tx, oncall, paging, people, teams};
use domain::fields;
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::whom::Whom;
use domain::people::{Permission, Person, Role};

/// Pages them at once. The timeline says whom, and why.
///
/// # Errors
/// [`Refused::Resolved`], [`Refused::ReachesNobody`], [`domain::fields::Unfit`]
pub async fn page_somebody(tx: &mut Tx, number: i64, whom: Whom, why: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let why = String::from(fields::WHY_CALLED.read(why)?);
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    let (name, people) = reached(tx, whom).await?;
    timeline::record(tx, &mut incident, Event::PagedByHand { whom: name, why }).await?;
    paging::page_by_hand(tx, &mut incident, &people, PageReason::ByHand).await
}

/// Its name, and whom it reaches just now besides whoever asks.
///
/// # Errors
/// [`Refused::ReachesNobody`], [`crate::Error::NotFound`]
pub(super) async fn reached(tx: &mut Tx, whom: Whom) -> Result<(String, Vec<Person>)> {
    let (name, found) = match whom {
        Whom::Person(id) => {
            let person = people::find(tx, id).await?;
            (person.name.clone(), vec![person])
        }
        Whom::Schedule(id) => {
            let (name, on_call) = oncall::on_call_now(tx, id).await?;
            let found = people::of(tx, &on_call).await?;
            (name, found.into_values().collect())
        }
        Whom::Team(id) => {
            let team = teams::find_by_id(tx, id).await?;
            (team.name, teams::members::of_team(tx, id).await?)
        }
    };
    let asks = tx.actor().person();
    let can_come = |person: &Person| {
        person.deactivated_at.is_none() && person.role != Role::Observer && Some(person.id) != asks
    };
    let people: Vec<Person> = found.into_iter().filter(can_come).collect();
    if people.is_empty() {
        return Err(Refused::ReachesNobody(name).into());
    }
    Ok((name, people))
}
