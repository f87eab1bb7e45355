//! Who is on call, and whom a step of a policy reaches.

pub mod covers;
pub mod overview;
pub mod policies;
pub mod rotations;
pub mod schedules;
pub mod store;

pub use overview::{Overview, overview};
pub use policies::policy;
pub(crate) use policies::{knows_policy, policy_of};

use crate::db::Question;
use crate::error::{Refusal, Result};
use crate::{Tx, people};
use domain::escalation::{Step, Target};
use domain::ids::{PersonId, ScheduleId, ServiceId};
use domain::incidents::timeline::PageReason;
use domain::people::Person;
use std::collections::BTreeSet;

/// Why a schedule or a policy cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Write a name.")]
    NoName,
    #[error("A name has at most 60 characters.")]
    NameTooLong,
    #[error("Choose at least one person.")]
    NobodyInRotation,
    #[error("{0} is in the rotation twice. Each person has one turn.")]
    TwiceInRotation(String),
    #[error("{fault}.")]
    Schedule {
        field: &'static str,
        fault: domain::oncall::Fault,
    },
    #[error("{}: {}.", .0.field, .0.fault)]
    Rules(domain::oncall::InvalidSchedule),
    #[error("This rota says more than the form can. Its name can be changed here, the rest stays as it is.")]
    BeyondForm,
    #[error("{sentence}")]
    NotAMoment { field: &'static str, sentence: String },
    #[error("The end must be later than the beginning.")]
    EndsTooEarly,
    #[error("That time has passed.")]
    IsOver,
    #[error("A cover lasts at most 60 days. Change the rotation for longer.")]
    LastsTooLong,
    #[error("{0}")]
    CannotBeChosen(people::CannotBeChosen, &'static str),
    #[error("A schedule in step {0} is not there any more. Choose another.")]
    NoSuchSchedule(usize),
    #[error("Add at least one step. Without one nobody is paged.")]
    NoSteps,
    #[error("A policy has at most 20 steps.")]
    TooManySteps,
    #[error("Step {0} pages nobody. Choose a person or a schedule, or take the step out.")]
    StepWithoutTarget(usize),
    #[error("Step {0} has between 30 seconds and 24 hours.")]
    StepDelay(usize),
    #[error("A policy is repeated at most 20 times.")]
    TooManyRepeats,
    #[error("It is still used by {0}. Take it out there first.")]
    InUse(String),
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoName | Self::NameTooLong => Some("name"),
            Self::NobodyInRotation | Self::TwiceInRotation(_) | Self::BeyondForm => Some("people"),
            Self::Schedule { field, .. } | Self::NotAMoment { field, .. } => Some(field),
            Self::EndsTooEarly | Self::IsOver | Self::LastsTooLong => Some("to"),
            Self::NoSteps
            | Self::TooManySteps
            | Self::StepWithoutTarget(_)
            | Self::StepDelay(_)
            | Self::NoSuchSchedule(_) => Some("steps"),
            Self::CannotBeChosen(_, field) => Some(field),
            Self::TooManyRepeats => Some("repeats"),
            Self::InUse(_) | Self::Rules(_) => None,
        }
    }
}

/// The person, if they can be put on call now; else the sentence stands beside the field.
pub(crate) async fn choose(tx: &mut Tx, person: PersonId, field: &'static str) -> Result<Person> {
    let chosen = people::choose(tx, person).await?;
    Ok(chosen.map_err(|fault| Refused::CannotBeChosen(fault, field))?)
}

/// A name as it is kept: one line.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(Refused::NoName.into()),
        1..=60 => Ok(name),
        _ => Err(Refused::NameTooLong.into()),
    }
}

/// Whom a step reaches right now.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// In the order of the step's targets, nobody twice.
    pub people: Vec<(Person, PageReason)>,
    /// Names of schedules with nobody on call.
    pub empty_schedules: Vec<String>,
}

/// Who has the pager of a schedule now.
#[derive(PartialEq, Eq, Hash)]
struct OnCallNow(ScheduleId);

impl Question for OnCallNow {
    type Answer = (String, BTreeSet<PersonId>);
}

/// Looks up whom the first steps of the services' policies reach. Answers with these people.
pub(crate) async fn look_ahead(tx: &mut Tx, services: &BTreeSet<ServiceId>) -> Result<BTreeSet<PersonId>> {
    let steps = policies::look_ahead(tx, services).await?;
    let mut named = BTreeSet::new();
    for target in steps.iter().flat_map(|step| &step.targets) {
        match target {
            Target::Person(person) => {
                named.insert(*person);
            }
            Target::Schedule(schedule) => {
                let on_call = on_call_now(tx, *schedule).await?;
                named.extend(&on_call.1);
                tx.ahead.put(OnCallNow(*schedule), on_call);
            }
        }
    }
    people::look_ahead(tx, &named).await?;
    Ok(named)
}

/// Looks up whom a step reaches at this instant. People who were deactivated are reached no more.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn reached(tx: &mut Tx, step: &Step) -> Result<Reached> {
    let mut reached = Reached::default();
    let mut seen = BTreeSet::new();
    for target in &step.targets {
        match target {
            Target::Person(person) => {
                if let Some(active) = people::find_active(tx, *person).await?
                    && seen.insert(active.id)
                {
                    reached.people.push((active, PageReason::Named));
                }
            }
            Target::Schedule(schedule) => {
                let (name, people) = on_call_now(tx, *schedule).await?;
                let mut anybody = false;
                for person in people {
                    if let Some(active) = people::find_active(tx, person).await? {
                        anybody = true;
                        if seen.insert(person) {
                            reached.people.push((active, PageReason::OnCall));
                        }
                    }
                }
                if !anybody {
                    reached.empty_schedules.push(name);
                }
            }
        }
    }
    Ok(reached)
}

/// The schedule's name and who has the pager now.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn on_call_now(tx: &mut Tx, schedule: ScheduleId) -> Result<(String, BTreeSet<PersonId>)> {
    if let Some(known) = tx.ahead.get(&OnCallNow(schedule)) {
        return Ok(known.clone());
    }
    let now = tx.now();
    let (named, rotation) = schedules::load(tx, schedule).await?;
    let gone = people::gone(tx).await?;
    Ok((named.name, rotation.without(&gone).on_call(now)))
}
