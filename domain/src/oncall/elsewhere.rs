//! Hours by another clock than the one by which they are meant.

use super::restriction::{Restriction, Weekday};
use super::wall;
use chrono::{Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

/// How far it is looked: both clocks have been set by then.
const DAYS: u64 = 365;

/// What another clock reads at a window's beginning and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The first day, by the clock of the window, on which it is so.
    pub since: NaiveDate,
    pub words: String,
}

impl Restriction {
    /// What `other` reads while this window of `zone` is open, in the year from a day on, each time that it becomes something else.
    /// Nothing where both read the same all year.
    pub fn elsewhere(&self, zone: Tz, other: Tz, today: NaiveDate) -> Vec<Elsewhere> {
        let last = today.checked_add_days(Days::new(DAYS)).unwrap_or(NaiveDate::MAX);
        let dates = today.iter_days().take_while(|date| *date <= last);
        let mut found: Vec<Elsewhere> = Vec::new();
        let mut differs = false;
        for date in dates.filter(|date| self.begins_on(Weekday::of(*date))) {
            let Some(window) = self.window(zone, date) else {
                continue;
            };
            let read = |zone| (wall::reading(zone, window.from), wall::reading(zone, window.to));
            let there = read(other);
            differs |= there != read(zone);
            let words = self.read_elsewhere(date, there);
            if found.last().is_none_or(|last| last.words != words) {
                found.push(Elsewhere { since: date, words });
            }
        }
        if differs { found } else { Vec::new() }
    }

    fn read_elsewhere(&self, begins: NaiveDate, (from, to): (NaiveDateTime, NaiveDateTime)) -> String {
        let time = |at: NaiveDateTime| at.format("%H:%M");
        let weekday = |at: NaiveDateTime| Weekday::of(at.date()).label();
        match self {
            Self::Weekly { .. } => {
                format!("{} {} to {} {}", weekday(from), time(from), weekday(to), time(to))
            }
            Self::Daily { .. } => {
                let day = |at: NaiveDateTime| match (at.date() - begins).num_days() {
                    ..=-1 => " the day before",
                    0 => "",
                    1 => " the next day",
                    _ => " two days later",
                };
                let (first, last) = (day(from), day(to));
                if first == last {
                    // Of both, so that nobody takes a morning for a day and a half.
                    return format!("{} {} to {}", first.trim_start(), time(from), time(to))
                        .trim_start()
                        .to_owned();
                }
                format!("{}{first} to {}{last}", time(from), time(to))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, zone: Tz, other: Tz, today: &str) -> Vec<(String, String)> {
        let restriction: Restriction = serde_json::from_str(json).unwrap();
        let found = restriction.elsewhere(zone, other, today.parse().unwrap());
        let found = found.into_iter();
        found.map(|one| (one.since.to_string(), one.words)).collect()
    }

    #[test]
    fn hours_are_read_by_another_clock_through_the_year() {
        let berlin = Tz::Europe__Berlin;
        let office =
            r#"{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue","wed","thu","fri"]}"#;
        let daily = r#"{"kind":"daily","from":"09:00","to":"17:00"}"#;
        let weekend = r#"{"kind":"weekly","from":["fri","17:00"],"to":["mon","09:00"]}"#;
        for (json, zone, other, today, expected) in [
            (
                office,
                berlin,
                Tz::Asia__Tokyo,
                "2026-03-02",
                &[
                    ("2026-03-02", "17:00 to 01:00 the next day"),
                    ("2026-03-30", "16:00 to 00:00 the next day"),
                    ("2026-10-26", "17:00 to 01:00 the next day"),
                ][..],
            ),
            (office, berlin, Tz::Europe__Paris, "2026-03-02", &[]),
            // America sets its clocks in other weeks.
            (
                daily,
                Tz::America__New_York,
                berlin,
                "2026-03-02",
                &[
                    ("2026-03-02", "15:00 to 23:00"),
                    ("2026-03-08", "14:00 to 22:00"),
                    ("2026-03-29", "15:00 to 23:00"),
                    ("2026-10-25", "14:00 to 22:00"),
                    ("2026-11-01", "15:00 to 23:00"),
                ],
            ),
            // A weekend in which a clock is set is another one.
            (
                weekend,
                Tz::Asia__Tokyo,
                berlin,
                "2026-04-06",
                &[
                    ("2026-04-10", "Friday 10:00 to Monday 02:00"),
                    ("2026-10-23", "Friday 10:00 to Monday 01:00"),
                    ("2026-10-30", "Friday 09:00 to Monday 01:00"),
                    ("2027-03-26", "Friday 09:00 to Monday 02:00"),
                    ("2027-04-02", "Friday 10:00 to Monday 02:00"),
                ],
            ),
        ] {
            let expected: Vec<(String, String)> = expected
                .iter()
                .map(|(since, words)| ((*since).to_owned(), (*words).to_owned()))
                .collect();
            assert_eq!(read(json, zone, other, today), expected, "{json} {zone} {other}");
        }
    }

    #[test]
    fn the_day_is_said_where_it_is_another_one() {
        let (berlin, auckland) = (Tz::Europe__Berlin, Tz::Pacific__Auckland);
        for (from, to, zone, other, words) in [
            (
                "00:00",
                "08:00",
                berlin,
                Tz::America__New_York,
                "18:00 the day before to 02:00",
            ),
            (
                "00:00",
                "04:00",
                berlin,
                Tz::America__New_York,
                "the day before 18:00 to 22:00",
            ),
            ("22:00", "06:00", berlin, auckland, "the next day 08:00 to 16:00"),
            (
                "22:00",
                "21:00",
                berlin,
                auckland,
                "08:00 the next day to 07:00 two days later",
            ),
        ] {
            let json = format!(r#"{{"kind":"daily","from":"{from}","to":"{to}"}}"#);
            let read = read(&json, zone, other, "2026-06-01");
            assert_eq!(read[0].1, words, "{from} to {to}");
        }
    }
}
