//! What stands in the way of on call in the next two weeks: gaps, somebody who is asked twice, somebody who cannot be woken, steps that
//! reach nobody, schedules that end, somebody who is away.

use super::absences::turns_of;
use super::schedules::{self, Named};
use super::{policies, reached};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, calendars, news, people, teams};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use domain::calendars::{Span, covered};
use domain::escalation::Target;
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::news::News;
use domain::oncall::{Schedule, Shift, together};
use domain::words::in_zone;
use std::collections::{BTreeMap, BTreeSet};

/// How far it is looked ahead.
pub const AHEAD: TimeDelta = TimeDelta::weeks(2);

/// Told of on Mondays from this hour on, by the clock of UTC.
const WEEKLY_AT: u32 = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    Gap {
        schedule: Named,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    },
    /// A schedule has nobody any more from then on.
    Ends { schedule: Named, at: DateTime<Utc> },
    /// The same person on two schedules of one policy.
    Twice {
        person: String,
        first: String,
        second: String,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    },
    /// Somebody with a turn, or named in a step, whom no page would reach.
    CannotBeWoken { person: String, because: &'static str },
    /// Somebody has a turn while their calendar says that they are away.
    Away {
        person: String,
        schedule: Named,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    },
    /// A step of a policy, from 1, that would page nobody now.
    StepReachesNobody { policy: String, step: usize },
}

impl Concern {
    /// The same for the same. What has begun begins now each time that one looks.
    fn key(&self, now: DateTime<Utc>) -> String {
        let begin = |from: &DateTime<Utc>| {
            if *from <= now {
                "now".to_owned()
            } else {
                from.timestamp().to_string()
            }
        };
        match self {
            Self::Gap { schedule, from, .. } => format!("gap {} {}", schedule.id, begin(from)),
            Self::Ends { schedule, at } => format!("ends {} {}", schedule.id, begin(at)),
            Self::Twice {
                person,
                first,
                second,
                from,
                ..
            } => {
                format!("twice {person} {first} {second} {}", begin(from))
            }
            Self::CannotBeWoken { person, because } => format!("cannot {person} {because}"),
            Self::Away {
                person,
                schedule,
                from,
                ..
            } => format!("away {person} {} {}", schedule.id, begin(from)),
            Self::StepReachesNobody { policy, step } => format!("step {policy} {step}"),
        }
    }

    /// In words, in a zone by its name.
    pub fn words(&self, zone: &str) -> String {
        let at = |at: &DateTime<Utc>| in_zone(*at, zone);
        match self {
            Self::Gap { schedule, from, to } => {
                format!(
                    "Nobody is on call for {} from {} to {}.",
                    schedule.name,
                    at(from),
                    at(to)
                )
            }
            Self::Ends { schedule, at: end } => {
                format!("{} has nobody any more from {} on.", schedule.name, at(end))
            }
            Self::Twice {
                person,
                first,
                second,
                from,
                to,
            } => {
                format!(
                    "{person} has {first} and {second} at once from {} to {}.",
                    at(from),
                    at(to)
                )
            }
            Self::CannotBeWoken { person, because } => format!("{person} cannot be woken: {because}."),
            Self::Away {
                person,
                schedule,
                from,
                to,
            } => format!(
                "{person} is on call for {} while their calendar says they are away, from {} to {}.",
                schedule.name,
                at(from),
                at(to)
            ),
            Self::StepReachesNobody { policy, step } => format!("Step {step} of {policy} reaches nobody."),
        }
    }
}

