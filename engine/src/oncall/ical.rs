//! Turns as iCalendar (RFC 5545). An event keeps its UID for as long as its turn begins when it does, whoever has it; what is changed
//! about it has a higher SEQUENCE.

use super::calendar::Turn;
use crate::Context;
use chrono::{DateTime, Datelike, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetName, Tz};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::wall;
use icalendar::{Calendar, Component, Event, Property};
use std::collections::BTreeSet;
use std::fmt::Write;

/// As many times of zones around the turns as calendars ask for.
const AROUND: TimeDelta = TimeDelta::days(400);
const LOCAL: &str = "%Y%m%dT%H%M%S";
pub(super) const PROGRAM: &str = "-//Kintsugi//On call//EN";

/// What calendars order what they were told of an event by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    pub sequence: i64,
    pub at: DateTime<Utc>,
}

/// A calendar of turns. `own`: all of them are this reader's.
pub(super) fn written(
    context: &Context,
    name: &str,
    turns: &[(Turn, Version)],
    (own, now): (Option<PersonId>, DateTime<Utc>),
) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PROGRAM),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        // How often to look again, for those who heed it.
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
        ("X-PUBLISHED-TTL", "PT1H"),
    ] {
        calendar.append_property(Property::new(key, value).done());
    }
    calendar.append_property(Property::new("X-WR-CALNAME", icalendar_text(name)).done());
    let mut zones: BTreeSet<&str> = BTreeSet::new();
    let mut first = now - AROUND;
    for (turn, version) in turns {
        first = first.min(turn.from);
        zones.insert(zone_of(turn).name());
        calendar.push(event(context, turn, *version, own));
    }
    let text = calendar.to_string();
    let zones: String = zones
        .into_iter()
        .filter_map(|zone| zone.parse().ok())
        .filter(|zone| *zone != Tz::UTC)
        // By the month, so that the text is the same when it is read again.
        .map(|zone| vtimezone(zone, (month_of(first), now + AROUND)))
        .collect();
    // The crate writes parts of zones with properties that they may not have.
    match text.find("BEGIN:VEVENT") {
        Some(first) => format!("{}{zones}{}", &text[..first], &text[first..]),
        None => text,
    }
}

fn zone_of(turn: &Turn) -> Tz {
    turn.schedule.time_zone.parse().unwrap_or(Tz::UTC)
}

fn event(context: &Context, turn: &Turn, version: Version, own: Option<PersonId>) -> Event {
    let schedule = &turn.schedule;
    let others = turn.people.iter().filter(|person| own != Some(person.id));
    let others: Vec<&str> = others.map(|person| person.name.as_str()).collect();
    let others = others.join(", ");
    let summary = match (own, turn.is_overridden) {
        (Some(_), _) => format!("On call: {}", schedule.name),
        (None, false) => format!("{}: {others}", schedule.name),
        (None, true) => format!("{}: {others} (override)", schedule.name),
    };
    let description = match own {
        Some(_) if others.is_empty() => "You have the pager.".to_owned(),
        Some(_) => format!("You have the pager. With you, for all of it or a part: {others}."),
        None if turn.people.len() > 1 => format!("{others} have the pager."),
        None => format!("{others} has the pager."),
    };
    let stamp = version.at.format("%Y%m%dT%H%M%SZ").to_string();
    let mut event = Event::new();
    event
        .uid(&uid(context, schedule.id, own, turn.from))
        .summary(&summary)
        .description(&description)
        .url(&context.link("/on-call/calendar"))
        .append_property(Property::new("DTSTAMP", stamp.clone()).done())
        .append_property(Property::new("LAST-MODIFIED", stamp).done())
        .append_property(Property::new("SEQUENCE", version.sequence.to_string()).done())
        .append_property(Property::new("TRANSP", "TRANSPARENT").done())
        .append_property(time("DTSTART", turn.from, zone_of(turn)))
        .append_property(time("DTEND", turn.to, zone_of(turn)));
    event.done()
}

