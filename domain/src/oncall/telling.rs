//! When somebody who comes on call is told of their turn.

use chrono::{DateTime, TimeDelta, Utc};

/// A turn that began so long ago is not told any more.
pub const TOLD_LATE: TimeDelta = TimeDelta::hours(1);
/// Whoever wants to know early knows so many hours before.
pub const EARLIEST_HOURS: i64 = 48;
/// A turn that is shorter is told of by nobody: it is over before the mail is read.
const SHORTEST: TimeDelta = TimeDelta::hours(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    Ahead,
    Begins,
}

impl Telling {
    /// What there is to tell now of a turn, to somebody who wants to know so many hours before.
    pub fn of(
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
        hours_before: i64,
    ) -> Option<Self> {
        if to <= now || to - from < SHORTEST || from <= now - TOLD_LATE {
            None
        } else if from <= now {
            Some(Self::Begins)
        } else {
            (from <= now + TimeDelta::hours(hours_before)).then_some(Self::Ahead)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_told_as_early_as_wanted_and_when_it_begins() {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        for (from, to, hours, expected) in [
            (721, 2_000, 12, None),
            (720, 2_000, 12, Some(Telling::Ahead)),
            (1, 2_000, 12, Some(Telling::Ahead)),
            (1, 2_000, 0, None),
            (0, 2_000, 0, Some(Telling::Begins)),
            (-59, 2_000, 0, Some(Telling::Begins)),
            (-60, 2_000, 12, None),
            (-59, 0, 12, None),
            (10, 69, 12, None),
            (10, 70, 12, Some(Telling::Ahead)),
        ] {
            let told = Telling::of((at(from), at(to)), at(0), hours);
            assert_eq!(told, expected, "from {from} to {to}, {hours} hours before");
        }
    }
}
