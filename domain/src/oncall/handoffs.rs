//! When a layer hands off, by number, on the wall clock.

use super::restriction::{TimeOfDay, Weekday};
use super::wall;
use chrono::{DateTime, Datelike, Days, Months, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

words! {
    /// What a turn is measured in, on the calendar.
    pub enum Unit {
        Hour = "hour",
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

pub(super) const MINUTES_A_DAY: i64 = 24 * 60;
pub(super) const MINUTES_A_WEEK: i64 = 7 * MINUTES_A_DAY;

impl Unit {
    /// `None` for months, which differ.
    pub(super) const fn minutes(self) -> Option<i64> {
        match self {
            Self::Hour => Some(60),
            Self::Day => Some(MINUTES_A_DAY),
            Self::Week => Some(MINUTES_A_WEEK),
            Self::Month => None,
        }
    }
}

/// A weekday and a time of day.
pub type Moment = (Weekday, TimeOfDay);

/// How the hand-offs of a layer follow each other. Written beside the layer's other keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum HandOffs {
    /// A period is `every` times `unit` long.
    Every { unit: Unit, every: u32 },
    /// At these moments of every week; the order in which they are listed says nothing.
    Weekly {
        #[serde(rename = "handoffs")]
        moments: Vec<Moment>,
    },
}

impl HandOffs {
    /// By number, the first at `start` or, for a weekly pattern, at its first moment from then on. `None` where there are none.
    pub(super) fn from(&self, start: NaiveDateTime) -> Option<Numbered> {
        match self {
            Self::Every { every: 0, .. } => None,
            Self::Every { unit, every } => Some(match unit.minutes() {
                Some(minutes) => Numbered::Steps {
                    start,
                    minutes: minutes * i64::from(*every),
                },
                None => Numbered::Months {
                    start,
                    every: i64::from(*every),
                },
            }),
            Self::Weekly { moments } => {
                let mut minutes: Vec<i64> = moments.iter().map(minute_of_week).collect();
                minutes.sort_unstable();
                minutes.dedup();
                let monday = monday_before(start)?;
                let first = minutes.partition_point(|minute| *minute < (start - monday).num_minutes());
                (!minutes.is_empty()).then_some(Numbered::Pattern {
                    monday,
                    minutes,
                    first: i64::try_from(first).ok()?,
                })
            }
        }
    }
}

/// Minutes from Monday 00:00.
pub(super) fn minute_of_week((weekday, time): &Moment) -> i64 {
    i64::from(weekday.number()) * MINUTES_A_DAY + time.minutes()
}

fn monday_before(time: NaiveDateTime) -> Option<NaiveDateTime> {
    let days = u64::from(time.weekday().num_days_from_monday());
    let monday = time.date().checked_sub_days(Days::new(days))?;
    Some(monday.and_time(NaiveTime::MIN))
}

/// Hand-offs 0, 1, 2, …, each reckoned from the start and never from the one before it.
#[derive(Clone, Debug)]
pub(super) enum Numbered {
    Steps {
        start: NaiveDateTime,
        minutes: i64,
    },
    Months {
        start: NaiveDateTime,
        every: i64,
    },
    Pattern {
        monday: NaiveDateTime,
        /// In order, from Monday 00:00.
        minutes: Vec<i64>,
        /// Which of these is hand-off 0.
        first: i64,
    },
}

impl Numbered {
    /// What the clock reads at a hand-off; `None` beyond the end of the calendar.
    pub fn reading(&self, number: i64) -> Option<NaiveDateTime> {
        match self {
            Self::Steps { start, minutes } => later(*start, number.checked_mul(*minutes)?),
            Self::Months { start, every } => {
                let months = u32::try_from(number.checked_mul(*every)?).ok()?;
                start.checked_add_months(Months::new(months))
            }
            Self::Pattern {
                monday,
                minutes,
                first,
            } => {
                let place = number.checked_add(*first)?;
                let round = i64::try_from(minutes.len()).ok()?;
                let of_week = minutes.get(usize::try_from(place.rem_euclid(round)).ok()?)?;
                let weeks = place.div_euclid(round).checked_mul(MINUTES_A_WEEK)?;
                later(*monday, weeks.checked_add(*of_week)?)
            }
        }
    }

    /// A hand-off, as an instant.
    pub fn instant(&self, zone: Tz, number: i64) -> Option<DateTime<Utc>> {
        self.reading(number).map(|reading| wall::instant(zone, reading))
    }

    /// The number of a hand-off at or a little before `at`, found by division: a rotation may have started decades ago.
    pub fn before(&self, zone: Tz, at: DateTime<Utc>) -> i64 {
        let reading = wall::reading(zone, at);
        // Two days back, as no clock was ever set by more than one.
        let passed = |since: NaiveDateTime| (reading - since).num_minutes() - 2 * MINUTES_A_DAY;
        let number = match self {
            Self::Steps { start, minutes } => passed(*start).div_euclid(*minutes),
            Self::Months { start, every } => {
                let months = |time: &NaiveDateTime| i64::from(time.year()) * 12 + i64::from(time.month0());
                (months(&reading) - months(start) - 2).div_euclid(*every)
            }
            Self::Pattern {
                monday,
                minutes,
                first,
            } => {
                let round = i64::try_from(minutes.len()).unwrap_or(1);
                // The last one of the week before: the first of this week may be still to come.
                passed(*monday).div_euclid(MINUTES_A_WEEK) * round - first - 1
            }
        };
        number.max(0)
    }

    /// At most so many hand-offs lie between two instants that are `minutes` apart.
    pub fn at_most(&self, minutes: i64) -> i64 {
        let found = match self {
            Self::Steps { minutes: step, .. } => minutes / step,
            Self::Months { every, .. } => minutes / (28 * MINUTES_A_DAY) / every,
            Self::Pattern { minutes: moments, .. } => (minutes / MINUTES_A_WEEK + 1)
                .saturating_mul(i64::try_from(moments.len()).unwrap_or(i64::MAX)),
        };
        found.saturating_add(2)
    }
}

fn later(time: NaiveDateTime, minutes: i64) -> Option<NaiveDateTime> {
    time.checked_add_signed(TimeDelta::try_minutes(minutes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_begins_with_its_first_moment_from_the_start_on() {
        let moments = ["mon 09:00", "fri 17:00"].map(|moment| {
            let (day, time) = moment.split_once(' ').unwrap();
            (day.parse().unwrap(), time.parse().unwrap())
        });
        // 5 January 2026 is a Monday.
        for (start, first, second) in [
            ("2026-01-05T09:00", "2026-01-05T09:00", "2026-01-09T17:00"),
            ("2026-01-05T09:01", "2026-01-09T17:00", "2026-01-12T09:00"),
            ("2026-01-09T17:01", "2026-01-12T09:00", "2026-01-16T17:00"),
            ("2026-01-04T00:00", "2026-01-05T09:00", "2026-01-09T17:00"),
        ] {
            let wall = |text: &str| NaiveDateTime::parse_from_str(text, wall::FORMAT).unwrap();
            for moments in [moments.to_vec(), moments.iter().rev().copied().collect()] {
                let numbered = HandOffs::Weekly { moments }.from(wall(start)).unwrap();
                assert_eq!(numbered.reading(0), Some(wall(first)), "{start}");
                assert_eq!(numbered.reading(1), Some(wall(second)), "{start}");
            }
        }
    }
}
