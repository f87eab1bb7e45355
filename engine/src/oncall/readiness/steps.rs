//! The steps of a policy in the next two weeks: one that will reach nobody, and two that reach the same person.

use super::{Ahead, Concern, Names, end};
use crate::Tx;
use crate::error::Result;
use crate::oncall::absences::turns_of;
use crate::oncall::reached;
use chrono::{DateTime, Utc};
use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::{Shift, together};
use std::collections::{BTreeMap, BTreeSet};

/// When a step reaches nobody in the time ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Empty {
    /// For the first time while it ought to reach somebody.
    pub at: Option<DateTime<Utc>>,
    /// Its schedules have nobody outside of their hours, as is meant.
    pub outside_hours: bool,
}

/// Looks at the schedules of a step where it has nothing else that reaches somebody.
pub(super) async fn when_empty(
    tx: &mut Tx,
    step: &Step,
    schedules: &BTreeMap<ScheduleId, Ahead>,
) -> Result<Empty> {
    let of_step: Option<Vec<&Ahead>> = schedules_of(step)
        .map(|schedule| schedules.get(&schedule))
        .collect();
    let empty = of_step.map_or_else(Empty::default, |of_step| of_schedules(&of_step));
    let has_schedules = schedules_of(step).next().is_some();
    if has_schedules && empty == Empty::default() {
        return Ok(empty);
    }
    let others = step.targets.iter().copied();
    let others = others.filter(|target| !matches!(target, Target::Schedule(_)));
    let without_schedules = Step {
        targets: others.collect(),
        ..step.clone()
    };
    if !reached(tx, &without_schedules).await?.people.is_empty() {
        return Ok(Empty::default());
    }
    Ok(match has_schedules {
        true => empty,
        false => Empty {
            at: Some(tx.now()),
            outside_hours: false,
        },
    })
}

fn of_schedules(schedules: &[&Ahead]) -> Empty {
    // It begins where one of them begins to have nobody, or where hours begin in which it ought to have somebody.
    let mut begins: Vec<DateTime<Utc>> = Vec::new();
    for ahead in schedules {
        let empty = ahead.shifts.iter().filter(|shift| shift.people.is_empty());
        begins.extend(empty.map(|shift| shift.from));
        begins.extend(ahead.gaps.iter().map(|gap| gap.0));
    }
    begins.sort_unstable();
    let is_arranged = schedules.iter().any(|ahead| ahead.is_arranged);
    let mut found = Empty::default();
    for at in begins {
        let empty: Vec<&Shift<PersonId>> = schedules.iter().filter_map(|ahead| ahead.empty_at(at)).collect();
        if empty.len() < schedules.len() {
            continue;
        }
        let has_gap = |ahead: &&Ahead| ahead.gaps.iter().any(|gap| gap.0 <= at && at < gap.1);
        if !is_arranged || schedules.iter().any(has_gap) {
            found.at = found.at.or(Some(at));
        } else {
            found.outside_hours |= empty.iter().any(|shift| !shift.is_planned);
        }
    }
    found
}

/// What the schedules of a step are called.
pub(super) fn names_of(step: &Step, schedules: &BTreeMap<ScheduleId, Ahead>) -> Vec<String> {
    let of_step = schedules_of(step).filter_map(|schedule| schedules.get(&schedule));
    of_step.map(|ahead| ahead.named.name.clone()).collect()
}

pub(super) fn schedules_of(step: &Step) -> impl Iterator<Item = ScheduleId> {
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
