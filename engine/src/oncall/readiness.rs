//! What stands in the way of on call in the next two weeks: gaps, somebody who is asked twice, somebody who cannot be woken, steps that
//! reach nobody, schedules that end, somebody who is away.

mod concern;
mod steps;

pub use concern::Concern;

use super::absences::turns_of;
use super::policies;
use super::schedules::{self, Named};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, calendars, news, people, teams};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use domain::calendars::{Span, covered};
use domain::escalation::Policy;
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::news::News;
use domain::oncall::{Schedule, Shift};
use std::collections::{BTreeMap, BTreeSet};
use steps::{named_too, names_of, persons_of, schedules_of, twice, when_empty};

/// How far it is looked ahead.
pub const AHEAD: TimeDelta = TimeDelta::weeks(2);

/// Told of on Mondays from this hour on, by the clock of UTC.
const WEEKLY_AT: u32 = 8;

/// People by their ids: what they are called, and why no page would reach them.
type Names = BTreeMap<PersonId, (String, Option<&'static str>)>;

/// A schedule as far as is looked ahead.
struct Ahead {
    named: Named,
    shifts: Vec<Shift<PersonId>>,
    /// Those that nobody meant.
    gaps: Vec<Span>,
    /// What has no layers yet misses nobody.
    is_arranged: bool,
}

impl Ahead {
    fn of(named: Named, rotation: &Schedule<PersonId>, now: DateTime<Utc>) -> Self {
        let shifts = rotation.shifts_and_planned_gaps(now, now + AHEAD);
        let is_arranged = !rotation.layers.is_empty();
        let gaps = match is_arranged {
            true => rotation.gaps(&shifts),
            false => Vec::new(),
        };
        Self {
            named,
            shifts,
            gaps,
            is_arranged,
        }
    }

    /// The time around an instant at which it has nobody.
    fn empty_at(&self, at: DateTime<Utc>) -> Option<&Shift<PersonId>> {
        let mut shifts = self.shifts.iter();
        shifts.find(|shift| shift.people.is_empty() && shift.from <= at && at < shift.to)
    }
}

/// All concerns by the team whose schedule or policy it is.
pub async fn concerns(tx: &mut Tx) -> Result<BTreeMap<TeamId, Vec<Concern>>> {
    let now = tx.now();
    let all = schedules::load_all(tx).await?;
    let mut schedules: BTreeMap<ScheduleId, Ahead> = BTreeMap::new();
    let mut found: BTreeMap<TeamId, Vec<Concern>> = BTreeMap::new();
    for (named, rotation) in all {
        let ahead = Ahead::of(named, &rotation, now);
        found
            .entry(ahead.named.team_id)
            .or_default()
            .extend(nobody_on_call(&ahead, &rotation, now));
        schedules.insert(ahead.named.id, ahead);
    }
    let mut names = Names::new();
    for member in people::everybody(tx).await? {
        let because = member.cannot_be_woken();
        names.insert(member.person.id, (member.person.name, because));
    }
    let absences = calendars::all_absences(tx).await?;
    for named in policies::all(tx).await? {
        let policy = policies::policy(tx, named.id).await?;
        let ours = found.entry(named.team_id).or_default();
        for (number, step) in (1..).zip(&policy.steps) {
            let empty = when_empty(tx, step, &schedules).await?;
            if let Some(at) = empty.at {
                ours.push(Concern::StepReachesNobody {
                    policy: named.name.clone(),
                    step: number,
                    at: (at > now).then_some(at),
                });
            }
            if empty.outside_hours {
                ours.push(outside_hours(&named.name, number, names_of(step, &schedules)));
            }
            ours.extend(persons_of(step).filter_map(|person| cannot(&names, person)));
        }
        ours.extend(twice(&policy, &schedules, &names, now));
        ours.extend(named_too(&named.name, &policy, &schedules, &names, now));
    }
    for Ahead { named, shifts, .. } in schedules.values() {
        let serving: BTreeSet<PersonId> = shifts
            .iter()
            .flat_map(|shift| shift.people.iter().copied())
            .collect();
        let ours = found.entry(named.team_id).or_default();
        for person in &serving {
            ours.extend(away(named, shifts, (*person, &names), absences.get(person)));
        }
        ours.extend(serving.into_iter().filter_map(|person| cannot(&names, person)));
    }
    for concerns in found.values_mut() {
        let mut seen = BTreeSet::new();
        concerns.retain(|concern| seen.insert(concern.key(now)));
    }
    found.retain(|_, concerns| !concerns.is_empty());
    Ok(found)
}

fn outside_hours(policy: &str, step: usize, schedules: Vec<String>) -> Concern {
    Concern::OutsideHours {
        policy: policy.to_owned(),
        step,
        schedules,
    }
}

/// Steps of a policy that reach nobody outside of hours, as is meant.
pub async fn outside_hours_of(tx: &mut Tx, name: &str, policy: &Policy) -> Result<Vec<Concern>> {
    let now = tx.now();
    let named: BTreeSet<ScheduleId> = policy.steps.iter().flat_map(schedules_of).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let all = schedules::load_these(tx, &named).await?.into_iter();
    let ahead = all.map(|(named, rotation)| (named.id, Ahead::of(named, &rotation, now)));
    let ahead: BTreeMap<ScheduleId, Ahead> = ahead.collect();
    let mut found = Vec::new();
    for (number, step) in (1..).zip(&policy.steps) {
        if when_empty(tx, step, &ahead).await?.outside_hours {
            found.push(outside_hours(name, number, names_of(step, &ahead)));
        }
    }
    Ok(found)
}

/// What reaches as far as is looked ahead has no end there that anybody knows.
fn end(to: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (to < now + AHEAD).then_some(to)
}

fn nobody_on_call(ahead: &Ahead, rotation: &Schedule<PersonId>, now: DateTime<Utc>) -> Vec<Concern> {
    let last = ahead
        .shifts
        .last()
        .filter(|last| last.people.is_empty() && rotation.at(last.from).1.is_none());
    let mut found = Vec::new();
    if let Some(last) = last.filter(|_| !rotation.layers.is_empty()) {
        found.push(Concern::Ends {
            schedule: ahead.named.clone(),
            at: last.from,
        });
    }
    let is_last = |from: DateTime<Utc>| last.is_some_and(|last| last.from <= from);
    for (from, to) in ahead.gaps.iter().copied() {
        if to <= now || is_last(from) {
            continue;
        }
        let schedule = ahead.named.clone();
        found.push(match end(to, now) {
            None if from <= now => Concern::GapThroughout { schedule },
            to => Concern::Gap { schedule, from, to },
        });
    }
    found
}

fn cannot(names: &Names, person: PersonId) -> Option<Concern> {
    let (name, because) = names.get(&person)?;
    Some(Concern::CannotBeWoken {
        person: name.clone(),
        because: (*because)?,
    })
}

/// Turns of somebody that fall into their absences.
fn away(
    named: &Named,
    ahead: &[Shift<PersonId>],
    (person, names): (PersonId, &Names),
    absences: Option<&Vec<Span>>,
) -> Vec<Concern> {
    let (Some(absences), Some((name, _))) = (absences, names.get(&person)) else {
        return Vec::new();
    };
    let turns: Vec<((), Span)> = turns_of(ahead, person)
        .into_iter()
        .map(|span| ((), span))
        .collect();
    let within = covered(absences, &turns)
        .into_iter()
        .flat_map(|cover| cover.turns);
    within
        .map(|((), (from, to))| Concern::Away {
            person: name.clone(),
            schedule: named.clone(),
            from,
            to,
        })
        .collect()
}

/// Tells each team what is new, once, and on Mondays all that stands. What is over may come again and is told again then.
pub async fn tell(tx: &mut Tx) -> Result<usize> {
    let now = tx.now();
    let found = concerns(tx).await?;
    let week = now.iso_week();
    let monday = now.weekday() == Weekday::Mon && now.hour() >= WEEKLY_AT;
    let mut told = 0;
    for team in teams::all(tx).await? {
        let concerns = found.get(&team.id).map(Vec::as_slice).unwrap_or_default();
        let concerns: Vec<&Concern> = concerns.iter().filter(|concern| !concern.is_meant()).collect();
        forget_what_is_over(tx, team.id, &concerns, now).await?;
        let mut new: Vec<&Concern> = Vec::new();
        for concern in concerns.iter().copied() {
            if note(tx, team.id, &concern.key(now), now).await? {
                new.push(concern);
            }
        }
        let weekly = format!("week {} {}", week.year(), week.week());
        if monday && !concerns.is_empty() && note(tx, team.id, &weekly, now).await? {
            new.clone_from(&concerns);
        }
        if new.is_empty() {
            continue;
        }
        for member in teams::members::who_act(tx, team.id).await? {
            let lines = new.iter().map(|concern| concern.words(&member.time_zone));
            let news = News::NotReady {
                team: team.name.clone(),
                lines: lines.collect(),
            };
            news::tell(tx, member.id, None, &news).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// Whether it was not told before.
async fn note(tx: &mut Tx, team: TeamId, concern: &str, now: DateTime<Utc>) -> Result<bool> {
    let noted = sql(
        "INSERT INTO readiness_told (team_id, concern, told_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(team)
    .bind(concern.to_owned())
    .bind(now)
    .run(tx)
    .await?;
    Ok(noted > 0)
}

async fn forget_what_is_over(
    tx: &mut Tx,
    team: TeamId,
    concerns: &[&Concern],
    now: DateTime<Utc>,
) -> Result<()> {
    let keys: BTreeSet<String> = concerns.iter().map(|concern| concern.key(now)).collect();
    let stand: Vec<(String, DateTime<Utc>)> =
        sql("SELECT concern, told_at FROM readiness_told WHERE team_id = $1")
            .bind(team)
            .all(tx)
            .await?;
    for (concern, told_at) in stand {
        let is_week = concern.starts_with("week ");
        if !keys.contains(&concern) && (!is_week || now - told_at > AHEAD) {
            sql("DELETE FROM readiness_told WHERE team_id = $1 AND concern = $2")
                .bind(team)
                .bind(concern)
                .run(tx)
                .await?;
        }
    }
    Ok(())
}
