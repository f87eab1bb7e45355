//! A table of turns that somebody pasted: who is on call from when to when. Two shapes are read, and nothing is guessed that two
//! people could read in two ways.
//!
//! - A list: a row for each turn, with who, from and to. Rows of exactly one time are on call together.
//! - A grid: days in the first row, times such as “06:00-14:00” in the first column, names in the cells.

mod cells;
mod fault;
mod names;
mod times;

pub use fault::{RowFault, TableFault};

use super::overrides::{LONGEST, still_to_come};
use crate::ids::PersonId;
use crate::people::Person;
use cells::Line;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Twenty people on three shifts for a month are fewer.
pub const MOST_ROWS: usize = 400;

/// A turn as it was read, with all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastedRow {
    /// Where it stands: “line 3”, or “06:00-14:00 on 24.12.2026” of a grid.
    pub place: String,
    pub said: String,
    /// Those that were found.
    pub people: Vec<PersonId>,
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub faults: Vec<RowFault>,
}

/// By whom and by which clock a table is read.
#[derive(Clone, Copy, Debug)]
pub struct Readers<'a> {
    pub people: &'a [Person],
    pub zone: Tz,
    pub now: DateTime<Utc>,
}

impl Readers<'_> {
    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

/// Reads a table, row by row.
///
/// # Errors
/// [`TableFault`], where there is no row to put a sentence beside.
pub fn read(text: &str, by: Readers<'_>) -> Result<Vec<PastedRow>, TableFault> {
    let lines = cells::of(text);
    let mut rows = match grid_days(&lines, by) {
        Some(days) => grid(&lines, &days, by),
        None => list(&lines, by),
    };
    match rows.len() {
        0 => return Err(TableFault::Empty),
        1..=MOST_ROWS => {}
        _ => return Err(TableFault::TooLong),
    }
    note_overlaps(&mut rows);
    Ok(rows)
}

/// The days in the first row, if it has days and times of day stand below its first cell.
fn grid_days(lines: &[Line], by: Readers<'_>) -> Option<Vec<Result<NaiveDate, RowFault>>> {
    let (first, rest) = lines.split_first()?;
    let days: Vec<_> = first.cells.iter().skip(1).collect();
    let read = |said: &&String| times::day(said, by.today());
    let is_day = |said: &&String| !matches!(read(said), Err(RowFault::NotATime(_)));
    let said = || days.iter().copied().filter(|said| !said.is_empty());
    let has_times = || {
        rest.iter()
            .filter_map(|line| line.cells.first())
            .any(|said| times::range(said).is_some())
    };
    let is_grid = said().next().is_some() && said().all(|said| is_day(&said)) && has_times();
    is_grid.then(|| days.iter().map(read).collect())
}

fn grid(lines: &[Line], days: &[Result<NaiveDate, RowFault>], by: Readers<'_>) -> Vec<PastedRow> {
    let mut rows = Vec::new();
    let (heads, lines) = lines.split_at(1);
    for line in lines {
        let hours = line.cells.first().map(String::as_str).unwrap_or_default();
        for (column, who) in line.cells.iter().enumerate().skip(1) {
            if who.is_empty() {
                continue;
            }
            let head = heads.first().and_then(|head| head.cells.get(column));
            let head = head.map(String::as_str).unwrap_or_default();
            let day = days.get(column - 1).cloned().unwrap_or(Err(RowFault::NoDayAbove));
            let day = if head.is_empty() {
                Err(RowFault::NoDayAbove)
            } else {
                day
            };
            let span = day.and_then(|day| {
                let (from, to) = times::range(hours).ok_or_else(|| RowFault::NotARange(hours.to_owned()))?;
                let from = from.on(day);
                span(from, times::End::Wall(to.next_after(from)), by)
            });
            let place = format!("{hours} on {head}");
            rows.push(row(place, who.clone(), who, span, by));
        }
    }
    rows
}

