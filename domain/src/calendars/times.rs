//! Times and lengths as iCalendar writes them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// A day, a reading of some clock, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Day(NaiveDate),
    Wall(NaiveDateTime),
    At(DateTime<Utc>),
}

impl When {
    /// `20261224`, `20261224T090000` or `20261224T080000Z`; dashes and colons between are understood, too.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text
            .trim()
            .chars()
            .filter(|letter| !matches!(letter, '-' | ':'))
            .collect();
        let (day, time) = match plain.split_once(['T', 't']) {
            Some((day, time)) => (day, Some(time)),
            None => (plain.as_str(), None),
        };
        let is_digits = |text: &str, lengths: &[usize]| {
            lengths.contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit())
        };
        if !is_digits(day, &[8]) {
            return None;
        }
        let day = NaiveDate::parse_from_str(day, "%Y%m%d").ok()?;
        let Some(time) = time else {
            return Some(Self::Day(day));
        };
        let (time, is_utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        if !is_digits(time, &[4, 6]) {
            return None;
        }
        let number =
            |range: std::ops::Range<usize>| time.get(range).map_or(Some(0), |text| text.parse().ok());
        // The sixtieth second is the one before it here.
        let time = NaiveTime::from_hms_opt(number(0..2)?, number(2..4)?, number(4..6)?.min(59))?;
        let wall = day.and_time(time);
        Some(if is_utc {
            Self::At(wall.and_utc())
        } else {
            Self::Wall(wall)
        })
    }
}

/// Days are those of the calendar, whatever the clocks do meanwhile; the rest is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub days: u64,
    pub exact: TimeDelta,
}

impl Length {
    /// `P2D`, `P1W`, `PT1H30M`, `P1DT12H`; one that goes backwards is none.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
        let (mut days, mut exact) = (0_u64, TimeDelta::zero());
        let (mut number, mut in_time, mut any) = (String::new(), false, false);
        for letter in text.chars() {
            if letter == 'T' {
                in_time = true;
                continue;
            }
            if letter.is_ascii_digit() {
                number.push(letter);
                continue;
            }
            // Beyond a century nobody is away.
            let count: u32 = std::mem::take(&mut number)
                .parse()
                .ok()
                .filter(|count| *count < 40_000_000)?;
            match (letter, in_time) {
                ('W', false) => days += u64::from(count) * 7,
                ('D', false) => days += u64::from(count),
                ('H', true) => exact += TimeDelta::hours(i64::from(count)),
                ('M', true) => exact += TimeDelta::minutes(i64::from(count)),
                ('S', true) => exact += TimeDelta::seconds(i64::from(count)),
                _ => return None,
            }
            any = true;
        }
        (any && number.is_empty()).then_some(Self { days, exact })
    }

    /// In whole days, for an event of whole days.
    pub fn whole_days(self) -> u64 {
        self.days + u64::try_from(self.exact.num_days()).unwrap_or_default()
    }

    pub fn later(self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        wall.checked_add_days(Days::new(self.days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_readings_or_instants() {
        let day: NaiveDate = "2026-12-24".parse().unwrap();
        let nine = day.and_hms_opt(9, 0, 0).unwrap();
        for (text, expected) in [
            ("20261224", Some(When::Day(day))),
            ("2026-12-24", Some(When::Day(day))),
            ("20261224T090000", Some(When::Wall(nine))),
            ("20261224T0900", Some(When::Wall(nine))),
            ("2026-12-24T09:00:00Z", Some(When::At(nine.and_utc()))),
            (" 20261224T090000Z", Some(When::At(nine.and_utc()))),
            ("20261324", None),
            ("20261224T250000", None),
            ("20261224T", None),
            ("2026122ä", None),
            ("", None),
        ] {
            assert_eq!(When::read(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_days_and_exact_time() {
        let length = |days, minutes| {
            Some(Length {
                days,
                exact: TimeDelta::minutes(minutes),
            })
        };
        for (text, expected) in [
            ("P1D", length(1, 0)),
            ("P2W", length(14, 0)),
            ("PT1H30M", length(0, 90)),
            ("P1DT12H", length(1, 720)),
            ("+PT60S", length(0, 1)),
            ("-PT15M", None),
            ("P", None),
            ("P1", None),
            ("P1H", None),
            ("PT99999999999H", None),
        ] {
            assert_eq!(Length::read(text), expected, "{text}");
        }
    }
}
