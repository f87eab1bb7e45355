//! Windows in which a layer is on call.

use super::check::Fault;
use super::handoffs::{MINUTES_A_DAY, MINUTES_A_WEEK};
use super::spans::{Span, union};
use super::wall;
use crate::words::listed;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    pub enum Weekday {
        Monday = "mon",
        Tuesday = "tue",
        Wednesday = "wed",
        Thursday = "thu",
        Friday = "fri",
        Saturday = "sat",
        Sunday = "sun",
    }
}

impl Weekday {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// 0 for Monday.
    pub(super) const fn number(self) -> u32 {
        self as u32
    }

    pub fn of(date: NaiveDate) -> Self {
        Self::ALL[date.weekday().num_days_from_monday() as usize]
    }
}

/// `HH:MM`, from 00:00 to 23:59. Midnight at the end of a day is 00:00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(NaiveTime);

impl TimeOfDay {
    pub fn new(hour: u32, minute: u32) -> Option<Self> {
        NaiveTime::from_hms_opt(hour, minute, 0).map(Self)
    }

    pub const fn time(self) -> NaiveTime {
        self.0
    }

    /// From 00:00.
    pub(super) fn minutes(self) -> i64 {
        i64::from(self.0.hour() * 60 + self.0.minute())
    }
}

impl std::str::FromStr for TimeOfDay {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let digits = |part: &str| {
            let two = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            two.then(|| part.parse().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Self::new(digits(hour)?, digits(minute)?))
            .ok_or(Fault::NoTimeOfDay)
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.format("%H:%M").fmt(f)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// One kind of window. Notification as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Restriction {
    /// On each of the weekdays (`None`: every day), to the next day if `to` is not later than `from`.
    Daily {
        from: TimeOfDay,
        to: TimeOfDay,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weekdays: Option<BTreeSet<Weekday>>,
    },
    /// Once a week, over the end of the week if need be. Equal ends are a whole week.
    Weekly {
        from: (Weekday, TimeOfDay),
        to: (Weekday, TimeOfDay),
    },
}

/// As it is read on a schedule's page.
impl std::fmt::Display for Restriction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Daily {
                from,
                to,
                weekdays: None,
            } => write!(f, "daily {from} to {to}"),
            Self::Daily {
                from,
                to,
                weekdays: Some(days),
            } => write!(f, "{from} to {to} on {}", days_in_words(days)),
            Self::Weekly { from, to } => {
                write!(f, "{} {} to {} {}", from.0.label(), from.1, to.0.label(), to.1)
            }
        }
    }
}

/// “Monday to Friday”, “Monday and Tuesday”.
pub fn days_in_words(days: &BTreeSet<Weekday>) -> String {
    let all: Vec<Weekday> = days.iter().copied().collect();
    match all.as_slice() {
        [first, .., last] if all.len() > 2 && (last.number() - first.number()) as usize == all.len() - 1 => {
            format!("{} to {}", first.label(), last.label())
        }
        _ => listed(&all.iter().map(|day| day.label()).collect::<Vec<_>>()),
    }
}

impl Restriction {
    /// Whether a window begins on such a day.
    pub(super) fn begins_on(&self, day: Weekday) -> bool {
        match self {
            Self::Daily { weekdays, .. } => weekdays.as_ref().is_none_or(|days| days.contains(&day)),
            Self::Weekly { from, .. } => from.0 == day,
        }
    }

    /// When a window begins and ends, and how many dates later that is.
    fn ends(&self) -> (TimeOfDay, TimeOfDay, u32) {
        match self {
            Self::Daily { from, to, .. } => (*from, *to, u32::from(to <= from)),
            Self::Weekly { from, to } => {
                let days = (7 + to.0.number() - from.0.number()) % 7;
                let whole_week = days == 0 && to.1 <= from.1;
                (from.1, to.1, if whole_week { 7 } else { days })
            }
        }
    }

    /// The window that begins on this date.
    pub(super) fn window(&self, zone: Tz, date: NaiveDate) -> Option<Span> {
        let (from, to, days) = self.ends();
        let end = date.checked_add_days(Days::new(u64::from(days)))?;
        Span::new(
            wall::instant(zone, date.and_time(from.time())),
            wall::instant(zone, end.and_time(to.time())),
        )
    }
}

