//! What people do with an incident by one press or a short form, and whether it still means what the page said.

use super::{Incident, IncidentRole, State};
use crate::ids::PersonId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A verb that is one press, or asks somebody for help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Acknowledge,
    Escalate,
    TakeRole(IncidentRole),
    LeaveRole(IncidentRole),
    Mitigate,
    TakeBackMitigation,
    Resolve,
    Reopen,
    StartPostmortem,
    PageSomebody,
    HandOver,
    /// Ticks a task, takes the tick out, or puts the task off. The form says which, so that twice is once.
    Tick,
}

impl Verb {
    /// The role that it is about.
    pub const fn role(self) -> Option<IncidentRole> {
        match self {
            Self::TakeRole(role) | Self::LeaveRole(role) => Some(role),
            _ => None,
        }
    }

    /// Somebody is asked to come, or to take it: it hangs on who has the incident.
    pub const fn asks_for_help(self) -> bool {
        matches!(self, Self::PageSomebody | Self::HandOver)
    }
}

/// What stood there when the verb's button was drawn. Its form carries it, since a page may be old by the time it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    pub state: State,
    /// All alerts were quiet.
    #[serde(default)]
    pub quiet: bool,
    /// The last entry before the state became what it was: 0 where it had never been another. What people write meanwhile leaves it as
    /// it is. `None` for a form that does not say.
    #[serde(default)]
    pub since: Option<i64>,
    /// Who held the role that the verb is about; of one that asks for help, who had the incident.
    #[serde(default)]
    pub holder: Option<PersonId>,
    /// Since when they held the role.
    #[serde(default)]
    pub held_since: Option<DateTime<Utc>>,
    /// When it was drawn, where buttons had changed their meaning just before.
    #[serde(default)]
    pub changing_at: Option<DateTime<Utc>>,
}

impl Drawn {
    /// `since`: the last entry before the incident's state became what it is.
    pub const fn of(incident: &Incident, since: i64) -> Self {
        Self {
            state: incident.state,
            quiet: incident.alerts_quiet,
            since: Some(since),
            holder: None,
            held_since: None,
            changing_at: None,
        }
    }

    #[must_use]
    pub const fn held_by(self, holder: Option<PersonId>, since: Option<DateTime<Utc>>) -> Self {
        Self {
            holder,
            held_since: since,
            ..self
        }
    }

    /// Whether its state was another one meanwhile, and is the same again.
    fn came_back(&self, drawn: &Self) -> bool {
        self.state == drawn.state && drawn.since.is_some() && self.since != drawn.since
    }

    /// Whether the role changed hands meanwhile, be it back to whoever held it.
    fn changed_hands(&self, drawn: &Self) -> bool {
        let both = self.held_since.zip(drawn.held_since);
        self.holder != drawn.holder || both.is_some_and(|(stands, drawn)| stands != drawn)
    }

    fn is_too_fresh(&self, now: DateTime<Utc>) -> bool {
        // Nodes' clocks differ; one that runs ahead must not hold a button for long.
        self.changing_at
            .is_some_and(|at| (now - at).abs() < SETTLES_WITHIN)
    }
}

/// For so long a button that has changed its meaning does not act. A tap that was on its way lands within it; who reads the button
/// first does not notice it. The style and the script of the page (`style/components/settle.css`, `public/settle.js`) say the same.
pub const SETTLES_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// A page that is asked for so soon after a verb may be the answer to it, over a slow line.
pub const CHANGED_JUST_NOW: TimeDelta = TimeDelta::seconds(10);

/// Why a press does not do what its button said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The button had become this one less than a second before.
    TooSoon,
    /// It was further when the button was drawn: it fires again, somebody escalated or reopened it. Or it was something else meanwhile, and
    /// is what it was.
    WentBack,
    /// It was quiet when the button was drawn, and fires again.
    FiresAgain,
    /// Somebody took it meanwhile, so nobody further needs to be woken.
    Taken,
    /// The role is held by somebody else than it was.
    HeldByAnother,
    /// Somebody else has the incident than had it when help was to be asked for.
    WithAnother,
}

/// Whether a press of this person does what the button said. What was done already fits: doing it twice is safe.
///
/// # Errors
/// Why it does not.
pub fn fits(
    verb: Verb,
    drawn: &Drawn,
    stands: &Drawn,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), Misfit> {
    if drawn.is_too_fresh(now) {
        return Err(Misfit::TooSoon);
    }
    let came_back = stands.came_back(drawn);
    let went_back = stands.state < drawn.state || came_back;
    match verb {
        // Whoever says that they have it has it, whatever was meanwhile.
        Verb::Acknowledge => Ok(()),
        Verb::Reopen | Verb::TakeBackMitigation if came_back => Err(Misfit::WentBack),
        // Whoever has it keeps it; they are helped by a page, or hand it over.
        Verb::Escalate if matches!(stands.state, State::Acknowledged | State::Mitigated) => {
            Err(Misfit::Taken)
        }
        Verb::Resolve if stands.state != State::Resolved && drawn.quiet && !stands.quiet => {
            Err(Misfit::FiresAgain)
        }
        Verb::Escalate | Verb::Mitigate | Verb::Resolve | Verb::StartPostmortem if went_back => {
            Err(Misfit::WentBack)
        }
        Verb::TakeRole(_) if stands.changed_hands(drawn) && stands.holder.is_some_and(|held| held != by) => {
            Err(Misfit::HeldByAnother)
        }
        Verb::LeaveRole(_) if stands.holder.is_some() && stands.changed_hands(drawn) => {
            Err(Misfit::HeldByAnother)
        }
        // Whoever took it themselves knows.
        Verb::PageSomebody | Verb::HandOver if stands.holder != drawn.holder && stands.holder != Some(by) => {
            Err(Misfit::WithAnother)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
