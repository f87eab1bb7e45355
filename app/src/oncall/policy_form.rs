//! What is typed about an escalation policy: the same fields for each step, in order.

use crate::drawn::Drawn;
use crate::form::is_on;
use domain::escalation::{Policy, Step, Target};
use engine::Error;
use engine::oncall::policies::Named;
use serde::{Deserialize, Serialize};

/// Fields for targets that a step has in the form.
pub(super) const TARGETS: usize = 3;

/// A form with the same fields for each step, in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    pub team: String,
    pub name: String,
    pub repeats: String,
    /// Minutes, one a step.
    pub delay: Vec<String>,
    /// [`TARGETS`] a step: `schedule:ID`, `person:ID`, `team:ID`, `administrators` or nothing.
    pub target: Vec<String>,
    /// One a step: `together`, `everybody` or `in_turn`, and `never` or `paged` for when it is passed over.
    pub way: Vec<String>,
    pub skip: Vec<String>,
    /// `on`: until somebody acknowledges.
    pub until: String,
    /// How many minutes an acknowledgement holds; nothing is for good.
    pub holds: String,
    pub drawn: String,
}

impl Drawn for PolicyForm {
    const FIELDS: &'static [&'static str] = &[
        "name", "repeats", "until", "holds", "delay", "target", "way", "skip",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl PolicyForm {
    pub fn of(named: &Named, policy: &Policy) -> Self {
        let mut typed = Self {
            name: named.name.clone(),
            repeats: policy.repeats.to_string(),
            until: if policy.until_acknowledged { "on" } else { "" }.to_owned(),
            holds: policy
                .acknowledged_for_seconds
                .map(|seconds| (seconds / 60).to_string())
                .unwrap_or_default(),
            ..Self::default()
        };
        for step in &policy.steps {
            typed.delay.push(((step.delay_seconds + 59) / 60).to_string());
            let mut row: Vec<String> = step.targets.iter().map(word).collect();
            row.resize(TARGETS, String::new());
            typed.target.append(&mut row);
            let way = match step {
                Step { in_turn: true, .. } => IN_TURN,
                Step {
                    all_acknowledge: true,
                    ..
                } => EVERYBODY,
                _ => TOGETHER,
            };
            typed.way.push(way.to_owned());
            typed
                .skip
                .push(if step.skips_paged { PAGED } else { NEVER }.to_owned());
        }
        typed
    }

    /// Steps without a target are left out.
    ///
    /// # Errors
    /// [`Error::NotAChoice`]
    pub fn policy(&self) -> Result<Policy, Error> {
        let steps = (0..).zip(self.target.chunks(TARGETS));
        let of = |all: &[String], step: usize| all.get(step).cloned().unwrap_or_default();
        let mut policy = Policy {
            steps: Vec::new(),
            // What is no number is refused like one that is out of bounds.
            repeats: self.repeats.trim().parse().unwrap_or(-1),
            until_acknowledged: is_on("until", &self.until)?,
            acknowledged_for_seconds: match self.holds.trim() {
                "" => None,
                minutes => Some(
                    minutes
                        .parse()
                        .map_or(-1, |minutes: i64| minutes.saturating_mul(60)),
                ),
            },
        };
        for (step, row) in steps.filter(|(_, row)| row.iter().any(|word| !word.is_empty())) {
            let targets = row.iter().filter(|word| !word.is_empty());
            let targets = targets.map(|word| target(word).ok_or(Error::NotAChoice("target")));
            policy.steps.push(Step {
                delay_seconds: of(&self.delay, step)
                    .trim()
                    .parse::<i64>()
                    .map_or(0, |minutes| minutes.saturating_mul(60)),
                targets: targets.collect::<Result<_, _>>()?,
                in_turn: of(&self.way, step) == IN_TURN,
                all_acknowledge: is_everybody(&of(&self.way, step))?,
                skips_paged: chosen("skip", &of(&self.skip, step), (NEVER, PAGED))?,
                last: None,
            });
        }
        Ok(policy)
    }

    /// Without the rows in which nothing was chosen.
    pub fn without_empty_rows(&self) -> Self {
        let of = |all: &[String], step: usize, word: &str| {
            all.get(step).map_or_else(|| word.to_owned(), Clone::clone)
        };
        let rows = (0..).zip(self.target.chunks(TARGETS));
        let mut trimmed = Self {
            delay: Vec::new(),
            target: Vec::new(),
            way: Vec::new(),
            skip: Vec::new(),
            ..self.clone()
        };
        for (step, row) in rows.filter(|(_, row)| row.iter().any(|word| !word.is_empty())) {
            trimmed.delay.push(of(&self.delay, step, ""));
            trimmed.way.push(of(&self.way, step, TOGETHER));
            trimmed.skip.push(of(&self.skip, step, NEVER));
            trimmed.target.extend_from_slice(row);
        }
        trimmed
    }

    pub fn steps(&self) -> usize {
        self.target
            .chunks(TARGETS)
            .filter(|row| row.iter().any(|word| !word.is_empty()))
            .count()
    }
}

const ADMINISTRATORS: &str = "administrators";
pub(super) const TOGETHER: &str = "together";
pub(super) const EVERYBODY: &str = "everybody";
pub(super) const IN_TURN: &str = "in_turn";
pub(super) const NEVER: &str = "never";
pub(super) const PAGED: &str = "paged";

/// Whether each of them has to acknowledge; nothing is all together.
fn is_everybody(way: &str) -> Result<bool, Error> {
    match way {
        EVERYBODY => Ok(true),
        TOGETHER | IN_TURN | "" => Ok(false),
        _ => Err(Error::NotAChoice("way")),
    }
}

/// Which of two words; nothing is the first one.
fn chosen(field: &'static str, typed: &str, (no, yes): (&str, &str)) -> Result<bool, Error> {
    match typed {
        typed if typed == yes => Ok(true),
        typed if typed == no || typed.is_empty() => Ok(false),
        _ => Err(Error::NotAChoice(field)),
    }
}

pub(super) fn word(target: &Target) -> String {
    match target {
        Target::Person(id) => format!("person:{id}"),
        Target::Schedule(id) => format!("schedule:{id}"),
        Target::Team(id) => format!("team:{id}"),
        Target::Administrators => ADMINISTRATORS.to_owned(),
    }
}

fn target(word: &str) -> Option<Target> {
    if word == ADMINISTRATORS {
        return Some(Target::Administrators);
    }
    match word.split_once(':')? {
        ("person", id) => Some(Target::Person(id.parse().ok()?)),
        ("schedule", id) => Some(Target::Schedule(id.parse().ok()?)),
        ("team", id) => Some(Target::Team(id.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{PersonId, ScheduleId};

    #[test]
    fn the_form_says_the_policy_and_empty_steps_are_left_out() {
        let person = PersonId(uuid::Uuid::from_u128(1));
        let schedule = ScheduleId(uuid::Uuid::from_u128(2));
        let none = String::new;
        let typed = PolicyForm {
            name: "Day".to_owned(),
            repeats: "2".to_owned(),
            delay: vec!["5".to_owned(), "5".to_owned(), "10".to_owned()],
            target: vec![
                word(&Target::Schedule(schedule)),
                none(),
                none(),
                none(),
                none(),
                none(),
                none(),
                word(&Target::Person(person)),
                none(),
            ],
            ..PolicyForm::default()
        };
        let mut nonsense = typed.clone();
        nonsense.target[8] = "nonsense".to_owned();
        assert!(matches!(nonsense.policy(), Err(Error::NotAChoice("target"))));
        let policy = typed.policy().unwrap();
        assert_eq!(policy.repeats, 2);
        assert_eq!(
            policy.steps,
            [
                Step {
                    delay_seconds: 300,
                    targets: vec![Target::Schedule(schedule)],
                    ..Step::default()
                },
                Step {
                    delay_seconds: 600,
                    targets: vec![Target::Person(person)],
                    ..Step::default()
                },
            ]
        );
    }
}
