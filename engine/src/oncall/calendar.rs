//! Who has the pager over some weeks, before now and after: what was is what the schedules say of then.

use super::schedules::{self, Named};
use crate::error::Result;
use crate::{Tx, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::oncall::{Schedule, Shift};
use domain::people::Person;
use std::collections::{BTreeMap, BTreeSet};

/// Whose turns are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    All,
    Schedule(ScheduleId),
    Team(TeamId),
    /// Only their own.
    Person(PersonId),
}

impl Of {
    /// Whether a schedule may have such turns.
    pub(super) fn includes(self, schedule: &Named) -> bool {
        match self {
            Self::Schedule(id) => schedule.id == id,
            Self::Team(team) => schedule.team_id == team,
            Self::All | Self::Person(_) => true,
        }
    }
}

/// The same people from … to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub schedule: Named,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// By name. Nobody is a gap.
    pub people: Vec<Person>,
    /// A gap that is meant.
    pub is_planned: bool,
    /// An override says so, not the rotation.
    pub is_overridden: bool,
}

/// All turns that reach into the time, by their beginning.
pub async fn turns(tx: &mut Tx, of: Of, span: (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<Turn>> {
    let now = tx.now();
    turns_as_of(tx, of, span, now).await
}

/// The turn of each schedule that runs now.
pub async fn running(tx: &mut Tx, of: Of) -> Result<Vec<Turn>> {
    let now = tx.now();
    let mut turns = turns_as_of(tx, of, (now, now + TimeDelta::minutes(1)), now).await?;
    turns.retain(|turn| turn.from <= now);
    Ok(turns)
}

async fn turns_as_of(
    tx: &mut Tx,
    of: Of,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Turn>> {
    let mut left = people::left(tx).await?;
    // A clock that was set back brings nobody back.
    left.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
    let everybody = everybody(tx).await?;
    let mut found = Vec::new();
    for (named, rotation) in schedules::load_all_as_written(tx).await? {
        if !of.includes(&named) {
            continue;
        }
        for (shift, is_overridden) in shifts(&rotation, &left, (from, to)) {
            if matches!(of, Of::Person(person) if !shift.people.contains(&person)) {
                continue;
            }
            found.push(turn(&named, &shift, is_overridden, &everybody));
        }
    }
    found.sort_by(|a, b| (a.from, &a.schedule.name).cmp(&(b.from, &b.schedule.name)));
    Ok(found)
}

pub(super) async fn everybody(tx: &mut Tx) -> Result<BTreeMap<PersonId, Person>> {
    let all = people::everybody(tx).await?.into_iter();
    Ok(all.map(|member| (member.person.id, member.person)).collect())
}

pub(super) fn turn(
    schedule: &Named,
    shift: &Shift<PersonId>,
    is_overridden: bool,
    everybody: &BTreeMap<PersonId, Person>,
) -> Turn {
    let mut people: Vec<Person> = shift
        .people
        .iter()
        .filter_map(|id| everybody.get(id).cloned())
        .collect();
    people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Turn {
        schedule: schedule.clone(),
        from: shift.from,
        to: shift.to,
        people,
        is_planned: shift.is_planned,
        is_overridden,
    }
}

/// Shifts, and whether an override says so. Whoever left had the pager until they did.
pub(super) fn shifts(
    rotation: &Schedule<PersonId>,
    left: &[(DateTime<Utc>, PersonId)],
    span: (DateTime<Utc>, DateTime<Utc>),
) -> Vec<(Shift<PersonId>, bool)> {
    let mut found = Vec::new();
    for (rotation, part) in as_it_was(rotation, left, span) {
        join(&mut found, marked(&rotation, part));
    }
    found
}

/// What follows, as one with what it goes on with.
fn join(found: &mut Vec<(Shift<PersonId>, bool)>, more: Vec<(Shift<PersonId>, bool)>) {
    for (shift, is_overridden) in more {
        push(found, shift, is_overridden);
    }
}

fn push(found: &mut Vec<(Shift<PersonId>, bool)>, shift: Shift<PersonId>, is_overridden: bool) {
    match found.last_mut() {
        Some((last, was))
            if last.people == shift.people
                && last.is_planned == shift.is_planned
                && *was == is_overridden =>
        {
            last.to = shift.to;
        }
        _ => found.push((shift, is_overridden)),
    }
}

/// A rotation as it is from … to.
pub(super) type Part = (Schedule<PersonId>, (DateTime<Utc>, DateTime<Utc>));

/// A rotation in parts, in each as it was then: whoever left is gone since they did, which stays where it is, unlike now.
pub(super) fn as_it_was(
    rotation: &Schedule<PersonId>,
    left: &[(DateTime<Utc>, PersonId)],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut gone = BTreeSet::new();
    let mut begin = from;
    for (at, person) in left {
        let end = (*at).clamp(begin, to);
        if begin < end {
            parts.push((rotation.clone().without(&gone), (begin, end)));
        }
        gone.insert(*person);
        begin = end;
    }
    if begin < to {
        parts.push((rotation.clone().without(&gone), (begin, to)));
    }
    parts
}

/// Shifts of one part, and whether an override says so.
fn marked(
    rotation: &Schedule<PersonId>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<(Shift<PersonId>, bool)> {
    let mut without = rotation.clone();
    without.overrides.clear();
    let plain = without.shifts(from, to);
    let mut found: Vec<(Shift<PersonId>, bool)> = Vec::new();
    for shift in rotation.shifts_and_planned_gaps(from, to) {
        // Both are in order.
        let first = plain.partition_point(|plain| plain.to <= shift.from);
        let beside = plain[first..].iter().take_while(|plain| plain.from < shift.to);
        for plain in beside {
            let part = Shift {
                from: shift.from.max(plain.from),
                to: shift.to.min(plain.to),
                ..shift.clone()
            };
            push(&mut found, part, plain.people != shift.people);
        }
    }
    found
}
