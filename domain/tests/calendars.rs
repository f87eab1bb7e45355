//! Calendars as they really come: in the forms of Google, Outlook and Apple, and what is wrong with some.

#![allow(clippy::unwrap_used)]

use chrono_tz::Tz;
use domain::calendars::{Read, Span, Unreadable, absences, holidays, read};

const WINDOW: (&str, &str) = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");

fn window() -> Span {
    (WINDOW.0.parse().unwrap(), WINDOW.1.parse().unwrap())
}

/// A calendar of events, each given by its lines.
fn calendar(events: &[&str]) -> String {
    let events: String = events
        .iter()
        .map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"))
        .collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")
}

fn in_berlin(text: &str) -> Result<Read, Unreadable> {
    read(text, Tz::Europe__Berlin, window())
}

/// As `2026-12-24T08:00/2026-12-24T16:00`, in UTC.
fn spans(read: &Read) -> Vec<String> {
    let at = |at: chrono::DateTime<chrono::Utc>| at.format("%FT%H:%M").to_string();
    read.events
        .iter()
        .map(|event| format!("{}/{}", at(event.span.0), at(event.span.1)))
        .collect()
}

#[test]
fn events_are_when_they_say() {
    for (lines, expected) in [
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270101",
            &["2026-12-23T23:00/2026-12-31T23:00"][..],
        ),
        (
            "DTSTART;VALUE=DATE:20261224",
            &["2026-12-23T23:00/2026-12-24T23:00"],
        ),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261224",
            &["2026-12-23T23:00/2026-12-24T23:00"],
        ),
        (
            "DTSTART;VALUE=DATE:20261224\nDURATION:P3D",
            &["2026-12-23T23:00/2026-12-26T23:00"],
        ),
        // The day on which the clock is set forward has 23 hours.
        (
            "DTSTART;VALUE=DATE:20260329\nDURATION:P1D",
            &["2026-03-28T23:00/2026-03-29T22:00"],
        ),
        (
            "DTSTART:20261224T080000Z\nDTEND:20261224T160000Z",
            &["2026-12-24T08:00/2026-12-24T16:00"],
        ),
        (
            "DTSTART;TZID=America/New_York:20260701T090000\nDTEND;TZID=America/New_York:20260701T170000",
            &["2026-07-01T13:00/2026-07-01T21:00"],
        ),
        (
            "DTSTART;TZID=W. Europe Standard Time:20260701T090000\nDURATION:PT8H",
            &["2026-07-01T07:00/2026-07-01T15:00"],
        ),
        // On no clock: on that of whoever gave it.
        (
            "DTSTART:20260701T090000\nDTEND:20260701T100000",
            &["2026-07-01T07:00/2026-07-01T08:00"],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260701T090000\nDTEND;TZID=Europe/London:20260701T090000",
            &["2026-07-01T07:00/2026-07-01T08:00"],
        ),
        // A moment takes no time, and what ends before it begins takes none either.
        ("DTSTART:20261224T080000Z", &[]),
        ("DTSTART:20261224T080000Z\nDTEND:20261224T070000Z", &[]),
        ("DTSTART;VALUE=DATE:20241224", &[]),
        ("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED", &[]),
        // It began before, and lasts into it.
        (
            "DTSTART;VALUE=DATE:20250601\nDTEND;VALUE=DATE:20260102",
            &["2025-05-31T22:00/2026-01-01T23:00"],
        ),
        // Weekly at nine, before and after clocks are set; the second is left out, one is added.
        (
            "DTSTART;TZID=Europe/Berlin:20260320T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20260327T090000\nRDATE:20260404T070000Z",
            &[
                "2026-03-20T08:00/2026-03-20T09:00",
                "2026-04-03T07:00/2026-04-03T08:00",
                "2026-04-04T07:00/2026-04-04T08:00",
            ],
        ),
        (
            "DTSTART;VALUE=DATE:20261005\nRRULE:FREQ=DAILY;UNTIL=20261007\nEXDATE;VALUE=DATE:20261006",
            &[
                "2026-10-04T22:00/2026-10-05T22:00",
                "2026-10-06T22:00/2026-10-07T22:00",
            ],
        ),
        // A day that is left out of times.
        (
            "DTSTART:20261005T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20261006",
            &["2026-10-05T08:00/2026-10-05T09:00"],
        ),
        // Every year since long ago.
        (
            "DTSTART;VALUE=DATE:19701003\nRRULE:FREQ=YEARLY",
            &["2026-10-02T22:00/2026-10-03T22:00"],
        ),
        // One whose rule nobody can read is there once.
        (
            "DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=SOMETIMES",
            &["2026-12-23T23:00/2026-12-24T23:00"],
        ),
    ] {
        let fine = "UID:fine\nDTSTART:20200101T000000Z";
        let text = calendar(&[&format!("UID:a\n{lines}"), fine]);
        assert_eq!(spans(&in_berlin(&text).unwrap()), expected, "{lines}");
        let text = text.replace('\n', "\r\n");
        assert_eq!(spans(&in_berlin(&text).unwrap()), expected, "{lines}");
    }
}

