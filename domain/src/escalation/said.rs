//! What a policy will do, in a sentence.

use super::{Policy, Step, Target};
use crate::words::listed;
use std::fmt;

/// A policy with the names of whom its steps page.
pub struct Said<'a, F: Fn(&Target) -> String> {
    pub policy: &'a Policy,
    pub name: F,
}

impl<F: Fn(&Target) -> String> fmt::Display for Said<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.policy.steps.first() else {
            return f.write_str("It pages nobody.");
        };
        write!(f, "It pages {} at once", self.of(first))?;
        let mut wait = lasting(first.delay_seconds);
        for step in &self.policy.steps[1..] {
            let passed = if step.skips_paged {
                ", unless all of them were paged already"
            } else {
                ""
            };
            write!(f, ", then after {} {}{passed}", wait, self.of(step))?;
            wait = lasting(step.delay_seconds);
        }
        self.end(f, &wait)?;
        match self.policy.acknowledged_for_seconds {
            Some(seconds) => write!(
                f,
                " Whoever has acknowledged is asked again after {}: they are paged, and it begins anew.",
                lasting(seconds)
            ),
            None => Ok(()),
        }
    }
}

impl<F: Fn(&Target) -> String> Said<'_, F> {
    fn end(&self, f: &mut fmt::Formatter<'_>, wait: &str) -> fmt::Result {
        match (self.policy.until_acknowledged, self.policy.repeats) {
            (true, _) => write!(f, "; {wait} later it begins again, until somebody acknowledges."),
            (false, 0) => write!(
                f,
                ". If nobody has acknowledged {wait} later, the team and the administrators are told that nobody has it."
            ),
            (false, repeats) => write!(
                f,
                "; {wait} later it begins again, {} more, and then the team and the administrators are told that nobody has it.",
                if repeats == 1 {
                    "once".to_owned()
                } else {
                    format!("{repeats} times")
                }
            ),
        }
    }

    fn of(&self, step: &Step) -> String {
        let names: Vec<String> = step.targets.iter().map(&self.name).collect();
        let names = match names.is_empty() {
            true => "nobody".to_owned(),
            false => listed(&names),
        };
        match step {
            Step { in_turn: true, .. } => format!("one of {names}, in turn"),
            Step {
                all_acknowledge: true,
                ..
            } => format!("{names} (each of them has to acknowledge)"),
            _ => names,
        }
    }
}

/// Whole hours as such, else minutes, the last one begun.
fn lasting(seconds: i64) -> String {
    match ((seconds + 59) / 60, seconds % 3600) {
        (1, _) => "1 minute".to_owned(),
        (60, 0) => "an hour".to_owned(),
        (minutes, 0) if minutes > 0 => format!("{} hours", minutes / 60),
        (minutes, _) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PersonId, ScheduleId, TeamId};
    use uuid::Uuid;

    #[test]
    fn a_policy_says_what_it_will_do() {
        let schedule = Target::Schedule(ScheduleId(Uuid::nil()));
        let (person, team) = (
            Target::Person(PersonId(Uuid::nil())),
            Target::Team(TeamId(Uuid::nil())),
        );
        let name = |target: &Target| match target {
            Target::Schedule(_) => "who is on call for Primary".to_owned(),
            Target::Person(_) => "Bo".to_owned(),
            Target::Team(_) => "everybody in Payments".to_owned(),
            Target::Administrators => "the administrators".to_owned(),
        };
        let step = |targets: &[Target], minutes: i64| Step {
            delay_seconds: minutes * 60,
            targets: targets.to_vec(),
            ..Step::default()
        };
        for (policy, says) in [
            (Policy::default(), "It pages nobody."),
            (
                Policy {
                    steps: vec![step(&[schedule], 5)],
                    ..Policy::default()
                },
                "It pages who is on call for Primary at once. If nobody has acknowledged 5 minutes later, the team and the administrators are told that nobody has it.",
            ),
            (
                Policy {
                    steps: vec![
                        step(&[schedule, person], 1),
                        Step {
                            in_turn: true,
                            skips_paged: true,
                            ..step(&[team], 10)
                        },
                        step(&[team, Target::Administrators], 30),
                    ],
                    repeats: 1,
                    ..Policy::default()
                },
                "It pages who is on call for Primary and Bo at once, then after 1 minute one of everybody in Payments, in turn, unless all of them were paged already, then after 10 minutes everybody in Payments and the administrators; 30 minutes later it begins again, once more, and then the team and the administrators are told that nobody has it.",
            ),
            (
                Policy {
                    steps: vec![step(&[person], 24 * 60)],
                    repeats: 3,
                    until_acknowledged: true,
                    acknowledged_for_seconds: None,
                },
                "It pages Bo at once; 24 hours later it begins again, until somebody acknowledges.",
            ),
            (
                Policy {
                    steps: vec![Step {
                        all_acknowledge: true,
                        ..step(&[schedule, person], 5)
                    }],
                    acknowledged_for_seconds: Some(4 * 3600),
                    ..Policy::default()
                },
                "It pages who is on call for Primary and Bo (each of them has to acknowledge) at once. If nobody has acknowledged 5 minutes later, the team and the administrators are told that nobody has it. Whoever has acknowledged is asked again after 4 hours: they are paged, and it begins anew.",
            ),
        ] {
            assert_eq!(
                Said {
                    policy: &policy,
                    name
                }
                .to_string(),
                says
            );
        }
    }
}
