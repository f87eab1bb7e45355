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
mod tests {
    use super::*;
    use uuid::Uuid;

    const ME: PersonId = PersonId(Uuid::from_u128(1));
    const BO: PersonId = PersonId(Uuid::from_u128(2));
    const EVE: PersonId = PersonId(Uuid::from_u128(3));

    fn now() -> DateTime<Utc> {
        "2026-03-02T03:00:00Z".parse().unwrap()
    }

    const fn at(state: State) -> Drawn {
        Drawn {
            state,
            quiet: false,
            since: None,
            holder: None,
            held_since: None,
            changing_at: None,
        }
    }

    const fn quiet(state: State) -> Drawn {
        Drawn {
            quiet: true,
            ..at(state)
        }
    }

    const fn held(holder: PersonId) -> Drawn {
        Drawn {
            holder: Some(holder),
            ..at(State::Acknowledged)
        }
    }

    #[test]
    fn a_press_does_what_its_button_said_or_nothing() {
        use State::{Acknowledged, Mitigated, Resolved, Triggered};
        let command = Verb::TakeRole(IncidentRole::Commander);
        let leave = Verb::LeaveRole(IncidentRole::Commander);
        for (verb, drawn, stands, expected) in [
            (Verb::Acknowledge, at(Triggered), at(Triggered), None),
            (Verb::Acknowledge, at(Triggered), at(Acknowledged), None),
            (Verb::Escalate, at(Triggered), at(Triggered), None),
            (
                Verb::Escalate,
                at(Triggered),
                at(Acknowledged),
                Some(Misfit::Taken),
            ),
            (
                Verb::Escalate,
                at(Acknowledged),
                at(Acknowledged),
                Some(Misfit::Taken),
            ),
            (
                Verb::Escalate,
                at(Acknowledged),
                at(Mitigated),
                Some(Misfit::Taken),
            ),
            (
                Verb::Escalate,
                at(Mitigated),
                at(Triggered),
                Some(Misfit::WentBack),
            ),
            (Verb::Mitigate, at(Acknowledged), at(Mitigated), None),
            (Verb::Mitigate, at(Triggered), at(Acknowledged), None),
            (
                Verb::Mitigate,
                at(Acknowledged),
                at(Triggered),
                Some(Misfit::WentBack),
            ),
            (Verb::Resolve, at(Acknowledged), at(Mitigated), None),
            (Verb::Resolve, at(Mitigated), at(Resolved), None),
            (
                Verb::Resolve,
                at(Mitigated),
                at(Acknowledged),
                Some(Misfit::WentBack),
            ),
            (
                Verb::Resolve,
                quiet(Acknowledged),
                at(Acknowledged),
                Some(Misfit::FiresAgain),
            ),
            (Verb::Resolve, quiet(Acknowledged), at(Resolved), None),
            (Verb::Resolve, at(Acknowledged), quiet(Acknowledged), None),
            (
                Verb::StartPostmortem,
                at(Resolved),
                at(Triggered),
                Some(Misfit::WentBack),
            ),
            (command, at(Acknowledged), held(ME), None),
            (command, at(Acknowledged), held(BO), Some(Misfit::HeldByAnother)),
            (command, held(BO), held(BO), None),
            (command, held(BO), held(EVE), Some(Misfit::HeldByAnother)),
            (command, held(BO), at(Acknowledged), None),
            (leave, held(ME), held(ME), None),
            (leave, held(ME), held(BO), Some(Misfit::HeldByAnother)),
            (leave, held(ME), at(Acknowledged), None),
        ] {
            let misfit = fits(verb, &drawn, &stands, ME, now()).err();
            assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
        }
    }

