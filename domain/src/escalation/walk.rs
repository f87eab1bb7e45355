//! From a place of a policy to the first step that reaches anybody.

use super::{Place, Policy, Step};
use crate::ids::PersonId;
use crate::incidents::timeline::PageReason;
use crate::people::Person;
use std::collections::BTreeSet;

/// Whom a step reaches at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// In the order of the step's targets, nobody twice.
    pub people: Vec<(Person, PageReason)>,
    /// Names of schedules with nobody on call.
    pub empty_schedules: Vec<String>,
}

/// What was found on the way to reach nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A schedule, by its name.
    Schedule(String),
    /// A step, from 0, all of whose people have left.
    Step(i64),
}

/// Where a policy comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// In the order in which they were met.
    pub gaps: Vec<Gap>,
    /// What the team is told of, once: the gaps of the first step that had any.
    pub first_gaps: Vec<Gap>,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// These people are paged, and have so long.
    Pages {
        place: Place,
        delay_seconds: i64,
        people: Vec<(Person, PageReason)>,
    },
    /// Nobody is left to page.
    RanOut,
}

impl Policy {
    /// Goes from a step to the first one that reaches anybody, itself included. `spared`: people who were paged a moment ago; it is
    /// for others, and each step is looked at once. `paged`: whom this round has paged before. `reached` says whom a step reaches, where that is known; else the step that is
    /// still to be looked up comes back.
    ///
    /// # Errors
    /// The step that nobody has looked up.
    pub fn walk(
        &self,
        from: Place,
        spared: Option<&BTreeSet<PersonId>>,
        paged: &BTreeSet<PersonId>,
        reached: impl Fn(&Step) -> Option<Reached>,
    ) -> Result<Walk, &Step> {
        let (mut gaps, mut first_gaps) = (Vec::new(), Vec::new());
        let (mut at, mut passed) = (Some(from), 0);
        while let Some((place, step)) = at.and_then(|place| Some((place, self.step(place)?))) {
            let mut reached = reached(step).ok_or(step)?;
            let here = gaps_of(&reached, place);
            if first_gaps.is_empty() {
                first_gaps.clone_from(&here);
            }
            gaps.extend(here);
            let was_paged = |(person, _): &(Person, PageReason)| paged.contains(&person.id);
            if step.skips_paged && place.round == from.round && reached.people.iter().all(was_paged) {
                reached.people.clear();
            }
            if let Some(spared) = spared {
                reached.people.retain(|(person, _)| !spared.contains(&person.id));
            }
            if !reached.people.is_empty() {
                let end = End::Pages {
                    place,
                    delay_seconds: step.delay_seconds,
                    people: reached.people,
                };
                return Ok(Walk {
                    gaps,
                    first_gaps,
                    end,
                });
            }
            passed += 1;
            // Another round would find the same people spared, and one that never ends the same gaps.
            let most = match (spared, self.until_acknowledged) {
                (Some(_), _) => self.steps.len(),
                (None, true) => self.steps.len() * 2,
                (None, false) => usize::MAX,
            };
            at = self.after(Some(place)).filter(|_| passed < most);
        }
        let end = End::RanOut;
        Ok(Walk {
            gaps,
            first_gaps,
            end,
        })
    }
}

