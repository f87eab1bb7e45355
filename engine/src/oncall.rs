//! Who is on call, and whom a step of a policy reaches.

pub mod absences;
pub mod away;
pub mod calendar;
pub mod covers;
pub mod dry_run;
pub mod edit;
pub mod export;
pub mod feeds;
pub(crate) mod heir;
mod ical;
pub mod invitations;
pub mod overrides;
pub mod overview;
pub mod pasted;
pub mod policies;
mod reach;
pub mod readiness;
pub mod requests;
pub mod rotations;
pub mod routing;
pub mod schedules;
pub mod shadows;
pub(crate) mod shift_news;
pub mod shown;
pub mod store;
pub mod untaken;

pub use overview::{Overview, overview};
pub use policies::policy;
pub(crate) use policies::policy_of;
pub(crate) use reach::OnCall;
pub use reach::{on_call_now, reached};

use crate::error::{Refusal, Result};
use crate::{Tx, people};
use domain::escalation::{Place, Policy};
use domain::ids::PersonId;
use domain::oncall::SpanFault;
use domain::oncall::pasted::not_taken;
use domain::people::Person;

/// Why a schedule or a policy cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
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
    #[error("{sentence}")]
    NotAMoment { field: &'static str, sentence: String },
    #[error("{}", SpanFault::EndsTooEarly)]
    EndsTooEarly,
    #[error("{}", SpanFault::IsOver)]
    IsOver,
    #[error("{}", SpanFault::LastsTooLong)]
    LastsTooLong,
    #[error("That time has passed. A change begins now or later; what was before stays as it was.")]
    BeginsInThePast,
    #[error(
        "Somebody changed this schedule while you had it open. What you typed is kept; the preview shows what it would change now. Save again if it is to hold."
    )]
    ScheduleChangedMeanwhile,
    #[error("This is not your turn, or not all of it. Choose times within one of yours.")]
    NotYourTurn,
    #[error("This is not {0}’s turn, or not all of it. Load the page again: it may have changed.")]
    NotTheirTurn(String),
    #[error("Choose a turn to come of the one person whom you ask.")]
    NoTurnToSwap,
    #[error("There is nobody to ask: choose somebody else than yourself.")]
    NobodyToAsk,
    #[error("You have 50 calendars already. Revoke one that you do not need.")]
    TooManyFeeds,
    #[error("Your calendar says something else now. Look at what it says, and ask again.")]
    AbsenceChanged,
    #[error("{0}")]
    Table(domain::oncall::pasted::TableFault),
    #[error("{}; what is wrong is shown below, beside each. Nothing was arranged.", not_taken(*.0))]
    RowsAtFault(usize),
    #[error("Somebody goes along for at most 180 days.")]
    ShadowsTooLong,
    #[error("That layer is not there any more. Choose another.")]
    NoSuchLayer,
    #[error("{0}")]
    CannotBeChosen(people::CannotBeChosen, &'static str),
    #[error("Something that step {0} pages is not there any more. Choose another.")]
    NoSuchSchedule(usize),
    #[error("Add at least one step. Without one nobody is paged.")]
    NoSteps,
    #[error("A policy has at most 20 steps.")]
    TooManySteps,
    #[error("Step {0} pages nobody. Choose whom, or remove the step.")]
    StepWithoutTarget(usize),
    #[error("Step {0} has between 30 seconds and 24 hours.")]
    StepDelay(usize),
    #[error("A policy is repeated at most 20 times.")]
    TooManyRepeats,
    #[error("An acknowledgement holds for 10 minutes to 7 days, or for good.")]
    HoldsTooShort,
    #[error(
        "Step {0} pages one of several in turn, so there is nobody else to wait for. Choose one of the two."
    )]
    InTurnAndAll(usize),
    #[error("A service has at most 10 routing rules.")]
    TooManyRules,
    #[error("Choose an escalation policy for the service first. It holds where no rule does.")]
    RulesWithoutPolicy,
    #[error("Rule {0} names a policy that is not there any more, or another team's. Choose another.")]
    NotThatPolicy(usize),
    #[error("Rule {0} holds on no day. Choose at least one.")]
    RuleWithoutDays(usize),
    #[error("It is still used by {0}. Remove it there first.")]
    InUse(String),
}

impl From<SpanFault> for Refused {
    fn from(fault: SpanFault) -> Self {
        match fault {
            SpanFault::EndsTooEarly => Self::EndsTooEarly,
            SpanFault::IsOver => Self::IsOver,
            SpanFault::LastsTooLong => Self::LastsTooLong,
        }
    }
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NobodyInRotation | Self::TwiceInRotation(_) => Some("people"),
            Self::Schedule { field, .. } | Self::NotAMoment { field, .. } => Some(field),
            Self::EndsTooEarly | Self::IsOver | Self::LastsTooLong | Self::ShadowsTooLong => Some("to"),
            Self::NoSteps
            | Self::TooManySteps
            | Self::StepWithoutTarget(_)
            | Self::StepDelay(_)
            | Self::InTurnAndAll(_)
            | Self::NoSuchSchedule(_) => Some("steps"),
            Self::HoldsTooShort => Some("holds"),
            Self::TooManyRules
            | Self::RulesWithoutPolicy
            | Self::NotThatPolicy(_)
            | Self::RuleWithoutDays(_) => Some("rules"),
            Self::NoSuchLayer => Some("layer"),
            Self::BeginsInThePast => Some("on"),
            Self::Table(_) | Self::RowsAtFault(_) => Some("table"),
            Self::NotYourTurn | Self::NotTheirTurn(_) => Some("from"),
            Self::NoTurnToSwap => Some("instead"),
            Self::NobodyToAsk => Some("whom"),
            Self::CannotBeChosen(_, field) => Some(field),
            Self::TooManyRepeats => Some("repeats"),
            Self::TooManyFeeds
            | Self::AbsenceChanged
            | Self::InUse(_)
            | Self::Rules(_)
            | Self::ScheduleChangedMeanwhile => None,
        }
    }
}

/// The person, if they can be put on call now; else the sentence stands beside the field.
pub(crate) async fn choose(tx: &mut Tx, person: PersonId, field: &'static str) -> Result<Person> {
    let chosen = people::choose(tx, person).await?;
    Ok(chosen.map_err(|fault| Refused::CannotBeChosen(fault, field))?)
}

/// Whom the steps after a place reach first, as the schedules stand now; `None` where the policy ends before it reaches anybody, or goes on
/// for ever and reaches nobody.
pub(crate) async fn reached_after(tx: &mut Tx, policy: &Policy, place: Place) -> Result<Option<Vec<Person>>> {
    let mut next = policy.after(Some(place));
    // Another round would find the same people.
    for _ in &policy.steps {
        let Some(step) = next.and_then(|place| policy.step(place)) else {
            return Ok(None);
        };
        let reached = reached(tx, step).await?;
        if !reached.people.is_empty() {
            return Ok(Some(
                reached.people.into_iter().map(|(person, _)| person).collect(),
            ));
        }
        next = next.and_then(|place| policy.after(Some(place)));
    }
    Ok(None)
}
