//! Days, times of day and lengths as people write them.

use super::fault::RowFault;
use crate::oncall::wall::{self, Reading};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// A day without a year is the next one, or one of the days just past, which then says so.
const JUST_PAST: Days = Days::new(7);
const FIRST_YEAR: i32 = 1970;

/// A time of day; 24:00 is the end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    minutes: u32,
}

impl Clock {
    pub fn on(self, day: NaiveDate) -> NaiveDateTime {
        day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(self.minutes))
    }

    /// The next such reading of the clock after another.
    pub fn next_after(self, from: NaiveDateTime) -> NaiveDateTime {
        let same_day = self.on(from.date());
        if same_day > from {
            same_day
        } else {
            same_day + TimeDelta::days(1)
        }
    }
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Wall(NaiveDateTime),
    /// So long after it begins.
    After(TimeDelta),
}

/// The instant at which a clock reads that, if it does so once.
pub(super) fn instant(zone: Tz, at: NaiveDateTime) -> Result<DateTime<Utc>, RowFault> {
    let words = || (zone.name().replace('_', " "), at.format("%H:%M").to_string());
    match wall::read(zone, at) {
        Reading::Once(at) => Ok(at),
        Reading::Twice(..) => {
            let (zone, time) = words();
            Err(RowFault::ComesTwice(zone, time))
        }
        Reading::Never(_) => {
            let (zone, time) = words();
            Err(RowFault::NeverComes(zone, time))
        }
    }
}

/// “18:00”, “18.00”, “6 pm”; “18” where `may_be_bare`.
fn clock(said: &str, may_be_bare: bool) -> Option<Clock> {
    let said = said.trim().to_lowercase();
    let (said, half) = match said.trim_end_matches(['m', '.']) {
        rest if rest.ends_with('a') && rest != said => {
            (rest.trim_end_matches('a').trim_end().to_owned(), Some(0))
        }
        rest if rest.ends_with('p') && rest != said => {
            (rest.trim_end_matches('p').trim_end().to_owned(), Some(12))
        }
        _ => (said.trim_end_matches("uhr").trim_end().to_owned(), None),
    };
    let mut parts = said.split([':', '.']);
    let hour = number(parts.next()?)?;
    let minute = match parts.next() {
        Some(minute) if minute.len() == 2 => number(minute)?,
        Some(_) => return None,
        None if may_be_bare || half.is_some() => 0,
        None => return None,
    };
    let has_no_seconds = parts.next().is_none_or(|seconds| seconds == "00") && parts.next().is_none();
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    let minutes = hour * 60 + minute;
    (has_no_seconds && minute < 60 && minutes <= 24 * 60).then_some(Clock { minutes })
}

fn number(said: &str) -> Option<u32> {
    let is_number = (1..=4).contains(&said.len()) && said.chars().all(|letter| letter.is_ascii_digit());
    is_number.then(|| said.parse().ok()).flatten()
}

/// “06:00-14:00”, with or without a word before it.
pub(super) fn range(said: &str) -> Option<(Clock, Clock)> {
    let said = said.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let (from, to) = said.trim_end_matches(')').split_once(['-', '–', '—'])?;
    Some((clock(from, true)?, clock(to, true)?))
}

/// A day, alone. One without a year is near `today`.
pub(super) fn day(said: &str, today: NaiveDate) -> Result<NaiveDate, RowFault> {
    let unreadable = || RowFault::NotATime(said.to_owned());
    let with_month = ["%d %b %Y", "%d. %b %Y", "%b %d %Y"];
    let mut by_name = with_month
        .iter()
        .filter_map(|form| NaiveDate::parse_from_str(said, form).ok());
    if let Some(day) = by_name.find(|day| day.year() >= FIRST_YEAR) {
        return Ok(day);
    }
    // “Thu 24.12.2026”: the word before it says the same again.
    let numbers = said.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let word = &said[..said.len() - numbers.len()];
    if !word
        .chars()
        .all(|letter| letter.is_alphabetic() || letter.is_whitespace() || ",.".contains(letter))
    {
        return Err(unreadable());
    }
    let between = ['-', '.', '/']
        .into_iter()
        .find(|between| numbers.contains(*between));
    let between = between.ok_or_else(unreadable)?;
    let parts: Vec<&str> = numbers.trim_end_matches('.').split(between).collect();
    let read: Vec<u32> = parts.iter().filter_map(|part| number(part)).collect();
    if read.len() != parts.len() {
        return Err(unreadable());
    }
    let is_year_first = parts.first().is_some_and(|first| first.len() == 4);
    let (year, month, day) = match (read.as_slice(), between) {
        ([year, month, day], '-' | '/' | '.') if is_year_first => (Some(*year), *month, *day),
        ([day, month], '.') => (None, *month, *day),
        ([day, month, year], '.') => (Some(*year), *month, *day),
        ([one, other], '/') => month_and_day(said, *one, *other).map(|(month, day)| (None, month, day))?,
        ([one, other, year], '/') => {
            month_and_day(said, *one, *other).map(|(month, day)| (Some(*year), month, day))?
        }
        _ => return Err(unreadable()),
    };
    let in_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    let found = match year.map(i32::try_from) {
        Some(Ok(year @ 0..=99)) => in_year(2000 + year),
        Some(Ok(year)) => Some(year).filter(|year| *year >= FIRST_YEAR).and_then(in_year),
        Some(Err(_)) => None,
        // The 29th of February may be years away.
        None => (today.year()..=today.year() + 4)
            .filter_map(in_year)
            .find(|day| *day + JUST_PAST >= today),
    };
    found.ok_or_else(unreadable)
}

