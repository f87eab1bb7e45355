//! The period that is looked at: the last so many days, or a month of the calendar.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::oncall::wall;
use serde::Deserialize;

/// Days that one may choose.
const DAYS: [i64; 4] = [30, 90, 180, 365];
const USUAL_DAYS: i64 = 90;
/// Nobody has to look through more.
const FIRST_YEAR: i32 = 2000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    days: String,
    /// Such as `2026-03`; it goes before days.
    month: String,
}

impl Asked {
    /// A word that is none of them means the usual, and so does a month that has not begun.
    pub(super) fn period(&self, now: DateTime<Utc>, zone: Tz) -> Period {
        let month: Option<NaiveDate> = format!("{}-01", self.month).parse().ok();
        let month = month.filter(|first| first.year() >= FIRST_YEAR && *first <= first_of_month(now, zone));
        if let Some(first) = month {
            return Period::Month(first);
        }
        let days = self.days.parse().ok();
        Period::Days(days.filter(|days| DAYS.contains(days)).unwrap_or(USUAL_DAYS))
    }
}

/// The day with which the month began in which the clock of whoever reads is.
fn first_of_month(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let today = wall::reading(zone, now).date();
    today.with_day(1).unwrap_or(today)
}

/// What one may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// The last so many.
    Days(i64),
    /// A month of the calendar, by its first day, on the clock of whoever reads: pay goes by it.
    Month(NaiveDate),
}

impl Period {
    /// Those that are offered.
    pub fn all(now: DateTime<Utc>, zone: Tz) -> Vec<Self> {
        let this_month = first_of_month(now, zone);
        let months = [this_month, this_month - Months::new(1)];
        let days = DAYS.into_iter().map(Self::Days);
        days.chain(months.into_iter().map(Self::Month)).collect()
    }

    /// From … until before; of a month that goes on, until now.
    pub fn span(self, now: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| wall::instant(zone, day.and_time(NaiveTime::MIN));
        match self {
            Self::Days(days) => (now - TimeDelta::days(days), now),
            Self::Month(first) => (midnight(first), midnight(first + Months::new(1)).min(now)),
        }
    }

    pub fn query(self) -> String {
        match self {
            Self::Days(days) => format!("days={days}"),
            Self::Month(first) => format!("month={}", first.format("%Y-%m")),
        }
    }

    pub fn label(self) -> String {
        match self {
            Self::Days(days) => format!("{days} days"),
            Self::Month(first) => first.format("%B %Y").to_string(),
        }
    }

    pub fn said(self, now: DateTime<Utc>, zone: Tz) -> String {
        match self {
            Self::Days(days) => format!("The last {days} days"),
            Self::Month(first) if first == first_of_month(now, zone) => {
                format!("{} so far, in your time zone", self.label())
            }
            Self::Month(_) => format!("{}, in your time zone", self.label()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_that_of_whoever_reads() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let berlin = chrono_tz::Europe::Berlin;
        for (month, days, now, from, until, query) in [
            (
                "2026-03",
                "",
                "2026-03-02T09:00:00Z",
                "2026-02-28T23:00:00Z",
                "2026-03-02T09:00:00Z",
                "month=2026-03",
            ),
            (
                "2026-02",
                "30",
                "2026-03-02T09:00:00Z",
                "2026-01-31T23:00:00Z",
                "2026-02-28T23:00:00Z",
                "month=2026-02",
            ),
            // The clock is set forward in it.
            (
                "2026-03",
                "",
                "2026-04-02T09:00:00Z",
                "2026-02-28T23:00:00Z",
                "2026-03-31T22:00:00Z",
                "month=2026-03",
            ),
            // It has begun in Berlin.
            (
                "2026-04",
                "",
                "2026-03-31T22:30:00Z",
                "2026-03-31T22:00:00Z",
                "2026-03-31T22:30:00Z",
                "month=2026-04",
            ),
            (
                "2026-04",
                "30",
                "2026-03-31T09:00:00Z",
                "2026-03-01T09:00:00Z",
                "2026-03-31T09:00:00Z",
                "days=30",
            ),
            (
                "9999-12",
                "7",
                "2026-03-31T09:00:00Z",
                "2025-12-31T09:00:00Z",
                "2026-03-31T09:00:00Z",
                "days=90",
            ),
            (
                "next",
                "",
                "2026-03-31T09:00:00Z",
                "2025-12-31T09:00:00Z",
                "2026-03-31T09:00:00Z",
                "days=90",
            ),
        ] {
            let asked = Asked {
                days: days.to_owned(),
                month: month.to_owned(),
            };
            let period = asked.period(at(now), berlin);
            assert_eq!(
                period.span(at(now), berlin),
                (at(from), at(until)),
                "{month} {now}"
            );
            assert_eq!(period.query(), query);
        }
    }

    #[test]
    fn this_month_and_the_last_are_offered() {
        let now = "2026-01-02T09:00:00Z".parse().unwrap();
        let labels: Vec<String> = Period::all(now, chrono_tz::UTC)
            .into_iter()
            .map(Period::label)
            .collect();
        assert_eq!(
            labels,
            [
                "30 days",
                "90 days",
                "180 days",
                "365 days",
                "January 2026",
                "December 2025"
            ]
        );
        assert_eq!(
            Period::Month("2026-01-01".parse().unwrap()).said(now, chrono_tz::UTC),
            "January 2026 so far, in your time zone"
        );
    }
}
