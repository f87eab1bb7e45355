//! Whose clock a time is read on: by its IANA name, by the name that Windows has for it (facts of the CLDR), or as the calendar itself
//! says when clocks are set.

use super::lines::{OwnZone, Part, Parts};
use super::recurring::recurring;
use super::times::When;
use crate::oncall::wall;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::str::FromStr;
use windows_timezones::WindowsTimezone;

/// So many times that clocks are set are read of one zone: Outlook counts them from 1601 on.
const MOST_ONSETS: usize = 2_000;

/// A clock that times are read on.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    Zone(Tz),
    /// By when it is set, in order.
    Own(Vec<Onset>),
}

/// From a reading of the clock before it is set, in seconds before and after UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Onset {
    at: NaiveDateTime,
    was: i64,
    is: i64,
}

impl Clock {
    /// The first instant at which it reads this, or something later.
    pub fn instant(&self, reading: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Zone(zone) => wall::instant(*zone, reading),
            Self::Own(onsets) => {
                let last = onsets.iter().rev().find(|onset| onset.at <= reading);
                let offset = last.map_or_else(|| first_offset(onsets), |onset| onset.is);
                reading.and_utc() - TimeDelta::seconds(offset)
            }
        }
    }

    pub fn reading(&self, at: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Zone(zone) => wall::reading(*zone, at),
            Self::Own(onsets) => {
                let has_begun = |onset: &&Onset| (onset.at - TimeDelta::seconds(onset.was)).and_utc() <= at;
                let last = onsets.iter().rev().find(has_begun);
                let offset = last.map_or_else(|| first_offset(onsets), |onset| onset.is);
                at.naive_utc() + TimeDelta::seconds(offset)
            }
        }
    }
}

fn first_offset(onsets: &[Onset]) -> i64 {
    onsets.first().map(|onset| onset.was).unwrap_or_default()
}

/// The clocks of a calendar by the names that its times call them.
pub(super) struct Clocks {
    own: BTreeMap<String, Clock>,
    floating: Clock,
}

impl Clocks {
    /// Times without a zone are those of `zone`.
    pub fn of(parts: &Parts, zone: Tz, until: DateTime<Utc>) -> Self {
        let own = parts.zones.iter().filter_map(|own| {
            let name = own.head.value("TZID")?.trim().to_owned();
            let clock = own.head.value("X-LIC-LOCATION").and_then(named).map(Clock::Zone);
            Some((name, clock.or_else(|| onsets(own, until))?))
        });
        Self {
            own: own.collect(),
            floating: Clock::Zone(zone),
        }
    }

    /// By the name of a `TZID`; that of whoever gave the calendar where nobody says what the name means.
    pub fn by(&self, name: Option<&str>) -> Clock {
        let Some(name) = name.map(str::trim) else {
            return self.floating.clone();
        };
        let known = named(name).map(Clock::Zone);
        known
            .or_else(|| self.own.get(name).cloned())
            .unwrap_or_else(|| self.floating.clone())
    }
}

/// A zone by one of its names. Some programs put their own before it: `/example.org/20240101/Europe/Berlin`.
fn named(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let by_windows = || WindowsTimezone::from_str(name).ok()?.tzdb_id().parse().ok();
    let by_end = || {
        let parts: Vec<&str> = name.strip_prefix('/')?.split('/').collect();
        let ends = (1..parts.len()).filter_map(|begin| parts[begin..].join("/").parse().ok());
        ends.into_iter().next()
    };
    name.parse().ok().or_else(by_windows).or_else(by_end)
}

fn onsets(own: &OwnZone, until: DateTime<Utc>) -> Option<Clock> {
    let mut found: Vec<Onset> = own
        .observances
        .iter()
        .filter_map(|part| onsets_of(part, until))
        .flatten()
        .collect();
    found.sort_unstable();
    (!found.is_empty()).then_some(Clock::Own(found))
}

