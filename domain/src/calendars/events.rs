//! Events of a calendar, each time that they take place. All is reckoned on the clock of the event: a meeting at nine stays at nine.

use super::lines::{Part, Parts, unescaped};
use super::recurring::recurring;
use super::times::{Length, When};
use super::zones::{Clock, Clocks};
use super::{Event, Read, Span, Unreadable};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// So many events come of one calendar at most.
const MOST: usize = 20_000;
/// So often it is looked when something recurs, of a whole calendar: thirty years of two hundred events a day are fewer.
const MOST_STEPS: usize = 300_000;
/// Further back than the longest event that is looked for.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// An event as it is written: one, or one of a series.
struct Written {
    begin: NaiveDateTime,
    clock: Clock,
    is_days: bool,
    lasts: Lasts,
    name: String,
    is_free: bool,
}

#[derive(Clone, Copy)]
enum Lasts {
    Days(u64),
    For(TimeDelta),
    /// Days of the calendar, then exactly.
    Length(Length),
}

/// Times of a series that are not as the series says: moved, called off, left out.
#[derive(Default)]
struct Exceptions {
    times: BTreeSet<DateTime<Utc>>,
    days: BTreeSet<NaiveDate>,
}

/// # Errors
/// [`Unreadable`]
pub(super) fn read(parts: &Parts, zone: Tz, window: Span) -> Result<Read, Unreadable> {
    let clocks = Clocks::of(parts, zone, window.1);
    let mut replaced = replaced(parts, &clocks);
    let none = Exceptions::default();
    let mut read = Read {
        has_any: !parts.events.is_empty(),
        ..Read::default()
    };
    let mut left = MOST_STEPS;
    for part in &parts.events {
        let Some(event) = written(part, &clocks) else {
            read.skipped += 1;
            continue;
        };
        if is_called_off(part) {
            continue;
        }
        let is_of_series = part.line("RECURRENCE-ID").is_some();
        let uid = part.value("UID").unwrap_or_default();
        let moved = if is_of_series {
            &none
        } else {
            replaced.entry(uid).or_default()
        };
        let left_out = exceptions(part.all("EXDATE"), &clocks);
        let (times, is_read) = times(part, &event, &clocks, is_of_series, window, &mut left);
        read.skipped += usize::from(!is_read);
        for begin in times {
            let at = event.clock.instant(begin);
            let is_out = |exceptions: &Exceptions| {
                exceptions.times.contains(&at) || exceptions.days.contains(&begin.date())
            };
            if is_out(&left_out) || is_out(moved) {
                continue;
            }
            read.events.extend(
                event
                    .at(begin)
                    .filter(|event| event.span.0 < window.1 && event.span.1 > window.0),
            );
            if read.events.len() > MOST {
                return Err(Unreadable::TooMuch);
            }
        }
        if left == 0 {
            return Err(Unreadable::TooMuch);
        }
    }
    if read.skipped > 0 && read.skipped >= parts.events.len() {
        return Err(Unreadable::NothingReadable(parts.events.len()));
    }
    read.events.sort();
    read.events.dedup();
    Ok(read)
}

impl Written {
    /// As it is when it begins at this reading of its clock; nothing where it takes no time.
    fn at(&self, begin: NaiveDateTime) -> Option<Event> {
        let from = self.clock.instant(begin);
        let (to, days) = match self.lasts {
            Lasts::Days(count) => {
                let end = begin.date().checked_add_days(Days::new(count))?;
                (
                    self.clock.instant(end.and_time(NaiveTime::MIN)),
                    Some((begin.date(), end)),
                )
            }
            Lasts::For(time) => (from.checked_add_signed(time)?, None),
            Lasts::Length(length) => (
                self.clock
                    .instant(length.later(begin)?)
                    .checked_add_signed(length.exact)?,
                None,
            ),
        };
        (to > from).then(|| Event {
            span: (from, to),
            days,
            name: self.name.clone(),
            is_free: self.is_free,
        })
    }
}

