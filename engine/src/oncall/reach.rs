//! Whom steps of policies reach just now: looked up for many steps in as few statements as for one, then answered without the
//! database.

use super::schedules;
use crate::db::{Sql, sql};
use crate::error::{Error, Result};
use crate::{Tx, people};
use chrono::{DateTime, Utc};
use domain::escalation::{Reached, Step, Target, in_turn};
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::incidents::timeline::PageReason;
use domain::people::Person;
use std::collections::{BTreeMap, BTreeSet};

/// A schedule at an instant.
#[derive(Clone, Debug)]
struct Standing {
    name: String,
    /// Who has the pager.
    people: BTreeSet<PersonId>,
    /// Somebody may go along with it.
    is_shadowed: bool,
}

/// What was looked up so far. It is true for the transaction and the instant in which it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnCall {
    schedules: BTreeMap<ScheduleId, Standing>,
    /// Who is in them.
    teams: BTreeMap<TeamId, Vec<PersonId>>,
    administrators: Option<Vec<PersonId>>,
    /// `None`: they are reached no more.
    people: BTreeMap<PersonId, Option<Person>>,
}

impl OnCall {
    /// Looks up what is not known yet of whom these steps reach.
    pub async fn learn(&mut self, tx: &mut Tx, steps: &[Step]) -> Result<()> {
        let now = tx.now();
        self.learn_at(tx, steps, now).await
    }

    /// The same for an instant: schedules are asked who has the pager then.
    pub async fn learn_at(&mut self, tx: &mut Tx, steps: &[Step], at: DateTime<Utc>) -> Result<()> {
        let (mut schedules, mut named) = (BTreeSet::new(), BTreeSet::new());
        for target in steps.iter().flat_map(|step| &step.targets) {
            match target {
                Target::Person(person) => {
                    named.insert(*person);
                }
                Target::Schedule(schedule) => {
                    schedules.insert(*schedule);
                }
                Target::Team(team) => named.extend(self.learn_team(tx, *team).await?),
                Target::Administrators => named.extend(self.learn_administrators(tx).await?),
            }
        }
        schedules.retain(|schedule| !self.schedules.contains_key(schedule));
        let on_call = on_call_of(tx, &schedules, at).await?;
        named.extend(on_call.values().flat_map(|standing| &standing.people));
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

    async fn learn_team(&mut self, tx: &mut Tx, team: TeamId) -> Result<Vec<PersonId>> {
        if let Some(members) = self.teams.get(&team) {
            return Ok(members.clone());
        }
        let members = able_to_act(
            tx,
            sql(constcat::concat!(
                "SELECT p.id FROM team_members m JOIN people p ON p.id = m.person_id WHERE m.team_id = $1 AND ",
                ABLE
            ))
            .bind(team),
        )
        .await?;
        self.teams.insert(team, members.clone());
        Ok(members)
    }

    async fn learn_administrators(&mut self, tx: &mut Tx) -> Result<Vec<PersonId>> {
        if let Some(known) = &self.administrators {
            return Ok(known.clone());
        }
        let found = able_to_act(
            tx,
            sql(constcat::concat!(
                "SELECT p.id FROM people p WHERE p.role = 'administrator' AND ",
                ABLE
            )),
        )
        .await?;
        self.administrators = Some(found.clone());
        Ok(found)
    }

    /// Whom the step reaches; `None` where that was not looked up. Of those who are paged in turn it is the one whose turn it is.
    pub fn reached(&self, step: &Step) -> Option<Reached> {
        let mut reached = self.all_reached(step)?;
        if step.in_turn {
            let ids: Vec<PersonId> = reached.people.iter().map(|(person, _)| person.id).collect();
            let last = step.last.as_ref().map(|(person, place)| (person, *place));
            let turn = in_turn(&ids, last);
            reached.people = turn
                .map(|turn| reached.people.swap_remove(turn))
                .into_iter()
                .collect();
        }
        Some(reached)
    }

    /// Where somebody stands among all whom the step reaches.
    pub fn place_in(&self, step: &Step, person: PersonId) -> Option<usize> {
        let all = self.all_reached(step)?;
        all.people.iter().position(|(other, _)| other.id == person)
    }

    fn all_reached(&self, step: &Step) -> Option<Reached> {
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
                Target::Team(team) => {
                    for person in self.teams.get(team)? {
                        if let Some(active) = self.people.get(person)? {
                            reach(active, PageReason::Named);
                        }
                    }
                }
                Target::Administrators => {
                    for person in self.administrators.as_ref()? {
                        if let Some(active) = self.people.get(person)? {
                            reach(active, PageReason::Named);
                        }
                    }
                }
                Target::Schedule(schedule) => {
                    let standing = self.schedules.get(schedule)?;
                    let mut anybody = false;
                    for person in &standing.people {
                        if let Some(active) = self.people.get(person)? {
                            anybody = true;
                            reach(active, PageReason::OnCall);
                        }
                    }
                    if !anybody {
                        empty_schedules.push(standing.name.clone());
                    }
                }
            }
        }
        reached.empty_schedules = empty_schedules;
        Some(reached)
    }

    /// Schedules of the step that somebody may go along with, and whom of those who are paged each names.
    pub fn shadowed(&self, step: &Step, paged: &[(Person, PageReason)]) -> Vec<(ScheduleId, Vec<Person>)> {
        let of = |schedule: ScheduleId| {
            let standing = self
                .schedules
                .get(&schedule)
                .filter(|standing| standing.is_shadowed)?;
            let named = paged.iter().map(|(person, _)| person);
            let named = named.filter(|person| standing.people.contains(&person.id));
            let named: Vec<Person> = named.cloned().collect();
            (!named.is_empty()).then_some((schedule, named))
        };
        let schedules = step.targets.iter().filter_map(|target| match target {
            Target::Schedule(schedule) => Some(*schedule),
            Target::Person(_) | Target::Team(_) | Target::Administrators => None,
        });
        schedules.filter_map(of).collect()
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
    let now = tx.now();
    let mut found = on_call_of(tx, &BTreeSet::from([schedule]), now).await?;
    let standing = found.remove(&schedule).ok_or(Error::NotFound("schedule"))?;
    Ok((standing.name, standing.people))
}

async fn on_call_of(
    tx: &mut Tx,
    wanted: &BTreeSet<ScheduleId>,
    at: DateTime<Utc>,
) -> Result<BTreeMap<ScheduleId, Standing>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let schedules = schedules::load_these(tx, wanted).await?;
    let on_call = schedules.into_iter().map(|(named, rotation)| {
        let standing = Standing {
            people: rotation.on_call(at),
            is_shadowed: named.shadowed_until.is_some_and(|until| until > at),
            name: named.name,
        };
        (named.id, standing)
    });
    Ok(on_call.collect())
}

/// Who may work on incidents; by name, so that turns have an order.
const ABLE: &str = "p.role <> 'observer' AND p.deactivated_at IS NULL ORDER BY p.name, p.id";

async fn able_to_act(tx: &mut Tx, asked: Sql) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = asked.all(tx).await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}
