//! A schedule for a file: its people by their names, as `kintsugi oncall preview` reads it.

use super::schedules::{self, Named};
use crate::error::Result;
use crate::{Tx, people};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::Schedule;
use domain::people::Person;
use std::collections::BTreeSet;

/// The schedule as it counts now, with its overrides. Where several have one name, their addresses tell them apart.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn with_names(tx: &mut Tx, id: ScheduleId) -> Result<(Named, Schedule<String>)> {
    let (named, rotation) = schedules::load(tx, id).await?;
    let ids: BTreeSet<PersonId> = rotation.people().copied().collect();
    let people = people::of(tx, &ids).await?;
    let is_the_only_one =
        |person: &Person| people.values().filter(|other| other.name == person.name).count() == 1;
    let called = |id: PersonId| match people.get(&id) {
        Some(person) if is_the_only_one(person) => person.name.clone(),
        Some(person) => format!("{} ({})", person.name, person.email),
        None => id.to_string(),
    };
    Ok((named, rotation.map(called)))
}
