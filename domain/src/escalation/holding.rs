//! How long an acknowledgement holds, where a policy says so.

use chrono::{DateTime, TimeDelta, Utc};

/// Shortest and longest, in seconds. A reminder before the end has to leave time to answer it.
pub const HOLDS_SECONDS: std::ops::RangeInclusive<i64> = 10 * 60..=7 * 24 * 3600;

/// How long before its end whoever has the incident is reminded, at most; of a short one it is half.
const REMINDED_BEFORE: TimeDelta = TimeDelta::minutes(10);

/// When an acknowledgement is over, and when whoever has the incident is asked about it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub reminder_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Hold {
    pub fn from(now: DateTime<Utc>, seconds: i64) -> Self {
        let lasts = TimeDelta::seconds(seconds);
        let before = REMINDED_BEFORE.min(lasts / 2);
        Self {
            reminder_at: now + lasts - before,
            until: now + lasts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_ten_minutes_before_the_end_or_half_way() {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        for (minutes, reminder) in [(10, 5), (20, 10), (30, 20), (240, 230)] {
            let expected = Hold {
                reminder_at: at(reminder),
                until: at(minutes),
            };
            assert_eq!(Hold::from(at(0), minutes * 60), expected);
        }
    }
}