/// Of two numbers with a slash between them, where one of them can only be a day.
fn month_and_day(said: &str, one: u32, other: u32) -> Result<(u32, u32), RowFault> {
    match (one > 12, other > 12) {
        (true, false) => Ok((other, one)),
        (false, true) => Ok((one, other)),
        (false, false) => Err(RowFault::DayOrMonth(said.to_owned())),
        (true, true) => Err(RowFault::NotATime(said.to_owned())),
    }
}

/// A day with a time of it.
pub(super) fn moment(said: &str, today: NaiveDate) -> Result<NaiveDateTime, RowFault> {
    if clock(said, false).is_some() {
        return Err(RowFault::NoDay(said.to_owned()));
    }
    if let Some(found) = day_and_clock(said, today) {
        return found;
    }
    match day(said, today) {
        Ok(_) => Err(RowFault::NoTime(said.to_owned())),
        Err(fault) => Err(fault),
    }
}

/// `None` where nothing of it is both; what is wrong with its day, where its time can be read.
fn day_and_clock(said: &str, today: NaiveDate) -> Option<Result<NaiveDateTime, RowFault>> {
    let is_between = |(at, letter): &(usize, char)| {
        let is_before_time = said[at + letter.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        letter.is_whitespace() || (*letter == 'T' && is_before_time)
    };
    let found = said.char_indices().filter(is_between).map(|(at, letter)| {
        let time = clock(&said[at + letter.len_utf8()..], false)?;
        let before = said[..at].trim().trim_end_matches(',');
        Some(day(before, today).map(|day| time.on(day)))
    });
    let found: Vec<_> = found.flatten().collect();
    let right = found.iter().position(Result::is_ok);
    found.into_iter().nth(right.unwrap_or(0))
}

/// A day with its time, a time alone, which is the next such one, or a length.
pub(super) fn end(said: &str, from: NaiveDateTime) -> Result<End, RowFault> {
    if let Some(length) = length(said) {
        return Ok(End::After(length));
    }
    if let Some(clock) = clock(said, false) {
        return Ok(End::Wall(clock.next_after(from)));
    }
    match moment(said, from.date()) {
        Err(RowFault::NotATime(said)) => Err(RowFault::NotAnEnd(said)),
        found => found.map(End::Wall),
    }
}

/// “8h”, “90 min”, “1h30”.
fn length(said: &str) -> Option<TimeDelta> {
    let said = said.trim().to_lowercase();
    let mut rest = said.as_str();
    let mut minutes = 0;
    let mut had_hours = false;
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|letter: char| letter.is_ascii_digit())
                .len();
        let count = i64::from(number(&rest[..digits])?);
        rest = rest[digits..].trim_start();
        let letters = rest.len() - rest.trim_start_matches(char::is_alphabetic).len();
        minutes += match &rest[..letters] {
            "h" | "hr" | "hrs" | "hour" | "hours" if !had_hours => {
                had_hours = true;
                count * 60
            }
            "m" | "min" | "mins" | "minute" | "minutes" => count,
            "" if had_hours && rest.is_empty() => count,
            _ => return None,
        };
        rest = rest[letters..].trim_start();
    }
    (!said.is_empty()).then(|| TimeDelta::minutes(minutes))
}
