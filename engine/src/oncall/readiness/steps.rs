//! The steps of a policy in the next two weeks: one that will reach nobody, and two that reach the same person.

use super::{Ahead, Concern, Names, end};
use crate::Tx;
use crate::error::Result;
use crate::oncall::absences::turns_of;
use crate::oncall::reached;
use chrono::{DateTime, Utc};
use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::together;
use std::collections::{BTreeMap, BTreeSet};

/// When a step that reaches somebody now will reach nobody for the first time: all its schedules have nobody then, and not all of
/// them because it is meant so.
pub(super) async fn reaches_nobody_from(
    tx: &mut Tx,
    step: &Step,
    schedules: &BTreeMap<ScheduleId, Ahead>,
) -> Result<Option<DateTime<Utc>>> {
    let of_step: Option<Vec<&Ahead>> = schedules_of(step)
        .map(|schedule| schedules.get(&schedule))
        .collect();
    let at = of_step.and_then(|of_step| nobody_from(&of_step));
    if at.is_none() {
        return Ok(None);
    }
    let others = step.targets.iter().copied();
    let others = others.filter(|target| !matches!(target, Target::Schedule(_)));
    let without_schedules = Step {
        targets: others.collect(),
        ..step.clone()
    };
    let is_empty = reached(tx, &without_schedules).await?.people.is_empty();
    Ok(at.filter(|_| is_empty))
}

fn nobody_from(schedules: &[&Ahead]) -> Option<DateTime<Utc>> {
    // It begins where one of them begins to have nobody, or where hours begin in which it ought to have somebody.
    let mut begins: Vec<DateTime<Utc>> = Vec::new();
    for ahead in schedules {
        let empty = ahead.shifts.iter().filter(|shift| shift.people.is_empty());
        begins.extend(empty.map(|shift| shift.from));
        begins.extend(ahead.gaps.iter().map(|gap| gap.0));
    }
    begins.sort_unstable();
    begins.into_iter().find(|at| {
        let is_empty = |ahead: &Ahead| {
            let mut shifts = ahead.shifts.iter();
            shifts.any(|shift| shift.people.is_empty() && shift.from <= *at && *at < shift.to)
        };
        let has_gap = |ahead: &Ahead| ahead.gaps.iter().any(|gap| gap.0 <= *at && *at < gap.1);
        schedules.iter().all(|ahead| is_empty(ahead)) && schedules.iter().any(|ahead| has_gap(ahead))
    })
}

fn schedules_of(step: &Step) -> impl Iterator<Item = ScheduleId> {
    step.targets.iter().filter_map(|target| match target {
        Target::Schedule(schedule) => Some(*schedule),
        Target::Person(_) | Target::Team(_) | Target::Administrators => None,
    })
}

pub(super) fn persons_of(step: &Step) -> impl Iterator<Item = PersonId> {
    step.targets.iter().filter_map(|target| match target {
        Target::Person(person) => Some(*person),
        Target::Schedule(_) | Target::Team(_) | Target::Administrators => None,
    })
}

/// The same person on schedules of different steps: two levels that are one. Schedules of one step are one level.
pub(super) fn twice(
    policy: &Policy,
    schedules: &BTreeMap<ScheduleId, Ahead>,
    names: &Names,
    now: DateTime<Utc>,
) -> Vec<Concern> {
    // In the order of the policy, each two of them once.
    let mut pairs: Vec<(ScheduleId, ScheduleId)> = Vec::new();
    for (place, step) in policy.steps.iter().enumerate() {
        for first in schedules_of(step) {
            for second in policy.steps[place + 1..].iter().flat_map(schedules_of) {
                if first != second && !pairs.contains(&(first, second)) && !pairs.contains(&(second, first)) {
                    pairs.push((first, second));
                }
            }
        }
    }
    let mut found = Vec::new();
    for (first, second) in pairs {
        let (Some(one), Some(other)) = (schedules.get(&first), schedules.get(&second)) else {
            continue;
        };
        for (person, from, to) in together(&one.shifts, &other.shifts) {
            found.push(Concern::Twice {
                person: names
                    .get(&person)
                    .map(|(name, _)| name.clone())
                    .unwrap_or_default(),
                first: one.named.name.clone(),
                second: other.named.name.clone(),
                from,
                to: end(to, now),
            });
        }
    }
    found
}

/// Turns on a schedule of one step of those whom another step names.
pub(super) fn named_too(
    name: &str,
    policy: &Policy,
    schedules: &BTreeMap<ScheduleId, Ahead>,
    names: &Names,
    now: DateTime<Utc>,
) -> Vec<Concern> {
    let mut found = Vec::new();
    for (place, step) in policy.steps.iter().enumerate() {
        let others = policy.steps.iter().enumerate();
        let others = others.filter(|(other, _)| *other != place);
        let elsewhere: BTreeSet<ScheduleId> = others.flat_map(|(_, other)| schedules_of(other)).collect();
        for person in persons_of(step) {
            let Some((called, _)) = names.get(&person) else {
                continue;
            };
            for ahead in elsewhere.iter().filter_map(|schedule| schedules.get(schedule)) {
                for (from, to) in turns_of(&ahead.shifts, person) {
                    found.push(Concern::NamedToo {
                        person: called.clone(),
                        schedule: ahead.named.clone(),
                        policy: name.to_owned(),
                        step: place + 1,
                        from,
                        to: end(to, now),
                    });
                }
            }
        }
    }
    found
}