/// All windows that reach into `span`. They have no memory of a layer's start, and calendar dates are counted even where the zone
/// skipped them.
pub(super) fn windows(restrictions: &[Restriction], zone: Tz, span: Span) -> Vec<Span> {
    // A clock is at most a day away from UTC, and was never set by more than one.
    let (first, last) = (
        wall::reading(zone, span.from).date(),
        wall::reading(zone, span.to).date(),
    );
    let last = last.checked_add_days(Days::new(2)).unwrap_or(NaiveDate::MAX);
    let of = |restriction: &Restriction| {
        let back = Days::new(u64::from(restriction.ends().2) + 2);
        let first = first.checked_sub_days(back).unwrap_or(NaiveDate::MIN);
        let dates = first.iter_days().take_while(|date| *date <= last);
        dates
            .filter(|date| restriction.begins_on(Weekday::of(*date)))
            .filter_map(|date| restriction.window(zone, date)?.within(span))
            .collect::<Vec<_>>()
    };
    union(restrictions.iter().flat_map(of).collect())
}

/// Whether one of the windows is open at an instant.
pub fn is_open(restrictions: &[Restriction], zone: Tz, at: DateTime<Utc>) -> bool {
    let moment = Span::new(at, at + TimeDelta::seconds(1));
    moment.is_some_and(|moment| !windows(restrictions, zone, moment).is_empty())
}

/// The windows of a week as the wall clock has them, without a zone.
pub(super) struct OpenWeek {
    /// Minutes from Monday 00:00, in order and apart; the week before and the week after stand in it, too.
    spans: Vec<(i64, i64)>,
}

impl OpenWeek {
    pub fn of(restrictions: &[Restriction]) -> Self {
        let mut windows: Vec<(i64, i64)> = Vec::new();
        for restriction in restrictions {
            let (from, to, days) = restriction.ends();
            for day in Weekday::ALL.iter().filter(|day| restriction.begins_on(**day)) {
                let midnight = i64::from(day.number()) * MINUTES_A_DAY;
                let window = (
                    midnight + from.minutes(),
                    midnight + i64::from(days) * MINUTES_A_DAY + to.minutes(),
                );
                windows.extend([-1, 0, 1].map(|week| {
                    let shift = week * MINUTES_A_WEEK;
                    (window.0 + shift, window.1 + shift)
                }));
            }
        }
        windows.sort_unstable();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (from, to) in windows {
            match spans.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        Self { spans }
    }

    /// Whether a window overlaps the time from the one minute, which is of this week, to the other; touching is not overlapping.
    pub fn is_open_between(&self, from: i64, to: i64) -> bool {
        if to - from >= MINUTES_A_WEEK {
            return !self.spans.is_empty();
        }
        let next = self.spans.partition_point(|span| span.1 <= from);
        self.spans.get(next).is_some_and(|span| span.0 < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_pairs_of_digits() {
        for (text, valid) in [
            ("00:00", true),
            ("23:59", true),
            ("24:00", false),
            ("9:00", false),
            ("09:60", false),
            ("09:00:00", false),
            ("+9:00", false),
            ("", false),
        ] {
            let time = text.parse::<TimeOfDay>();
            assert_eq!(time.is_ok(), valid, "{text}");
            if let Ok(time) = time {
                assert_eq!(time.to_string(), text);
            }
        }
    }

    #[test]
    fn windows_are_told_in_words() {
        for (json, words) in [
            (
                r#"{"kind":"daily","from":"22:00","to":"06:00"}"#,
                "daily 22:00 to 06:00",
            ),
            (
                r#"{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue","wed","thu","fri"]}"#,
                "09:00 to 17:00 on Monday to Friday",
            ),
            (
                r#"{"kind":"daily","from":"09:00","to":"17:00","weekdays":["sat","sun"]}"#,
                "09:00 to 17:00 on Saturday and Sunday",
            ),
            (
                r#"{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","wed","fri"]}"#,
                "09:00 to 17:00 on Monday, Wednesday and Friday",
            ),
            (
                r#"{"kind":"weekly","from":["fri","17:00"],"to":["mon","09:00"]}"#,
                "Friday 17:00 to Monday 09:00",
            ),
        ] {
            let restriction: Restriction = serde_json::from_str(json).unwrap();
            assert_eq!(restriction.to_string(), words);
        }
    }

    #[test]
    fn windows_are_stored_as_they_are_written() {
        for json in [
            r#"{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","fri"]}"#,
            r#"{"kind":"daily","from":"22:00","to":"06:00"}"#,
            r#"{"kind":"weekly","from":["fri","17:00"],"to":["mon","09:00"]}"#,
        ] {
            let restriction: Restriction = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&restriction).unwrap(), json);
        }
    }
}
