//! Whom steps of policies reach just now: looked up for many steps in as few statements as for one, then answered without the
//! database.

use super::schedules;
use crate::error::{Error, Result};
use crate::{Tx, people};
use domain::escalation::{Reached, Step, Target};
use domain::ids::{PersonId, ScheduleId};
use domain::incidents::timeline::PageReason;
use domain::people::Person;
use std::collections::{BTreeMap, BTreeSet};

/// What was looked up so far. It is true for the transaction and the instant in which it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnCall {
    /// Their names, and who has the pager.
    schedules: BTreeMap<ScheduleId, (String, BTreeSet<PersonId>)>,
    /// `None`: they are reached no more.
    people: BTreeMap<PersonId, Option<Person>>,
}

impl OnCall {
    /// Looks up what is not known yet of whom these steps reach.
    pub async fn learn(&mut self, tx: &mut Tx, steps: &[Step]) -> Result<()> {
        let targets = steps.iter().flat_map(|step| &step.targets);
        let (mut schedules, mut named) = (BTreeSet::new(), BTreeSet::new());
        for target in targets {
            match target {
                Target::Person(person) => named.insert(*person),
                Target::Schedule(schedule) => schedules.insert(*schedule),
            };
        }
        schedules.retain(|schedule| !self.schedules.contains_key(schedule));
        let on_call = on_call_of(tx, &schedules).await?;
        named.extend(on_call.values().flat_map(|(_, people)| people));
        self.schedules.extend(on_call);
        named.retain(|person| !self.people.contains_key(person));
        let mut found = people::of(tx, &named).await?;
        for person in named {
            let active = found.remove(&person);
            let active = active.filter(|person| person.deactivated_at.is_none());
            self.people.insert(person, active);
        }
        Ok(())
    }

    /// Whom the step reaches; `None` where that was not looked up.
    pub fn reached(&self, step: &Step) -> Option<Reached> {
        let mut reached = Reached::default();
        let mut seen = BTreeSet::new();
        let mut reach = |person: &Person, why: PageReason| {
            if seen.insert(person.id) {
                reached.people.push((person.clone(), why));
            }
        };
        let mut empty_schedules = Vec::new();
        for target in &step.targets {
            match target {
                Target::Person(person) => {
                    if let Some(active) = self.people.get(person)? {
                        reach(active, PageReason::Named);
                    }
                }
                Target::Schedule(schedule) => {
                    let (name, on_call) = self.schedules.get(schedule)?;
                    let mut anybody = false;
                    for person in on_call {
                        if let Some(active) = self.people.get(person)? {
                            anybody = true;
                            reach(active, PageReason::OnCall);
                        }
                    }
                    if !anybody {
                        empty_schedules.push(name.clone());
                    }
                }
            }
        }
        reached.empty_schedules = empty_schedules;
        Some(reached)
    }

    /// The people that are known by now and can be reached.
    pub fn people(&self) -> BTreeSet<PersonId> {
        self.people.values().flatten().map(|person| person.id).collect()
    }
}

/// Looks up whom a step reaches at this instant. People who were deactivated are reached no more.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn reached(tx: &mut Tx, step: &Step) -> Result<Reached> {
    let mut on_call = OnCall::default();
    on_call.learn(tx, std::slice::from_ref(step)).await?;
    on_call.reached(step).ok_or(Error::NotFound("schedule"))
}

/// The schedule's name and who has the pager now.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn on_call_now(tx: &mut Tx, schedule: ScheduleId) -> Result<(String, BTreeSet<PersonId>)> {
    let mut found = on_call_of(tx, &BTreeSet::from([schedule])).await?;
    found.remove(&schedule).ok_or(Error::NotFound("schedule"))
}

async fn on_call_of(
    tx: &mut Tx,
    wanted: &BTreeSet<ScheduleId>,
) -> Result<BTreeMap<ScheduleId, (String, BTreeSet<PersonId>)>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let now = tx.now();
    let gone = people::gone(tx).await?;
    let schedules = schedules::load_these(tx, wanted).await?;
    let on_call = schedules
        .into_iter()
        .map(|(named, rotation)| (named.id, (named.name, rotation.without(&gone).on_call(now))));
    Ok(on_call.collect())
}
