//! One thing that stands in the way of on call, and the sentence for it.

use crate::oncall::schedules::Named;
use chrono::{DateTime, Utc};
use domain::words::{in_zone, listed};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    Gap {
        schedule: Named,
        from: DateTime<Utc>,
        /// `None`: it goes on for longer than is looked ahead.
        to: Option<DateTime<Utc>>,
    },
    /// A gap that has begun and goes on for longer than is looked ahead.
    GapThroughout { schedule: Named },
    /// A schedule has nobody any more from then on.
    Ends { schedule: Named, at: DateTime<Utc> },
    /// The same person on two schedules of one policy, in different steps.
    Twice {
        person: String,
        first: String,
        second: String,
        from: DateTime<Utc>,
        /// `None`: for longer than is looked ahead.
        to: Option<DateTime<Utc>>,
    },
    /// Somebody has a turn on a schedule of one step, and another step of the same policy names them.
    NamedToo {
        person: String,
        schedule: Named,
        policy: String,
        /// From 1.
        step: usize,
        from: DateTime<Utc>,
        /// `None`: for longer than is looked ahead.
        to: Option<DateTime<Utc>>,
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
    /// A step of a policy, from 1, that would page nobody: now (`None`), or then for the first time.
    StepReachesNobody {
        policy: String,
        step: usize,
        at: Option<DateTime<Utc>>,
    },
    /// A step of a policy, from 1, pages nobody outside of the hours of its schedules. That is meant, and no news.
    OutsideHours {
        policy: String,
        step: usize,
        schedules: Vec<String>,
    },
}

impl Concern {
    /// Whether somebody arranged it so: it is good to know and tells of nothing to do.
    pub const fn is_meant(&self) -> bool {
        matches!(self, Self::OutsideHours { .. })
    }

    /// The same for the same. What has begun begins now each time that one looks.
    pub(super) fn key(&self, now: DateTime<Utc>) -> String {
        let begin = |from: &DateTime<Utc>| {
            if *from <= now {
                "now".to_owned()
            } else {
                from.timestamp().to_string()
            }
        };
        match self {
            Self::Gap { schedule, from, .. } => format!("gap {} {}", schedule.id, begin(from)),
            Self::GapThroughout { schedule } => format!("gap {} now", schedule.id),
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
            Self::NamedToo {
                person,
                schedule,
                policy,
                step,
                from,
                ..
            } => format!("named {person} {} {policy} {step} {}", schedule.id, begin(from)),
            Self::CannotBeWoken { person, because } => format!("cannot {person} {because}"),
            Self::Away {
                person,
                schedule,
                from,
                ..
            } => format!("away {person} {} {}", schedule.id, begin(from)),
            Self::StepReachesNobody { policy, step, at } => match at {
                None => format!("step {policy} {step}"),
                Some(at) => format!("step {policy} {step} {}", begin(at)),
            },
            Self::OutsideHours { policy, step, .. } => format!("hours {policy} {step}"),
        }
    }

    /// In words, in a zone by its name.
    pub fn words(&self, zone: &str) -> String {
        let at = |at: &DateTime<Utc>| in_zone(*at, zone);
        let span = |from: &DateTime<Utc>, to: &Option<DateTime<Utc>>| match to {
            Some(to) => format!("from {} to {}", at(from), at(to)),
            None => format!("from {} on", at(from)),
        };
        match self {
            Self::Gap { schedule, from, to } => {
                format!("Nobody is on call for {} {}.", schedule.name, span(from, to))
            }
            Self::GapThroughout { schedule } => {
                format!(
                    "Nobody is on call for {} for at least the next two weeks.",
                    schedule.name
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
                format!("{person} has {first} and {second} at once {}.", span(from, to))
            }
            Self::NamedToo {
                person,
                schedule,
                policy,
                step,
                from,
                to,
            } => format!(
                "{person} has {} while step {step} of {policy} names them, {}.",
                schedule.name,
                span(from, to)
            ),
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
            Self::StepReachesNobody {
                policy,
                step,
                at: None,
            } => {
                format!("Step {step} of {policy} reaches nobody.")
            }
            Self::StepReachesNobody {
                policy,
                step,
                at: Some(then),
            } => format!(
                "Step {step} of {policy} will reach nobody for a time, from {}.",
                at(then)
            ),
            Self::OutsideHours {
                policy,
                step,
                schedules,
            } => format!(
                "Step {step} of {policy} reaches nobody outside of the hours of {}, as these are meant.",
                listed(schedules)
            ),
        }
    }
}
