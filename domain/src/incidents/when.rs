//! When something happened, as people type it: “17:50”, “yesterday 23:10 UTC”, “-10 min”.

use crate::oncall::wall;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

/// Why a time does not say when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    #[error("Write when it happened as 17:50, yesterday 23:10 UTC, 2026-11-21 02:47 or -10 min.")]
    Unreadable,
    #[error("That is still to come. Write when it happened.")]
    ToCome,
    #[error("That is more than a year ago.")]
    TooLongAgo,
}

/// Clocks of people differ from ours by so much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);
const LONGEST_AGO: TimeDelta = TimeDelta::days(366);

/// The instant that is meant, by a clock in `zone` unless it says UTC. A time of day without a day is the last one that has come.
///
/// # Errors
/// [`NotATime`]
pub fn read(typed: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, NotATime> {
    let plain = typed.trim().to_lowercase().replace('\u{2212}', "-");
    let (plain, zone) = match plain.strip_suffix("utc").or_else(|| utc_of_a_stamp(&plain)) {
        Some(rest) => (rest.trim().to_owned(), Tz::UTC),
        None => (plain, zone),
    };
    let at = if plain == "now" {
        now
    } else if let Some(ago) = ago(&plain) {
        now.checked_sub_signed(ago).ok_or(NotATime::TooLongAgo)?
    } else {
        on_the_clock(&plain, now, zone).ok_or(NotATime::Unreadable)?
    };
    if at > now + CLOCKS_DIFFER {
        return Err(NotATime::ToCome);
    }
    if at < now - LONGEST_AGO {
        return Err(NotATime::TooLongAgo);
    }
    Ok(at.min(now))
}

/// `2026-11-21t02:47z`
fn utc_of_a_stamp(plain: &str) -> Option<&str> {
    plain
        .strip_suffix('z')
        .filter(|rest| rest.ends_with(|letter: char| letter.is_ascii_digit()))
}

/// “-10 min”, “10 min ago”, “1 h 30 min ago”.
fn ago(plain: &str) -> Option<TimeDelta> {
    let span = plain.strip_prefix('-').or_else(|| plain.strip_suffix("ago"))?;
    let mut rest = span.trim();
    if rest.is_empty() {
        return None;
    }
    let mut all = TimeDelta::zero();
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let end = after
            .find(|letter: char| !letter.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let number: i64 = number.parse().ok()?;
        let span = match unit {
            "s" | "sec" | "second" | "seconds" => TimeDelta::try_seconds(number),
            "m" | "min" | "mins" | "minute" | "minutes" => TimeDelta::try_minutes(number),
            "h" | "hr" | "hour" | "hours" => TimeDelta::try_hours(number),
            "d" | "day" | "days" => TimeDelta::try_days(number),
            _ => None,
        };
        all = all.checked_add(&span?)?;
        rest = after.trim_start();
    }
    Some(all)
}

/// A time of day, with or without its day.
fn on_the_clock(plain: &str, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let today = wall::reading(zone, now).date();
    let plain = plain.replace(',', " ");
    let plain = of_a_stamp(&plain).unwrap_or(plain);
    let words: Vec<&str> = plain.split_whitespace().filter(|word| *word != "at").collect();
    let (time, days) = words.split_last()?;
    let time = time_of_day(time)?;
    if days.is_empty() {
        let at = wall::instant(zone, today.and_time(time));
        if at <= now + CLOCKS_DIFFER {
            return Some(at);
        }
        return Some(wall::instant(zone, today.pred_opt()?.and_time(time)));
    }
    let day = day_of(&days.join(" "), today)?;
    let reading: NaiveDateTime = day.and_time(time);
    Some(wall::instant(zone, reading))
}

/// `2026-11-21t02:47` in two words.
fn of_a_stamp(plain: &str) -> Option<String> {
    let (day, time) = plain.split_once('t')?;
    let is_of_digits = |text: &str| text.starts_with(|letter: char| letter.is_ascii_digit());
    let ends_with_digit = day.ends_with(|letter: char| letter.is_ascii_digit());
    (ends_with_digit && is_of_digits(day) && is_of_digits(time)).then(|| format!("{day} {time}"))
}

fn time_of_day(word: &str) -> Option<NaiveTime> {
    let forms = ["%H:%M:%S%.f", "%H:%M", "%H.%M"];
    forms
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(word, form).ok())
}

