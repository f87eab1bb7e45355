//! Turns with the beginnings and ends that they have, wherever one looks from: calendars know a turn by its beginning, and take another
//! end for a change.

use super::super::calendar::{self, Of, Turn};
use super::super::ical::month_of;
use super::super::schedules;
use crate::error::Result;
use crate::{Tx, people};
use chrono::{DateTime, Months, TimeDelta, Utc};
use domain::ids::PersonId;
use domain::oncall::Shift;

/// What a calendar shows around now.
const BACK: TimeDelta = TimeDelta::days(30);
const AHEAD: TimeDelta = TimeDelta::days(180);
/// So far beyond that the end of a turn is looked for, and until the end of that month: one without an end would else end at another
/// time whenever it is read.
const BEYOND: TimeDelta = TimeDelta::days(100);
/// Where a turn begins that has no beginning. Reckoned from when the schedule was made, that never moves.
const BEFORE_IT_WAS_MADE: TimeDelta = TimeDelta::days(400);

/// With whether an override says so.
type Marked = (Shift<PersonId>, bool);
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The turns around now that somebody has, by their beginning. Of a person, times without a hole between them are one turn, whoever else
/// has it with them.
pub(super) async fn turns(tx: &mut Tx, of: Of) -> Result<Vec<Turn>> {
    let now = tx.now();
    let left = people::left(tx).await?;
    let everybody = calendar::everybody(tx).await?;
    let mut found = Vec::new();
    for (named, rotation) in schedules::load_all_as_written(tx).await? {
        if !of.includes(&named) {
            continue;
        }
        let seen = |span: Span| {
            let shifts = calendar::shifts(&rotation, &left, span);
            match of {
                Of::Person(person) => of_one(person, shifts),
                Of::All | Of::Schedule(_) | Of::Team(_) => shifts,
            }
        };
        for (shift, is_overridden) in whole(named.created_at - BEFORE_IT_WAS_MADE, now, seen) {
            found.push(calendar::turn(&named, &shift, is_overridden, &everybody));
        }
    }
    found.sort_by(|a, b| (a.from, &a.schedule.name).cmp(&(b.from, &b.schedule.name)));
    Ok(found)
}

/// Since when the end of a turn is the one that is told, where it was told to be earlier before; that is never after now.
pub(super) fn end_is_known_since(turn: &Turn) -> Option<DateTime<Utc>> {
    let is_long = turn.to - turn.from > BEYOND;
    is_long.then(|| month_of(turn.to - TimeDelta::seconds(1)) - AHEAD - BEYOND)
}

/// Until when ends are looked for: it moves once a month.
fn last(now: DateTime<Utc>) -> DateTime<Utc> {
    month_of(now + AHEAD + BEYOND) + Months::new(1)
}

/// Those that reach into what is shown. `seen` answers what there is between two instants; it is asked about more and more of what was,
/// until all have a beginning: most turns are short.
fn whole(first: DateTime<Utc>, now: DateTime<Utc>, seen: impl Fn(Span) -> Vec<Marked>) -> Vec<Marked> {
    let shown = (now - BACK, now + AHEAD);
    let mut days = 30;
    loop {
        let from = (shown.0 - TimeDelta::days(days)).max(first);
        let mut found = seen((from, last(now)));
        found.retain(|(shift, _)| !shift.people.is_empty() && shift.to > shown.0 && shift.from < shown.1);
        let is_cut = found.iter().any(|(shift, _)| shift.from == from);
        if !is_cut || from == first {
            return found;
        }
        days *= 4;
    }
}

/// When somebody has it, with all who have it with them for a while.
fn of_one(person: PersonId, shifts: Vec<Marked>) -> Vec<Marked> {
    let mut found: Vec<Marked> = Vec::new();
    for (shift, is_overridden) in shifts {
        if !shift.people.contains(&person) {
            continue;
        }
        match found.last_mut() {
            Some((last, was)) if last.to == shift.from => {
                last.to = shift.to;
                last.people.extend(shift.people);
                *was |= is_overridden;
            }
            _ => found.push((shift, is_overridden)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    /// One person from then until then, as far as it is asked about.
    fn one_turn(from: DateTime<Utc>, to: DateTime<Utc>) -> impl Fn(Span) -> Vec<Marked> {
        move |span| {
            let shift = Shift {
                from: from.max(span.0),
                to: to.min(span.1),
                people: BTreeSet::from([PersonId(uuid::Uuid::nil())]),
                is_planned: false,
            };
            if shift.from < shift.to {
                vec![(shift, false)]
            } else {
                Vec::new()
            }
        }
    }

    #[test]
    fn a_turn_begins_and_ends_when_it_does() {
        let first = at("2024-01-01");
        // When it begins and ends, now, and what is told of it.
        for (from, to, now, told) in [
            ("2026-03-02", "2026-03-09", "2026-03-05", "2026-03-02 2026-03-09"),
            ("2026-03-02", "2026-03-09", "2026-04-07", "2026-03-02 2026-03-09"),
            ("2026-03-02", "2026-03-09", "2026-04-08", ""),
            ("2025-03-02", "2026-03-09", "2026-03-05", "2025-03-02 2026-03-09"),
            ("2020-03-02", "2026-03-09", "2026-03-05", "2024-01-01 2026-03-09"),
            ("2026-03-09", "2026-03-16", "2025-09-10", ""),
            // Without an end: the first of a month, and of the next one when 280 days after now are in that.
            ("2026-03-02", "2099-01-01", "2026-03-05", "2026-03-02 2027-01-01"),
            ("2026-03-02", "2099-01-01", "2026-03-26", "2026-03-02 2027-01-01"),
            ("2026-03-02", "2099-01-01", "2026-03-27", "2026-03-02 2027-02-01"),
        ] {
            let found = whole(first, at(now), one_turn(at(from), at(to)));
            let found: Vec<String> = found
                .iter()
                .map(|(shift, _)| format!("{} {}", shift.from.date_naive(), shift.to.date_naive()))
                .collect();
            assert_eq!(found.join(", "), told, "{from} {to} {now}");
        }
    }
}
