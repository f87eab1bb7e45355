//! When a team is told that nobody takes a turn that one of them asked to be covered for.

use chrono::{DateTime, TimeDelta, Utc};

/// So long before a turn somebody has to be found.
pub const UNTAKEN_AHEAD: TimeDelta = TimeDelta::weeks(1);
/// Whoever was asked has so long to answer before others look for somebody; less where the turn is near.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::days(1);
const ANSWERS_AT_LEAST: TimeDelta = TimeDelta::hours(1);

/// Whether it is told now of a turn from … to, which was asked for at `asked`.
pub fn untaken_is_told(
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    asked: DateTime<Utc>,
    now: DateTime<Utc>,
) -> bool {
    let answers_within = ((from - asked) / 2).clamp(ANSWERS_AT_LEAST, ANSWERS_WITHIN);
    now < to && now >= from - UNTAKEN_AHEAD && now >= asked + answers_within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_before_or_once_those_who_were_asked_had_time_to_answer() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        // Hours: the turn from … to, when it was asked for, now.
        for (from, to, asked, now, expected) in [
            (1_000, 1_168, 0, 831, false),
            (1_000, 1_168, 0, 832, true),
            (1_000, 1_168, 0, 1_167, true),
            (1_000, 1_168, 0, 1_168, false),
            // Asked for within the week: a day, or half of the time that is left.
            (1_000, 1_168, 900, 923, false),
            (1_000, 1_168, 900, 924, true),
            (1_000, 1_168, 980, 989, false),
            (1_000, 1_168, 980, 990, true),
            // The rest of one that runs: an hour.
            (1_000, 1_168, 1_000, 1_000, false),
            (1_000, 1_168, 1_000, 1_001, true),
        ] {
            let told = untaken_is_told((at(from), at(to)), at(asked), at(now));
            assert_eq!(told, expected, "from {from}, asked for at {asked}, now {now}");
        }
    }
}