fn gaps_of(reached: &Reached, place: Place) -> Vec<Gap> {
    if reached.people.is_empty() && reached.empty_schedules.is_empty() {
        return vec![Gap::Step(place.step)];
    }
    reached
        .empty_schedules
        .iter()
        .cloned()
        .map(Gap::Schedule)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escalation::Target;
    use crate::ids::ScheduleId;
    use crate::people::Role;
    use uuid::Uuid;

    fn id(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    fn person(number: u128) -> Person {
        Person {
            id: id(number),
            email: format!("{number}@example.test"),
            name: format!("person {number}"),
            role: Role::Responder,
            time_zone: "UTC".to_owned(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            deactivated_at: None,
        }
    }

    /// A policy of one schedule a step, and whom each has on call: `None` is a person who has left.
    fn stands(steps: &[Option<&[u128]>], repeats: i64) -> (Policy, Vec<Reached>) {
        let target = |number| Target::Schedule(ScheduleId(Uuid::from_u128(number)));
        let policy = Policy {
            steps: (0..)
                .zip(steps)
                .map(|(number, _)| Step {
                    delay_seconds: 60 * (i64::try_from(number).unwrap() + 1),
                    targets: vec![target(number)],
                    ..Step::default()
                })
                .collect(),
            repeats,
            ..Policy::default()
        };
        let reached = (0..).zip(steps).map(|(number, on_call)| match on_call {
            None => Reached::default(),
            Some([]) => Reached {
                empty_schedules: vec![format!("schedule {number}")],
                ..Reached::default()
            },
            Some(people) => Reached {
                people: people
                    .iter()
                    .map(|number| (person(*number), PageReason::OnCall))
                    .collect(),
                ..Reached::default()
            },
        });
        let reached = reached.collect();
        (policy, reached)
    }

    /// Whom it pages at which step and round, and the gaps on the way.
    fn told(walk: &Walk) -> String {
        let gap = |gap: &Gap| match gap {
            Gap::Schedule(name) => name.clone(),
            Gap::Step(step) => format!("step {step}"),
        };
        let gaps: Vec<_> = walk.gaps.iter().map(gap).collect();
        let end = match &walk.end {
            End::RanOut => "ran out".to_owned(),
            End::Pages {
                place,
                delay_seconds,
                people,
            } => {
                let names: Vec<_> = people.iter().map(|(person, _)| person.name.clone()).collect();
                format!(
                    "{}/{} {} for {delay_seconds}",
                    place.round,
                    place.step,
                    names.join(", ")
                )
            }
        };
        format!("[{}] {end}", gaps.join(", "))
    }

    #[test]
    fn where_a_policy_comes_to() {
        type Case<'a> = (&'a [Option<&'a [u128]>], i64, (i64, i64), &'a [u128], &'a str);
        let cases: [Case<'_>; 9] = [
            (
                &[Some(&[1]), Some(&[2])],
                0,
                (0, 0),
                &[],
                "[] 0/0 person 1 for 60",
            ),
            (
                &[Some(&[1, 2])],
                0,
                (0, 0),
                &[],
                "[] 0/0 person 1, person 2 for 60",
            ),
            (
                &[Some(&[]), Some(&[2])],
                0,
                (0, 0),
                &[],
                "[schedule 0] 0/1 person 2 for 120",
            ),
            (
                &[None, Some(&[2])],
                0,
                (0, 0),
                &[],
                "[step 0] 0/1 person 2 for 120",
            ),
            (&[Some(&[]), None], 0, (0, 0), &[], "[schedule 0, step 1] ran out"),
            (
                &[Some(&[]), None],
                1,
                (0, 1),
                &[],
                "[step 1, schedule 0, step 1] ran out",
            ),
            (
                &[Some(&[1]), Some(&[1, 2])],
                0,
                (0, 0),
                &[1],
                "[] 0/1 person 2 for 120",
            ),
            (
                &[Some(&[1]), Some(&[2])],
                1,
                (0, 1),
                &[2],
                "[] 1/0 person 1 for 60",
            ),
            (&[Some(&[1]), Some(&[2])], 9, (0, 0), &[1, 2], "[] ran out"),
        ];
        for (steps, repeats, (round, step), spared, expected) in cases {
            let (policy, reached) = stands(steps, repeats);
            let spared: BTreeSet<_> = spared.iter().copied().map(id).collect();
            let spared = (!spared.is_empty()).then_some(&spared);
            let place_of = |step: &Step| policy.steps.iter().position(|other| other == step);
            let walk = policy.walk(Place { round, step }, spared, &BTreeSet::new(), |step| {
                place_of(step).map(|place| reached[place].clone())
            });
            assert_eq!(told(&walk.unwrap()), expected, "{steps:?} from {round}/{step}");
        }
    }

    #[test]
    fn it_asks_for_no_step_after_the_one_that_it_comes_to() {
        let (policy, reached) = stands(&[Some(&[]), Some(&[2]), Some(&[3])], 0);
        let first = policy.steps[0].clone();
        let known_first = |step: &Step| (*step == first).then(|| reached[0].clone());
        assert_eq!(
            policy.walk(Place::default(), None, &BTreeSet::new(), known_first),
            Err(&policy.steps[1])
        );
        let all_but_last = |step: &Step| {
            let place = policy.steps.iter().position(|other| other == step)?;
            (place < 2).then(|| reached[place].clone())
        };
        assert!(
            policy
                .walk(Place::default(), None, &BTreeSet::new(), all_but_last)
                .is_ok()
        );
    }

    #[test]
    fn a_step_whose_people_were_all_paged_is_passed_over_in_its_round_and_no_other() {
        let paged = BTreeSet::from([id(1), id(2)]);
        for (from, on_call, comes_to) in [
            (0, [&[1][..], &[2], &[3]], Some((0, 2))),
            (1, [&[1], &[2, 4], &[3]], Some((0, 1))),
            // All were paged: the next round pages them again.
            (1, [&[1], &[2], &[1]], Some((1, 0))),
        ] {
            let (mut policy, reached) = stands(&on_call.map(Some), 1);
            policy.steps.iter_mut().for_each(|step| step.skips_paged = true);
            let place = Place { round: 0, step: from };
            let walk = policy.walk(place, None, &paged, |step| {
                let place = policy.steps.iter().position(|other| other == step)?;
                Some(reached[place].clone())
            });
            let walk = walk.unwrap();
            assert_eq!(walk.gaps, [], "it is no gap");
            let found = match walk.end {
                End::Pages { place, .. } => Some((place.round, place.step)),
                End::RanOut => None,
            };
            assert_eq!(found, comes_to, "{on_call:?}");
        }
    }

    #[test]
    fn a_policy_without_end_that_reaches_nobody_comes_to_an_end_all_the_same() {
        let (mut policy, reached) = stands(&[Some(&[]), None], 0);
        policy.until_acknowledged = true;
        let walk = policy.walk(Place::default(), None, &BTreeSet::new(), |step| {
            let place = policy.steps.iter().position(|other| other == step)?;
            Some(reached[place].clone())
        });
        assert_eq!(walk.unwrap().end, End::RanOut);
    }

    #[test]
    fn the_team_is_told_of_the_first_gap() {
        let (policy, reached) = stands(&[Some(&[]), None, Some(&[3])], 0);
        let walk = policy.walk(Place::default(), None, &BTreeSet::new(), |step| {
            let place = policy.steps.iter().position(|other| other == step)?;
            Some(reached[place].clone())
        });
        assert_eq!(walk.unwrap().first_gaps, [Gap::Schedule("schedule 0".to_owned())]);
    }
}