    #[test]
    fn what_was_something_else_meanwhile_is_looked_at_first() {
        use State::{Acknowledged, Mitigated, Resolved, Triggered};
        let since = |state, seq| Drawn {
            since: Some(seq),
            ..at(state)
        };
        for (verb, drawn, stands, expected) in [
            (
                Verb::Mitigate,
                since(Acknowledged, 3),
                since(Acknowledged, 3),
                None,
            ),
            (
                Verb::Mitigate,
                since(Acknowledged, 3),
                since(Acknowledged, 7),
                Some(Misfit::WentBack),
            ),
            (Verb::Mitigate, since(Acknowledged, 3), since(Mitigated, 7), None),
            // A form from before it said so, or a script's.
            (Verb::Mitigate, at(Acknowledged), since(Acknowledged, 7), None),
            (Verb::Acknowledge, since(Triggered, 0), since(Triggered, 7), None),
            (
                Verb::Escalate,
                since(Triggered, 0),
                since(Triggered, 7),
                Some(Misfit::WentBack),
            ),
            (
                Verb::Resolve,
                since(Mitigated, 3),
                since(Mitigated, 7),
                Some(Misfit::WentBack),
            ),
            (
                Verb::TakeBackMitigation,
                since(Mitigated, 3),
                since(Mitigated, 7),
                Some(Misfit::WentBack),
            ),
            (
                Verb::TakeBackMitigation,
                since(Mitigated, 3),
                since(Acknowledged, 7),
                None,
            ),
            (
                Verb::Reopen,
                since(Resolved, 3),
                since(Resolved, 7),
                Some(Misfit::WentBack),
            ),
            (Verb::Reopen, since(Resolved, 3), since(Acknowledged, 7), None),
            (
                Verb::StartPostmortem,
                since(Resolved, 3),
                since(Resolved, 7),
                Some(Misfit::WentBack),
            ),
        ] {
            let misfit = fits(verb, &drawn, &stands, ME, now()).err();
            assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
        }
    }

    #[test]
    fn a_role_that_went_to_another_and_came_back_is_looked_at_first() {
        let held_since = |holder, minute: i64| Drawn {
            held_since: Some(now() + TimeDelta::minutes(minute)),
            ..held(holder)
        };
        let command = Verb::TakeRole(IncidentRole::Commander);
        let leave = Verb::LeaveRole(IncidentRole::Commander);
        for (verb, drawn, stands, expected) in [
            (leave, held_since(ME, 0), held_since(ME, 0), None),
            (
                leave,
                held_since(ME, 0),
                held_since(ME, 5),
                Some(Misfit::HeldByAnother),
            ),
            (leave, held(ME), held_since(ME, 5), None),
            (
                command,
                held_since(BO, 0),
                held_since(BO, 5),
                Some(Misfit::HeldByAnother),
            ),
            (command, held_since(BO, 0), held_since(ME, 5), None),
        ] {
            let misfit = fits(verb, &drawn, &stands, ME, now()).err();
            assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
        }
    }

    #[test]
    fn help_is_asked_for_of_whoever_has_it() {
        for verb in [Verb::PageSomebody, Verb::HandOver] {
            for (drawn, stands, expected) in [
                (held(BO), held(BO), None),
                (at(State::Triggered), at(State::Triggered), None),
                (at(State::Triggered), held(BO), Some(Misfit::WithAnother)),
                (held(BO), held(EVE), Some(Misfit::WithAnother)),
                (held(BO), at(State::Triggered), Some(Misfit::WithAnother)),
                (held(BO), held(ME), None),
            ] {
                let misfit = fits(verb, &drawn, &stands, ME, now()).err();
                assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
            }
        }
    }

    #[test]
    fn a_button_that_has_just_changed_waits_for_a_second() {
        let drawn = |milliseconds: i64| Drawn {
            changing_at: Some(now() - TimeDelta::milliseconds(milliseconds)),
            ..at(State::Acknowledged)
        };
        for (since, expected) in [
            (0, Some(Misfit::TooSoon)),
            (999, Some(Misfit::TooSoon)),
            (1_000, None),
            (-200, Some(Misfit::TooSoon)),
            (-60_000, None),
        ] {
            let stands = at(State::Acknowledged);
            let misfit = fits(Verb::Mitigate, &drawn(since), &stands, ME, now()).err();
            assert_eq!(misfit, expected, "{since} ms after it was drawn");
        }
    }
}