fn day_of(words: &str, today: NaiveDate) -> Option<NaiveDate> {
    match words {
        "today" => return Some(today),
        "yesterday" => return today.pred_opt(),
        _ => {}
    }
    if let Ok(weekday) = words.parse::<Weekday>() {
        let back = (7 + today.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
        return today.checked_sub_days(Days::new(u64::from(back)));
    }
    if let Ok(day) = NaiveDate::parse_from_str(words, "%Y-%m-%d") {
        return Some(day);
    }
    // Without its year, the last one that has come.
    let with_year = |year: i32| {
        let words = format!("{words} {year}");
        ["%d %b %Y", "%b %d %Y", "%d.%m. %Y"]
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(&words, form).ok())
    };
    let whole = ["%d %b %Y", "%b %d %Y", "%d.%m.%Y"];
    whole
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(words, form).ok())
        .or_else(|| with_year(today.year()).filter(|day| *day <= today))
        .or_else(|| with_year(today.year() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        // Sunday 29 November 2026, 18:00 in Berlin.
        let now: DateTime<Utc> = "2026-11-29T17:00:30Z".parse().unwrap();
        let berlin = Tz::Europe__Berlin;
        for (typed, expected) in [
            ("17:50", Ok("2026-11-29T16:50:00Z")),
            (" 17.50 ", Ok("2026-11-29T16:50:00Z")),
            ("17:50:12", Ok("2026-11-29T16:50:12Z")),
            ("18:01", Ok("2026-11-29T17:00:30Z")),
            ("17:50 UTC", Ok("2026-11-28T17:50:00Z")),
            ("16:50 utc", Ok("2026-11-29T16:50:00Z")),
            ("23:10", Ok("2026-11-28T22:10:00Z")),
            ("today 09:00", Ok("2026-11-29T08:00:00Z")),
            ("Today at 9:00", Ok("2026-11-29T08:00:00Z")),
            ("today 23:10", Err(NotATime::ToCome)),
            ("yesterday 23:10 UTC", Ok("2026-11-28T23:10:00Z")),
            ("Yesterday, 23:10", Ok("2026-11-28T22:10:00Z")),
            ("Fri 08:30", Ok("2026-11-27T07:30:00Z")),
            ("saturday 08:30", Ok("2026-11-28T07:30:00Z")),
            ("Tue 08:30", Ok("2026-11-24T07:30:00Z")),
            ("Thursday 08:30", Ok("2026-11-26T07:30:00Z")),
            ("2026-11-21 02:47", Ok("2026-11-21T01:47:00Z")),
            ("2026-11-21T02:47", Ok("2026-11-21T01:47:00Z")),
            ("2026-11-21T02:47Z", Ok("2026-11-21T02:47:00Z")),
            ("21 Nov 02:47", Ok("2026-11-21T01:47:00Z")),
            ("Oct 3 02:47", Ok("2026-10-03T00:47:00Z")),
            ("21 Dec 02:47", Ok("2025-12-21T01:47:00Z")),
            ("21.11. 02:47", Ok("2026-11-21T01:47:00Z")),
            ("21.11.2026 02:47", Ok("2026-11-21T01:47:00Z")),
            ("-10 min", Ok("2026-11-29T16:50:30Z")),
            ("−10min", Ok("2026-11-29T16:50:30Z")),
            ("10 min ago", Ok("2026-11-29T16:50:30Z")),
            ("1 h 30 min ago", Ok("2026-11-29T15:30:30Z")),
            ("-2h", Ok("2026-11-29T15:00:30Z")),
            ("-1 day", Ok("2026-11-28T17:00:30Z")),
            ("now", Ok("2026-11-29T17:00:30Z")),
            ("2030-01-01 00:00", Err(NotATime::ToCome)),
            ("2019-01-01 00:00", Err(NotATime::TooLongAgo)),
            ("-999999999999 days", Err(NotATime::Unreadable)),
            ("", Err(NotATime::Unreadable)),
            ("-", Err(NotATime::Unreadable)),
            ("10 min", Err(NotATime::Unreadable)),
            ("25:00", Err(NotATime::Unreadable)),
            ("soon", Err(NotATime::Unreadable)),
            ("-5 fortnights", Err(NotATime::Unreadable)),
            ("tomorrow 09:00", Err(NotATime::Unreadable)),
        ] {
            let read = read(typed, now, berlin);
            let expected = expected.map(|at: &str| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(read, expected, "{typed}");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_or_never_is_its_first_instant() {
        let now: DateTime<Utc> = "2026-10-25T12:00:00Z".parse().unwrap();
        let read = read("02:30", now, Tz::Europe__Berlin).unwrap();
        assert_eq!(read.to_string(), "2026-10-25 00:30:00 UTC");
    }
}