fn onsets_of(part: &Part, until: DateTime<Utc>) -> Option<Vec<Onset>> {
    let Some(When::Wall(begin)) = When::read(part.value("DTSTART")?) else {
        return None;
    };
    let (was, is) = (
        offset(part.value("TZOFFSETFROM")?)?,
        offset(part.value("TZOFFSETTO")?)?,
    );
    let mut times = vec![begin];
    for rule in part.all("RRULE") {
        let mut left = MOST_ONSETS;
        let until = until.naive_utc() + TimeDelta::days(2);
        let reading = |at: DateTime<Utc>| at.naive_utc() + TimeDelta::seconds(was);
        times.extend(recurring(begin, (&rule.value, false), reading, until, &mut left).unwrap_or_default());
    }
    let more = part.all("RDATE").flat_map(|line| line.value.split(','));
    times.extend(more.filter_map(|text| match When::read(text)? {
        When::Wall(at) => Some(at),
        When::Day(_) | When::At(_) => None,
    }));
    Some(times.into_iter().map(|at| Onset { at, was, is }).collect())
}

/// `+0100`, `-0330`, `+001040`.
fn offset(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_written = matches!(digits.len(), 4 | 6) && digits.bytes().all(|letter| letter.is_ascii_digit());
    let part =
        |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), |text| text.parse::<i64>().ok());
    is_written.then_some(())?;
    Some(sign * (part(0..2)? * 3_600 + part(2..4)? * 60 + part(4..6)?))
        .filter(|offset| offset.abs() <= 86_400)
}

#[cfg(test)]
mod tests {
    use super::super::lines::parts;
    use super::*;

    #[test]
    fn zones_are_known_by_many_names() {
        for (name, expected) in [
            ("Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("W. Europe Standard Time", Some(Tz::Europe__Berlin)),
            ("Pacific Standard Time", Some(Tz::America__Los_Angeles)),
            ("\"India Standard Time\"", Some(Tz::Asia__Kolkata)),
            (
                "/freeassociation.sourceforge.net/Tzfile/Europe/Vienna",
                Some(Tz::Europe__Vienna),
            ),
            (
                "/citadel.org/20210210_1/America/Argentina/Salta",
                Some(Tz::America__Argentina__Salta),
            ),
            ("UTC", Some(Tz::UTC)),
            ("Customized Time Zone", None),
            ("", None),
        ] {
            let known = named(name).map(|zone| zone.name().replace("Calcutta", "Kolkata"));
            assert_eq!(known, expected.map(|zone| zone.name().to_owned()), "{name}");
        }
    }

    #[test]
    fn offsets_are_read() {
        for (text, expected) in [
            ("+0100", Some(3_600)),
            ("-0330", Some(-12_600)),
            ("+001040", Some(640)),
            ("0000", Some(0)),
            ("+1", None),
            ("+ab00", None),
        ] {
            assert_eq!(offset(text), expected, "{text}");
        }
    }

    /// As Outlook writes one that it has no name for.
    const OWN: &str = "BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR";

    #[test]
    fn a_calendar_may_say_itself_when_its_clocks_are_set() {
        let parts = parts(OWN).unwrap();
        let clocks = Clocks::of(&parts, Tz::UTC, "2027-12-31T00:00:00Z".parse().unwrap());
        let (own, berlin) = (
            clocks.by(Some("Customized Time Zone")),
            Clock::Zone(Tz::Europe__Berlin),
        );
        for reading in [
            "2026-01-15T09:00:00",
            "2026-07-15T09:00:00",
            "2026-03-29T01:59:00",
            "2026-03-29T03:00:00",
            "2026-10-25T02:30:00",
            "2026-10-25T03:30:00",
            "2027-12-30T09:00:00",
        ] {
            let reading: NaiveDateTime = reading.parse().unwrap();
            let at = own.instant(reading);
            assert_eq!(at, berlin.instant(reading), "{reading}");
            assert_eq!(own.reading(at), reading);
        }
        // What nobody explains is read on the clock of whoever gave it.
        let unknown = clocks.by(Some("Nowhere"));
        let noon: NaiveDateTime = "2026-07-15T12:00:00".parse().unwrap();
        assert_eq!(unknown.instant(noon), noon.and_utc());
    }
}
