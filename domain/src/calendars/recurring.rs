//! When something recurs by a rule. It is reckoned as if the clock were never set, so that what is at nine stays at nine.

use super::times::When;
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use rrule::{RRule, Unvalidated};

/// A rule that finds nothing for long is as dear as many that do.
const FINDS_NOTHING: usize = 20_000;

/// Until then, or until nothing is `left` to be looked at; nothing where the rule cannot be read. `reading`: of the clock of what recurs.
pub(super) fn recurring(
    begin: NaiveDateTime,
    (rule, is_days): (&str, bool),
    reading: impl Fn(DateTime<Utc>) -> NaiveDateTime,
    until: NaiveDateTime,
    left: &mut usize,
) -> Option<Vec<NaiveDateTime>> {
    let rule: RRule<Unvalidated> = ending_on_its_clock(rule, is_days, reading).parse().ok()?;
    let set = rule
        .build(begin.and_utc().with_timezone(&rrule::Tz::UTC))
        .ok()?
        .limit();
    let mut found = Vec::new();
    let mut times = set.into_iter();
    while *left > 0 {
        let Some(at) = times.next() else {
            // It has ended, or nothing was found for long; both are told alike.
            if found.is_empty() {
                *left = left.saturating_sub(FINDS_NOTHING);
            }
            break;
        };
        *left -= 1;
        let at = at.naive_utc();
        if at > until {
            break;
        }
        found.push(at);
    }
    Some(found)
}

/// The end of a rule, as the clock reads then: the library wants both on one.
fn ending_on_its_clock(
    rule: &str,
    is_days: bool,
    reading: impl Fn(DateTime<Utc>) -> NaiveDateTime,
) -> String {
    let parts = rule.trim().split(';').filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        let until = part
            .split_once('=')
            .filter(|(key, _)| key.eq_ignore_ascii_case("UNTIL"));
        let end = match until.and_then(|(_, value)| When::read(value)) {
            None => return part.to_owned(),
            Some(When::At(at)) => reading(at),
            Some(When::Wall(wall)) => wall,
            Some(When::Day(day)) => day.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default()),
        };
        // Of days, the one within which it ends is the last.
        let end = if is_days {
            end.date().and_time(NaiveTime::MIN)
        } else {
            end
        };
        format!("UNTIL={}", end.format("%Y%m%dT%H%M%SZ"))
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_followed_as_far_as_one_looks() {
        let begin: NaiveDateTime = "2026-03-02T09:00:00".parse().unwrap();
        let until: NaiveDateTime = "2026-03-31T00:00:00".parse().unwrap();
        // The clock is two hours ahead.
        let reading = |at: DateTime<Utc>| at.naive_utc() + chrono::TimeDelta::hours(2);
        for (rule, is_days, expected) in [
            ("FREQ=WEEKLY", false, Some(vec![2, 9, 16, 23, 30])),
            ("FREQ=WEEKLY;COUNT=2", false, Some(vec![2, 9])),
            (
                "FREQ=WEEKLY;UNTIL=20260316T070000Z;BYDAY=MO",
                false,
                Some(vec![2, 9, 16]),
            ),
            ("FREQ=WEEKLY;UNTIL=20260316T065959Z", false, Some(vec![2, 9])),
            ("FREQ=WEEKLY;UNTIL=20260316", false, Some(vec![2, 9, 16])),
            ("FREQ=WEEKLY;UNTIL=20260316T235959", false, Some(vec![2, 9, 16])),
            ("FREQ=MONTHLY;BYDAY=-1TU;", false, Some(vec![])),
            ("FREQ=SOMETIMES", false, None),
            ("", false, None),
        ] {
            let found = recurring(begin, (rule, is_days), reading, until, &mut 1_000);
            let days = found.map(|found| found.iter().map(|at| chrono::Datelike::day(&at.date())).collect());
            assert_eq!(days, expected, "{rule}");
        }
        let mut left = 1_000;
        let found = recurring(begin, ("FREQ=SECONDLY", false), reading, until, &mut left);
        assert_eq!((found.map(|found| found.len()), left), (Some(1_000), 0));
        recurring(
            begin,
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", false),
            reading,
            until,
            &mut 1_000,
        );
    }
}
