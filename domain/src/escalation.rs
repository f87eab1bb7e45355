//! Who is paged next, and what an arriving alert means for people's sleep.

pub mod awake;
mod flood;
mod goes_out;
mod holding;
mod routing;
mod said;
mod turn;
mod waking;
mod walk;

pub use flood::{DIGEST_AFTER_SECONDS, FLOOD_SECONDS, news_waits_for_a_list, waits_for_a_digest};
pub use goes_out::goes_out_as;
pub use holding::{HOLDS_SECONDS, Hold};
pub use routing::{Hours, Routing, Rule, When};
pub use said::Said;
pub use turn::in_turn;
pub use waking::{Arrival, Progress, Waking, acknowledgement_is_old, another_fault_wakes};
pub use walk::{End, Gap, Reached, Walk};

use crate::ids::{PersonId, ScheduleId, TeamId};
use serde::{Deserialize, Serialize};

/// Steps in their order, gone through once and then `repeats` times again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub steps: Vec<Step>,
    pub repeats: i64,
    /// It is gone through again for as long as nobody has acknowledged, whatever the repeats are.
    pub until_acknowledged: bool,
    /// An acknowledgement holds for so long, then it pages again; `None`: for good.
    pub acknowledged_for_seconds: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How long its people have before the next step is paged.
    pub delay_seconds: i64,
    pub targets: Vec<Target>,
    /// Its people are paged one after the other, another one each time that an incident comes to it.
    pub in_turn: bool,
    /// Whose turn it was the last time, and where they stood; nobody's yet, or not known.
    pub last: Option<(PersonId, usize)>,
    /// It is passed over where it would page only people whom this round has paged before.
    pub skips_paged: bool,
    /// Everybody whom it pages has to acknowledge; until they have, the policy goes on.
    pub all_acknowledge: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Person(PersonId),
    Schedule(ScheduleId),
    /// Everybody in it who may work on incidents.
    Team(TeamId),
    Administrators,
}

/// Where in a policy an incident stands. Both count from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub round: i64,
    pub step: i64,
}

impl Place {
    /// Somebody was asked before the policy: its first step comes next.
    pub const BEFORE_THE_FIRST: Self = Self { round: 0, step: -1 };

    /// The place after this one in a policy of so many steps; `None` when it has run out. A round that was begun is gone through to
    /// its end, also one past the repeats.
    pub fn next(self, steps: i64, repeats: i64) -> Option<Self> {
        let Self { round, step } = self;
        if steps == 0 {
            return None;
        }
        if step + 1 < steps {
            return Some(Self {
                round,
                step: step + 1,
            });
        }
        (round < repeats).then_some(Self {
            round: round + 1,
            step: 0,
        })
    }
}

words! {
    /// Whether an incident's policy pages step after step.
    pub enum EscalationState {
        Running = "running",
        /// Somebody has it, or it is over.
        Stopped = "stopped",
        /// Nobody is left to page.
        RanOut = "ran_out",
    }
}

impl Policy {
    /// The place after `place`, or the first one; `None` when the policy has run out: [`Place::next`].
    pub fn after(&self, place: Option<Place>) -> Option<Place> {
        let steps = i64::try_from(self.steps.len()).unwrap_or(i64::MAX);
        match place {
            None => (steps > 0).then(Place::default),
            Some(place) if self.until_acknowledged => place.next(steps, i64::MAX),
            Some(place) => place.next(steps, self.repeats),
        }
    }

    /// The place after `place` when a person asks for it: past the end it begins again.
    pub fn after_by_hand(&self, place: Option<Place>) -> Option<Place> {
        self.after(place).or_else(|| {
            let round = place.map_or(0, |place| place.round + 1);
            (!self.steps.is_empty()).then_some(Place { round, step: 0 })
        })
    }

    pub fn step(&self, place: Place) -> Option<&Step> {
        self.steps.get(usize::try_from(place.step).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn policy(steps: usize, repeats: i64) -> Policy {
        let person = Target::Person(PersonId(Uuid::nil()));
        Policy {
            steps: vec![
                Step {
                    delay_seconds: 300,
                    targets: vec![person],
                    ..Step::default()
                };
                steps
            ],
            repeats,
            ..Policy::default()
        }
    }

    #[test]
    fn a_policy_goes_through_its_steps_and_repeats_and_runs_out() {
        let policy = policy(2, 1);
        let mut walked = Vec::new();
        let mut place = policy.after(None);
        while let Some(here) = place {
            walked.push((here.round, here.step));
            place = policy.after(Some(here));
        }
        assert_eq!(walked, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    }

    #[test]
    fn asked_for_by_hand_it_goes_round_for_ever() {
        let policy = policy(2, 1);
        let mut walked = Vec::new();
        let mut place = Some(Place { round: 1, step: 1 });
        for _ in 0..4 {
            place = policy.after_by_hand(place);
            walked.extend(place.map(|here| (here.round, here.step)));
        }
        assert_eq!(walked, [(2, 0), (2, 1), (3, 0), (3, 1)]);
        // By itself it goes on to the end of the round that somebody began.
        let place = |round, step| Some(Place { round, step });
        assert_eq!(policy.after(place(2, 0)), place(2, 1));
        assert_eq!(policy.after(place(2, 1)), None);
        assert_eq!(policy.after(Some(Place::BEFORE_THE_FIRST)), place(0, 0));
    }

    #[test]
    fn a_policy_without_steps_pages_nobody() {
        assert_eq!(policy(0, 3).after(None), None);
        assert_eq!(policy(0, 3).after_by_hand(None), None);
    }
}
