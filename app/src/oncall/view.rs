//! Pages by their addresses whose forms are in several files, and what these have in common.

use chrono_tz::Tz;
use domain::ids::{PersonId, RequestId, ScheduleId};
use domain::people::{Person, Role};
use engine::oncall::requests::Accepted;
use engine::oncall::schedules::Named;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct SchedulePage {
    pub schedule: ScheduleId,
    /// Something was saved a moment ago.
    #[serde(skip)]
    pub is_saved: bool,
}

/// The private calendars of whoever reads.
#[derive(Deserialize)]
pub struct FeedsPage {
    /// The address that was made just now, to be shown this once.
    #[serde(skip)]
    pub made: Option<String>,
}

/// What whoever looks at a schedule may do.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub id: PersonId,
    pub may_change: bool,
    /// In the rotation, if in no team of it: they may give their own turn away.
    pub may_arrange: bool,
}

pub(super) fn zone_of(named: &Named) -> Tz {
    named.time_zone.parse().unwrap_or(chrono_tz::UTC)
}

/// Whom a form offers for turns and overrides: who only reads along is not put on call.
pub(super) fn may_be_on_call(person: &Person) -> bool {
    person.deactivated_at.is_none() && person.role != Role::Observer
}

/// A turn that somebody asks others to take.
#[derive(Deserialize)]
pub struct RequestPage {
    pub request: RequestId,
}

pub(super) const fn sentence_of(accepted: Accepted) -> &'static str {
    match accepted {
        Accepted::Now => "The turn is yours. Whoever asked is told.",
        Accepted::Otherwise => {
            "That turn was arranged otherwise since you were asked. Nothing is changed, and nobody needs to take it."
        }
        Accepted::TooLate => "It is too late: somebody else has taken it, it was cancelled, or it is over.",
    }
}