fn list(lines: &[Line], by: Readers<'_>) -> Vec<PastedRow> {
    let has_digits = |said: &String| said.chars().any(|letter| letter.is_ascii_digit());
    let is_head = |line: &Line| line.cells.len() > 2 && !line.cells.iter().skip(1).any(has_digits);
    let begin = usize::from(lines.first().is_some_and(is_head));
    let rows = lines.iter().skip(begin).map(|line| {
        let cell = |column: usize| line.cells.get(column).map(String::as_str).unwrap_or_default();
        let span = if line.cells.iter().skip(3).any(|said| !said.is_empty()) || line.cells.len() < 3 {
            Err(RowFault::Columns)
        } else {
            list_span(cell(1), cell(2), by)
        };
        let said = line.cells.join("; ");
        row(format!("line {}", line.number), said, cell(0), span, by)
    });
    rows.collect()
}

fn list_span(from: &str, to: &str, by: Readers<'_>) -> Result<(DateTime<Utc>, DateTime<Utc>), RowFault> {
    let from = times::moment(from, by.today())?;
    let end = times::end(to, from)?;
    span(from, end, by)
}

fn span(
    from: NaiveDateTime,
    end: times::End,
    by: Readers<'_>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), RowFault> {
    let from = times::instant(by.zone, from)?;
    let to = match end {
        times::End::Wall(to) => times::instant(by.zone, to)?,
        times::End::After(length) => from + length,
    };
    match still_to_come((from, to), by.now, LONGEST) {
        Ok(_) => Ok((from, to)),
        Err(fault) => Err(RowFault::Span(fault)),
    }
}

fn row(
    place: String,
    said: String,
    who: &str,
    span: Result<(DateTime<Utc>, DateTime<Utc>), RowFault>,
    by: Readers<'_>,
) -> PastedRow {
    let (people, mut faults) = names::all_in(who, by.people);
    let span = span.map_err(|fault| faults.push(fault)).ok();
    PastedRow {
        place,
        said,
        people,
        span,
        faults,
    }
}

/// How many rows cannot be taken as they are.
pub fn at_fault(rows: &[PastedRow]) -> usize {
    rows.iter().filter(|row| !row.faults.is_empty()).count()
}

/// “3 rows cannot be taken as they are”.
pub fn not_taken(count: usize) -> String {
    match count {
        1 => "One row cannot be taken as it is".to_owned(),
        count => format!("{count} rows cannot be taken as they are"),
    }
}

/// Of two that overlap each says which the other is; those of exactly one time are on call together.
fn note_overlaps(rows: &mut [PastedRow]) {
    let spans: Vec<_> = rows.iter().map(|row| (row.place.clone(), row.span)).collect();
    for row in rows {
        let Some(span @ (from, to)) = row.span else {
            continue;
        };
        let meets = |other: Option<(DateTime<Utc>, DateTime<Utc>)>| {
            other.is_some_and(|other| other != span && other.0 < to && from < other.1)
        };
        if let Some((other, _)) = spans.iter().find(|(_, other)| meets(*other)) {
            row.faults.push(RowFault::Overlaps(other.clone()));
        }
    }
}

/// Who is on call together from when to when, by their beginning.
pub fn turns(rows: &[PastedRow]) -> BTreeMap<(DateTime<Utc>, DateTime<Utc>), Vec<PersonId>> {
    let mut turns: BTreeMap<_, Vec<PersonId>> = BTreeMap::new();
    for row in rows {
        let Some(span) = row.span else { continue };
        let together = turns.entry(span).or_default();
        for person in &row.people {
            if !together.contains(person) {
                together.push(*person);
            }
        }
    }
    turns
}

/// What a table leaves open between its first beginning and its last end.
pub fn gaps(rows: &[PastedRow]) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut gaps = Vec::new();
    let mut covered: Option<DateTime<Utc>> = None;
    for (from, to) in turns(rows).into_keys() {
        if let Some(until) = covered.filter(|until| *until < from) {
            gaps.push((until, from));
        }
        covered = covered.max(Some(to));
    }
    gaps
}

/// How long each is on call by a table.
pub fn hours(rows: &[PastedRow]) -> BTreeMap<PersonId, TimeDelta> {
    let mut hours: BTreeMap<PersonId, TimeDelta> = BTreeMap::new();
    for ((from, to), people) in turns(rows) {
        for person in people {
            *hours.entry(person).or_default() += to - from;
        }
    }
    hours
}

#[cfg(test)]
mod tests;