#[test]
fn a_time_of_a_series_may_be_moved_or_called_off() {
    let series = "UID:a\nDTSTART;TZID=Europe/Berlin:20261005T090000\nDTEND;TZID=Europe/Berlin:20261005T100000\nRRULE:FREQ=DAILY;COUNT=4";
    let moved = "UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20261006T090000\nDTSTART;TZID=Europe/Berlin:20261006T140000\nDTEND;TZID=Europe/Berlin:20261006T150000";
    // In UTC, as some write it.
    let off = "UID:a\nRECURRENCE-ID:20261007T070000Z\nDTSTART:20261007T070000Z\nSTATUS:CANCELLED";
    // Of another series at the same time.
    let other = "UID:b\nRECURRENCE-ID;TZID=Europe/Berlin:20261008T090000\nDTSTART:20261009T070000Z\nDTEND:20261009T080000Z";
    for events in [[series, moved, off, other], [other, off, moved, series]] {
        let read = in_berlin(&calendar(&events)).unwrap();
        let expected = [
            "2026-10-05T07:00/2026-10-05T08:00",
            "2026-10-06T12:00/2026-10-06T13:00",
            "2026-10-08T07:00/2026-10-08T08:00",
            "2026-10-09T07:00/2026-10-09T08:00",
        ];
        assert_eq!(spans(&read), expected);
    }
}

/// A calendar of absence as Google exports it, with one that is marked as free.
const GOOGLE: &str = "BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Away
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20270101
DTSTAMP:20261101T101500Z
UID:5k2a8mf0c1@google.com
CREATED:20261031T090000Z
DESCRIPTION:Out with the family\\, see https://example.test/?a=b:c;d and a line
  that goes on
LAST-MODIFIED:20261031T090000Z
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Away
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261111
DTEND;VALUE=DATE:20261112
UID:7t2@google.com
SUMMARY:Mum’s birthday
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
";

/// As Outlook publishes one: names of Windows, a zone of its own beside, and whether one is out of office.
const OUTLOOK: &str = "BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
X-WR-CALNAME:Calendar
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
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
BEGIN:VEVENT
DESCRIPTION:\\n
UID:040000008200E00074C5B7101A82E0080000000010
 A1B2C3
SUMMARY:Out of office
DTSTART;TZID=W. Europe Standard Time:20260706T080000
DTEND;TZID=W. Europe Standard Time:20260710T170000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20260601T081500Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
X-MICROSOFT-CDO-APPT-SEQUENCE:0
X-MICROSOFT-CDO-BUSYSTATUS:OOF
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
END:VEVENT
BEGIN:VEVENT
UID:040000008200E0
SUMMARY:Free
DTSTART;TZID=W. Europe Standard Time:20260713T080000
DTEND;TZID=W. Europe Standard Time:20260713T090000
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
";

/// As Apple's calendar of holidays: series of days, marked as free.
const APPLE: &str = "BEGIN:VCALENDAR
METHOD:PUBLISH
VERSION:2.0
PRODID:-//Apple Inc.//German Holidays//EN
X-APPLE-CALENDAR-COLOR:#63da38
X-APPLE-LANGUAGE:de
BEGIN:VEVENT
UID:11111111-2222-3333-4444-555555555555
DTSTAMP:20250101T000000Z
DTSTART;VALUE=DATE;X-APPLE-DAY=1:20181003
SUMMARY;LANGUAGE=de:Tag der Deutschen Einheit
RRULE:FREQ=YEARLY;COUNT=15
TRANSP:TRANSPARENT
CATEGORIES:Holidays
X-APPLE-UNIVERSAL-ID:1
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20261225
DTEND;VALUE=DATE:20261227
SUMMARY:Christmas\\, both days
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261225T120000Z
DTEND:20261225T130000Z
SUMMARY:Lunch
END:VEVENT
END:VCALENDAR
";

#[test]
fn what_is_marked_as_free_is_no_absence() {
    for (text, expected) in [
        (GOOGLE, ("2026-12-23T23:00:00Z", "2026-12-31T23:00:00Z")),
        (OUTLOOK, ("2026-07-06T06:00:00Z", "2026-07-10T15:00:00Z")),
    ] {
        let read = in_berlin(&format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
        assert_eq!((read.events.len(), read.skipped), (2, 0));
        assert_eq!(
            absences(&read.events),
            [(expected.0.parse().unwrap(), expected.1.parse().unwrap())]
        );
    }
}

#[test]
fn holidays_are_whole_days_however_they_are_marked() {
    let read = in_berlin(APPLE).unwrap();
    let found: Vec<(String, String)> = holidays(&read.events, window())
        .into_iter()
        .map(|(day, name)| (day.to_string(), name))
        .collect();
    let expected = [
        ("2026-10-03", "Tag der Deutschen Einheit"),
        ("2026-12-25", "Christmas, both days"),
        ("2026-12-26", "Christmas, both days"),
    ];
    assert_eq!(
        found,
        expected.map(|(day, name)| (day.to_owned(), name.to_owned()))
    );
}

#[test]
fn what_cannot_be_read_is_passed_over_and_counted() {
    let good = "UID:a\nDTSTART;VALUE=DATE:20261224";
    let bad = "UID:b\nDTSTART:tomorrow";
    let read = in_berlin(&calendar(&[good, bad, "UID:c"])).unwrap();
    assert_eq!((read.events.len(), read.skipped), (1, 2));
    assert_eq!(in_berlin(&calendar(&[bad])), Err(Unreadable::NothingReadable(1)));
    let nothing = in_berlin(&calendar(&[])).unwrap();
    assert!(
        !nothing.has_any && nothing.events.is_empty(),
        "a calendar may be empty"
    );
}

#[test]
fn a_calendar_that_never_ends_is_not_read_for_ever() {
    let each_second = "UID:a\nDTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY";
    assert_eq!(in_berlin(&calendar(&[each_second])), Err(Unreadable::TooMuch));
    let never = "UID:a\nDTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31";
    assert_eq!(
        in_berlin(&calendar(&vec![never; 1_000])),
        Err(Unreadable::TooMuch)
    );
    let far = "UID:a\nDTSTART;VALUE=DATE:99991231\nDURATION:P30000000D\nRRULE:FREQ=DAILY";
    assert!(in_berlin(&calendar(&[far])).is_ok());
}