/// All concerns by the team whose schedule or policy it is.
pub async fn concerns(tx: &mut Tx) -> Result<BTreeMap<TeamId, Vec<Concern>>> {
    let now = tx.now();
    let gone = people::gone(tx).await?;
    let all = schedules::load_all(tx).await?;
    let mut shifts: BTreeMap<ScheduleId, (Named, Vec<Shift<PersonId>>)> = BTreeMap::new();
    let mut found: BTreeMap<TeamId, Vec<Concern>> = BTreeMap::new();
    for (named, rotation) in all {
        let rotation = rotation.without(&gone);
        let ahead = rotation.shifts_and_planned_gaps(now, now + AHEAD);
        found
            .entry(named.team_id)
            .or_default()
            .extend(gaps(&named, &rotation, &ahead, now));
        shifts.insert(named.id, (named, ahead));
    }
    let mut names: BTreeMap<PersonId, (String, Option<&'static str>)> = BTreeMap::new();
    for member in people::everybody(tx).await? {
        let because = if member.person.deactivated_at.is_some() {
            Some("they are deactivated")
        } else if !member.can_log_in {
            Some("they have never logged in")
        } else {
            None
        };
        names.insert(member.person.id, (member.person.name, because));
    }
    let absences = calendars::all_absences(tx).await?;
    for named in policies::all(tx).await? {
        let policy = policies::policy(tx, named.id).await?;
        let ours = found.entry(named.team_id).or_default();
        let mut of_policy: Vec<ScheduleId> = Vec::new();
        for (number, step) in (1..).zip(&policy.steps) {
            if reached(tx, step).await?.people.is_empty() {
                ours.push(Concern::StepReachesNobody {
                    policy: named.name.clone(),
                    step: number,
                });
            }
            for target in &step.targets {
                match target {
                    Target::Schedule(schedule) => of_policy.push(*schedule),
                    Target::Person(person) => ours.extend(cannot(&names, *person)),
                    Target::Team(_) | Target::Administrators => {}
                }
            }
        }
        ours.extend(twice(&of_policy, &shifts, &names));
    }
    for (named, ahead) in shifts.values() {
        let serving: BTreeSet<PersonId> = ahead
            .iter()
            .flat_map(|shift| shift.people.iter().copied())
            .collect();
        let ours = found.entry(named.team_id).or_default();
        for person in &serving {
            ours.extend(away(named, ahead, (*person, &names), absences.get(person)));
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

fn gaps(
    named: &Named,
    rotation: &Schedule<PersonId>,
    ahead: &[Shift<PersonId>],
    now: DateTime<Utc>,
) -> Vec<Concern> {
    let last = ahead
        .last()
        .filter(|last| last.people.is_empty() && rotation.at(last.from).1.is_none());
    let mut found = Vec::new();
    if let Some(last) = last.filter(|_| !rotation.layers.is_empty()) {
        found.push(Concern::Ends {
            schedule: named.clone(),
            at: last.from,
        });
    }
    let is_last = |from: DateTime<Utc>| last.is_some_and(|last| last.from <= from);
    let gaps = rotation.gaps(ahead).into_iter();
    let gaps = gaps.filter(|(from, to)| *to > now && !is_last(*from) && !rotation.layers.is_empty());
    found.extend(gaps.map(|(from, to)| Concern::Gap {
        schedule: named.clone(),
        from,
        to,
    }));
    found
}

fn cannot(names: &BTreeMap<PersonId, (String, Option<&'static str>)>, person: PersonId) -> Option<Concern> {
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
    (person, names): (PersonId, &BTreeMap<PersonId, (String, Option<&'static str>)>),
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

fn twice(
    schedules: &[ScheduleId],
    shifts: &BTreeMap<ScheduleId, (Named, Vec<Shift<PersonId>>)>,
    names: &BTreeMap<PersonId, (String, Option<&'static str>)>,
) -> Vec<Concern> {
    let mut found = Vec::new();
    for (place, first) in schedules.iter().enumerate() {
        for second in schedules[place + 1..].iter().filter(|second| *second != first) {
            let (Some((one, ours)), Some((other, theirs))) = (shifts.get(first), shifts.get(second)) else {
                continue;
            };
            for (person, from, to) in together(ours, theirs) {
                found.push(Concern::Twice {
                    person: names
                        .get(&person)
                        .map(|(name, _)| name.clone())
                        .unwrap_or_default(),
                    first: one.name.clone(),
                    second: other.name.clone(),
                    from,
                    to,
                });
            }
        }
    }
    found
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
        forget_what_is_over(tx, team.id, concerns, now).await?;
        let mut new: Vec<&Concern> = Vec::new();
        for concern in concerns {
            if note(tx, team.id, &concern.key(now), now).await? {
                new.push(concern);
            }
        }
        let weekly = format!("week {} {}", week.year(), week.week());
        if monday && !concerns.is_empty() && note(tx, team.id, &weekly, now).await? {
            new = concerns.iter().collect();
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
    concerns: &[Concern],
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
