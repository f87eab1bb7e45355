//! Who has the pager now and next, schedule by schedule, and what that means for one person.

use super::schedules::{self, Named};
use crate::error::Result;
use crate::{Tx, people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, TeamId};
use domain::oncall::{Schedule, Shift};
use domain::people::Person;
use std::collections::BTreeMap;

/// How far the overview looks ahead.
pub const AHEAD: TimeDelta = TimeDelta::weeks(4);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    pub now: DateTime<Utc>,
    pub schedules: Vec<Rota>,
    /// Shifts of the person who asked, in the weeks ahead; the first may be under way.
    pub mine: Vec<Mine>,
}

/// A schedule in the weeks ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rota {
    pub named: Named,
    pub team: String,
    /// From now on, without a hole between them: those with nobody are gaps. The first one is now. People who were deactivated
    /// have no pager and are left out.
    pub shifts: Vec<Turn>,
}

impl Rota {
    pub fn now(&self) -> Option<&Turn> {
        self.shifts.first()
    }

    pub fn next(&self) -> Option<&Turn> {
        self.shifts.get(1)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// By name. Nobody is a gap.
    pub people: Vec<Person>,
    /// A gap that is meant.
    pub is_planned: bool,
    /// It goes on beyond the weeks ahead.
    pub open_ended: bool,
}

/// A shift of the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mine {
    pub schedule: Named,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub is_now: bool,
    pub open_ended: bool,
}

/// Looks at all schedules, for one person.
pub async fn overview(tx: &mut Tx, person: PersonId) -> Result<Overview> {
    let now = tx.now();
    let active: BTreeMap<PersonId, Person> = people::active(tx)
        .await?
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    let teams: BTreeMap<TeamId, String> = teams::all(tx)
        .await?
        .into_iter()
        .map(|team| (team.id, team.name))
        .collect();
    let schedules: Vec<Rota> = schedules::load_all(tx)
        .await?
        .into_iter()
        .map(|(named, rotation)| Rota {
            team: teams.get(&named.team_id).cloned().unwrap_or_default(),
            shifts: turns(&rotation, &active, now),
            named,
        })
        .collect();
    let mut mine: Vec<Mine> = schedules.iter().flat_map(|rota| of(rota, person, now)).collect();
    mine.sort_by_key(|shift| (shift.from, shift.schedule.name.clone()));
    Ok(Overview { now, schedules, mine })
}

fn turns(
    rotation: &Schedule<PersonId>,
    active: &BTreeMap<PersonId, Person>,
    now: DateTime<Utc>,
) -> Vec<Turn> {
    let end = now + AHEAD;
    let mut turns: Vec<Turn> = Vec::new();
    for Shift {
        from,
        to,
        people,
        is_planned,
    } in rotation.shifts_and_planned_gaps(now, end)
    {
        let mut people: Vec<Person> = people.iter().filter_map(|id| active.get(id).cloned()).collect();
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        match turns.last_mut() {
            Some(last) if last.people == people && last.is_planned == is_planned => last.to = to,
            _ => turns.push(Turn {
                from,
                to,
                people,
                is_planned,
                open_ended: false,
            }),
        }
    }
    if let Some(last) = turns.last_mut() {
        last.open_ended = last.to >= end && rotation.at(last.from).1.is_none_or(|change| change > end);
    }
    turns
}

fn of(rota: &Rota, person: PersonId, now: DateTime<Utc>) -> Vec<Mine> {
    rota.shifts
        .iter()
        .filter(|turn| turn.people.iter().any(|other| other.id == person))
        .map(|turn| Mine {
            schedule: rota.named.clone(),
            from: turn.from,
            to: turn.to,
            is_now: turn.from <= now,
            open_ended: turn.open_ended,
        })
        .collect()
}