/// The name among calendars of a turn of a schedule, or of one person on it. Who else has it is no part of it: somebody who comes in
/// beside makes no other turn.
pub(super) fn uid(
    context: &Context,
    schedule: ScheduleId,
    person: Option<PersonId>,
    from: DateTime<Utc>,
) -> String {
    let host = context.base_url.host_str().unwrap_or("kintsugi");
    let from = from.timestamp();
    match person {
        Some(person) => format!("{schedule}-{person}-{from}@{host}"),
        None => format!("{schedule}-{from}@{host}"),
    }
}

/// The first of the month that it is in, in UTC.
pub(super) fn month_of(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}

/// In the schedule's zone, so that a hand-off stays at its time of day; in UTC where the clock reads it twice, which only that says.
fn time(key: &str, at: DateTime<Utc>, zone: Tz) -> Property {
    let reading = wall::reading(zone, at);
    if zone == Tz::UTC || wall::instant(zone, reading) != at {
        return in_utc(key, at);
    }
    let mut property = Property::new(key, reading.format(LOCAL).to_string());
    property.add_parameter("TZID", zone.name());
    property.done()
}

pub(super) fn in_utc(key: &str, at: DateTime<Utc>) -> Property {
    Property::new(key, at.format("%Y%m%dT%H%M%SZ").to_string()).done()
}

fn icalendar_text(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// A zone as its clock was and will be set in that time, each time by itself: no rule is guessed.
fn vtimezone(zone: Tz, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> String {
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.name());
    let mut onset = (from, offset(zone, from));
    observance(&mut text, zone, onset.0, onset.1);
    let mut day = from;
    while day < to {
        let next = day + TimeDelta::days(1);
        if offset(zone, next) != offset(zone, day) {
            let at = set_between(zone, day, next);
            observance(&mut text, zone, at, onset.1);
            onset = (at, offset(zone, at));
        }
        day = next;
    }
    text.push_str("END:VTIMEZONE\r\n");
    text
}

fn offset(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc())
        .fix()
        .local_minus_utc()
}

/// The second at which the clock is set.
fn set_between(zone: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> DateTime<Utc> {
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if offset(zone, middle) == offset(zone, before) {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

/// From an instant on; its local time is that of the clock before it was set.
fn observance(text: &mut String, zone: Tz, at: DateTime<Utc>, was: i32) {
    let is = zone.offset_from_utc_datetime(&at.naive_utc());
    let seconds = is.fix().local_minus_utc();
    let kind = if seconds > was { "DAYLIGHT" } else { "STANDARD" };
    let local = at.naive_utc() + TimeDelta::seconds(i64::from(was));
    let name = is
        .abbreviation()
        .map(str::to_owned)
        .unwrap_or_else(|| written_offset(seconds));
    // Writing to a text never fails.
    let _ = write!(
        text,
        "BEGIN:{kind}\r\nDTSTART:{}\r\nTZOFFSETFROM:{}\r\nTZOFFSETTO:{}\r\nTZNAME:{name}\r\nEND:{kind}\r\n",
        local.format(LOCAL),
        written_offset(was),
        written_offset(seconds),
    );
}

fn written_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_says_when_its_clocks_are_set() {
        let span = (
            "2026-01-01T00:00:00Z".parse().unwrap(),
            "2026-12-31T00:00:00Z".parse().unwrap(),
        );
        let text = vtimezone(Tz::Europe__Berlin, span);
        for part in [
            "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST",
            "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(text.matches("BEGIN:").count(), 4);
    }

    #[test]
    fn a_time_that_comes_twice_is_said_in_utc() {
        let of = |at: &str| {
            let property = time("DTSTART", at.parse().unwrap(), Tz::Europe__Berlin);
            property.value().to_owned()
        };
        assert_eq!(of("2026-10-25T00:30:00Z"), "20261025T023000");
        assert_eq!(of("2026-10-25T01:30:00Z"), "20261025T013000Z");
    }
}
