//! What events come to: when somebody is away, which days are holidays, which turns fall into an absence; and how that is said.

use super::{Event, Span};
use crate::oncall::wall;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// More than these have a name on one day on few.
const MOST_NAMES: usize = 3;
const LONGEST_NAME: usize = 80;

/// When somebody is away, apart from each other. What is marked as free is no absence.
pub fn absences(events: &[Event]) -> Vec<Span> {
    let mut spans: Vec<Span> = events
        .iter()
        .filter(|event| !event.is_free)
        .map(|event| event.span)
        .collect();
    spans.sort_unstable();
    joined(spans)
}

/// Spans that touch are one; by their beginning.
pub fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match found.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => found.push((from, to)),
        }
    }
    found
}

/// The days that are holidays, with their names: all events of whole days. That one is free then is no reason against it, and is how
/// Google and Apple mark them.
pub fn holidays(events: &[Event], (from, to): Span) -> BTreeMap<NaiveDate, String> {
    let mut names: BTreeMap<NaiveDate, Vec<&str>> = BTreeMap::new();
    for event in events {
        let Some((first, end)) = event.days else { continue };
        let days = first.iter_days().take_while(|day| *day < end);
        for day in days.filter(|day| *day >= from.date_naive() && *day <= to.date_naive()) {
            let of_day = names.entry(day).or_default();
            if !of_day.contains(&event.name.as_str()) && of_day.len() < MOST_NAMES {
                of_day.push(&event.name);
            }
        }
    }
    let in_words = |names: Vec<&str>| names.join(", ").chars().take(LONGEST_NAME).collect();
    names
        .into_iter()
        .map(|(day, names)| (day, in_words(names)))
        .collect()
}

/// An absence, and the turns that fall into it, each as far as it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover<T> {
    pub absence: Span,
    pub turns: Vec<(T, Span)>,
}

/// Which turns fall into which absences; those into which none does are left out.
pub fn covered<T: Clone>(absences: &[Span], turns: &[(T, Span)]) -> Vec<Cover<T>> {
    let found = absences.iter().map(|absence| {
        let within = turns.iter().filter_map(|(turn, (from, to))| {
            let part = ((*from).max(absence.0), (*to).min(absence.1));
            (part.0 < part.1).then(|| (turn.clone(), part))
        });
        Cover {
            absence: *absence,
            turns: within.collect(),
        }
    });
    found.filter(|cover| !cover.turns.is_empty()).collect()
}

/// “24–31 December”, “30 December – 2 January”, “24 December, 09:00–17:00”: on somebody's clock.
pub fn said((from, to): Span, zone: Tz) -> String {
    let (begin, end) = (wall::reading(zone, from), wall::reading(zone, to));
    let is_midnight = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
    let day = |day: NaiveDate| day.format("%-d %B").to_string();
    if is_midnight(begin) && is_midnight(end) {
        let last = end.date().checked_sub_days(Days::new(1)).unwrap_or(end.date());
        return match (begin.date(), last) {
            (first, last) if first == last => day(first),
            (first, last) if (first.year(), first.month()) == (last.year(), last.month()) => {
                format!("{}–{}", first.day(), day(last))
            }
            (first, last) => format!("{} – {}", day(first), day(last)),
        };
    }
    if begin.date() == end.date() {
        return format!(
            "{}, {}–{}",
            day(begin.date()),
            begin.format("%H:%M"),
            end.format("%H:%M")
        );
    }
    let at = |at: NaiveDateTime| at.format("%-d %B, %H:%M").to_string();
    format!("{} – {}", at(begin), at(end))
}

/// The year that is read of a calendar, and the one before it.
pub fn window(now: DateTime<Utc>) -> Span {
    (now - TimeDelta::days(370), now + TimeDelta::days(366))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        (from.parse().unwrap(), to.parse().unwrap())
    }

    fn event(span: Span, is_free: bool) -> Event {
        Event {
            span,
            days: None,
            name: String::new(),
            is_free,
        }
    }

    #[test]
    fn absences_that_touch_are_one() {
        let monday = span("2026-12-21T00:00:00Z", "2026-12-22T00:00:00Z");
        let tuesday = span("2026-12-22T00:00:00Z", "2026-12-23T00:00:00Z");
        let within = span("2026-12-21T09:00:00Z", "2026-12-21T10:00:00Z");
        let friday = span("2026-12-25T00:00:00Z", "2026-12-26T00:00:00Z");
        for (events, expected) in [
            (vec![], vec![]),
            (vec![event(friday, true)], vec![]),
            (
                vec![
                    event(tuesday, false),
                    event(within, false),
                    event(monday, false),
                    event(friday, false),
                ],
                vec![(monday.0, tuesday.1), friday],
            ),
        ] {
            assert_eq!(absences(&events), expected);
        }
    }

    #[test]
    fn turns_fall_into_absences_as_far_as_they_do() {
        let away = span("2026-12-24T00:00:00Z", "2027-01-01T00:00:00Z");
        let empty = span("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        let turns = [
            ("before", span("2026-12-14T09:00:00Z", "2026-12-24T00:00:00Z")),
            ("into it", span("2026-12-21T09:00:00Z", "2026-12-28T09:00:00Z")),
            ("out of it", span("2026-12-28T09:00:00Z", "2027-01-04T09:00:00Z")),
        ];
        let found = covered(&[empty, away], &turns);
        let expected = vec![
            ("into it", span("2026-12-24T00:00:00Z", "2026-12-28T09:00:00Z")),
            ("out of it", span("2026-12-28T09:00:00Z", "2027-01-01T00:00:00Z")),
        ];
        assert_eq!(
            found,
            [Cover {
                absence: away,
                turns: expected
            }]
        );
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        for (from, to, expected) in [
            ("2026-12-23T23:00:00Z", "2026-12-31T23:00:00Z", "24–31 December"),
            ("2026-12-23T23:00:00Z", "2026-12-24T23:00:00Z", "24 December"),
            (
                "2026-12-29T23:00:00Z",
                "2027-01-02T23:00:00Z",
                "30 December – 2 January",
            ),
            (
                "2026-12-24T08:00:00Z",
                "2026-12-24T16:00:00Z",
                "24 December, 09:00–17:00",
            ),
            (
                "2026-12-24T08:00:00Z",
                "2026-12-26T16:00:00Z",
                "24 December, 09:00 – 26 December, 17:00",
            ),
        ] {
            assert_eq!(said(span(from, to), Tz::Europe__Berlin), expected);
        }
    }
}