fn written(part: &Part, clocks: &Clocks) -> Option<Written> {
    // One time of a series that says no other stays when it was.
    let line = part.line("DTSTART").or_else(|| part.line("RECURRENCE-ID"))?;
    let when = When::read(&line.value)?;
    let (begin, clock, is_days) = match when {
        When::Day(day) => (day.and_time(NaiveTime::MIN), clocks.by(None), true),
        When::Wall(wall) => (wall, clocks.by(line.parameter("TZID")), false),
        When::At(at) => (at.naive_utc(), Clock::Zone(Tz::UTC), false),
    };
    let end = part
        .line("DTEND")
        .and_then(|line| Some((When::read(&line.value)?, line.parameter("TZID"))));
    let length = part.value("DURATION").and_then(Length::read);
    let lasts = match (end, length) {
        (Some((end, zone)), _) if is_days => {
            let end = match end {
                When::Day(day) => day,
                When::Wall(wall) => wall.date(),
                When::At(at) => clocks.by(zone).reading(at).date(),
            };
            // Some write the last day, and not the one after it.
            Lasts::Days(
                u64::try_from((end - begin.date()).num_days())
                    .unwrap_or_default()
                    .max(1),
            )
        }
        (None, Some(length)) if is_days => Lasts::Days(length.whole_days().max(1)),
        (None, None) if is_days => Lasts::Days(1),
        (Some((end, zone)), _) => Lasts::For(instant(end, zone, clocks, &clock) - clock.instant(begin)),
        (None, Some(length)) => Lasts::Length(length),
        (None, None) => Lasts::For(TimeDelta::zero()),
    };
    Some(Written {
        begin,
        clock,
        is_days,
        lasts,
        name: part.value("SUMMARY").map(unescaped).unwrap_or_default(),
        is_free: is(part, "TRANSP", "TRANSPARENT") || is(part, "X-MICROSOFT-CDO-BUSYSTATUS", "FREE"),
    })
}

fn is(part: &Part, name: &str, word: &str) -> bool {
    part.value(name)
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
}

fn is_called_off(part: &Part) -> bool {
    is(part, "STATUS", "CANCELLED")
}

/// A day is when it begins on the clock beside it.
fn instant(when: When, zone: Option<&str>, clocks: &Clocks, beside: &Clock) -> DateTime<Utc> {
    match (when, zone) {
        (When::At(at), _) => at,
        (When::Wall(wall), Some(zone)) => clocks.by(Some(zone)).instant(wall),
        (When::Wall(wall), None) => beside.instant(wall),
        (When::Day(day), _) => beside.instant(day.and_time(NaiveTime::MIN)),
    }
}

/// Times of series that have an event of their own, by the name of the series.
fn replaced<'a>(parts: &'a Parts, clocks: &Clocks) -> BTreeMap<&'a str, Exceptions> {
    let mut found: BTreeMap<&str, Exceptions> = BTreeMap::new();
    for part in &parts.events {
        if part.line("RECURRENCE-ID").is_some() {
            let of = found.entry(part.value("UID").unwrap_or_default()).or_default();
            let one = exceptions(part.all("RECURRENCE-ID"), clocks);
            of.times.extend(one.times);
            of.days.extend(one.days);
        }
    }
    found
}

fn exceptions<'a>(lines: impl Iterator<Item = &'a super::lines::Line>, clocks: &Clocks) -> Exceptions {
    let mut found = Exceptions::default();
    for line in lines {
        let clock = clocks.by(line.parameter("TZID"));
        for when in line.value.split(',').filter_map(When::read) {
            match when {
                When::Day(day) => drop(found.days.insert(day)),
                When::Wall(wall) => drop(found.times.insert(clock.instant(wall))),
                When::At(at) => drop(found.times.insert(at)),
            }
        }
    }
    found
}

/// When it begins, each time, as its clock reads then; and whether all that it says of it could be read.
fn times(
    part: &Part,
    event: &Written,
    clocks: &Clocks,
    is_of_series: bool,
    window: Span,
    left: &mut usize,
) -> (BTreeSet<NaiveDateTime>, bool) {
    let mut found = BTreeSet::from([event.begin]);
    let mut is_read = true;
    if is_of_series {
        return (found, is_read);
    }
    let until = event.clock.reading(window.1);
    for rule in part.all("RRULE") {
        let reading = |at| event.clock.reading(at);
        match recurring(event.begin, (&rule.value, event.is_days), reading, until, left) {
            Some(times) => found.extend(times),
            None => is_read = false,
        }
    }
    for line in part.all("RDATE") {
        let clock = line.parameter("TZID").map(|zone| clocks.by(Some(zone)));
        for text in line.value.split(',') {
            // Of a period, when it begins.
            let begin = text.split('/').next().unwrap_or_default();
            match When::read(begin) {
                Some(When::Day(day)) => drop(found.insert(day.and_time(event.begin.time()))),
                Some(When::Wall(wall)) => {
                    let at = clock.as_ref().unwrap_or(&event.clock).instant(wall);
                    found.insert(event.clock.reading(at));
                }
                Some(When::At(at)) => drop(found.insert(event.clock.reading(at))),
                None => is_read = false,
            }
        }
    }
    let begin = event.clock.reading(window.0 - LONGEST);
    if let Lasts::Days(0..=390) | Lasts::For(_) = event.lasts {
        found = found.split_off(&begin);
    }
    (found, is_read)
}
