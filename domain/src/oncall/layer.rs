//! One rotation: turns, hand-offs, shifts.

use super::restriction::{Restriction, windows};
use super::spans::Span;
use super::wall;
use chrono::{DateTime, Datelike, Months, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

words! {
    /// What a turn is measured in, on the calendar.
    pub enum Unit {
        Hour = "hour",
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

impl Unit {
    /// `None` for months, which differ.
    const fn hours(self) -> Option<i64> {
        match self {
            Self::Hour => Some(1),
            Self::Day => Some(24),
            Self::Week => Some(168),
            Self::Month => None,
        }
    }
}

/// A rotation. See the [module](super) for what its wall times mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer<P> {
    /// Each turn is the people who are on call together.
    pub turns: Vec<Vec<P>>,
    pub unit: Unit,
    /// A turn is `every` times `unit` long.
    pub every: u32,
    /// Hand-off 0.
    pub start: NaiveDateTime,
    /// These two cut the layer and do not move its hand-offs.
    pub effective_from: Option<NaiveDateTime>,
    pub effective_until: Option<NaiveDateTime>,
    /// The layer is on call only within the union of these; empty means always.
    pub restrictions: Vec<Restriction>,
}

/// A span of one turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub span: Span,
    pub turn: usize,
}

impl<P> Layer<P> {
    /// The stretches of `span` in which somebody is on call, in order and not overlapping.
    pub(super) fn stretches(&self, zone: Tz, span: Span) -> Vec<Stretch> {
        let from = self
            .effective_from
            .map_or(span.from, |from| wall::instant(zone, from));
        let until = self
            .effective_until
            .map_or(span.to, |until| wall::instant(zone, until));
        let Some(span) = Span::new(from, until).and_then(|effective| effective.within(span)) else {
            return Vec::new();
        };
        let shifts = self.shifts(zone, span);
        if self.restrictions.is_empty() {
            return shifts;
        }
        clipped(&shifts, &windows(&self.restrictions, zone, span))
    }

    fn shifts(&self, zone: Tz, span: Span) -> Vec<Stretch> {
        let mut shifts = Vec::new();
        if self.turns.is_empty() || self.every == 0 {
            return shifts;
        }
        let mut number = self.hand_off_before(zone, span.from);
        let mut hand_off = self.hand_off(zone, number);
        while let Some(begin) = hand_off.filter(|begin| *begin < span.to) {
            hand_off = self.hand_off(zone, number + 1);
            // Beyond the end of the calendar nobody hands over any more.
            let end = hand_off.unwrap_or(span.to);
            if let Some(within) = Span::new(begin, end).and_then(|shift| shift.within(span)) {
                let turns = self.turns.len() as u64;
                let turn = usize::try_from(number as u64 % turns).unwrap_or_default();
                shifts.push(Stretch { span: within, turn });
            }
            number += 1;
        }
        shifts
    }

    /// Hand-off `number`, reckoned from the start on the calendar and only then turned into an instant.
    fn hand_off(&self, zone: Tz, number: i64) -> Option<DateTime<Utc>> {
        let steps = number.checked_mul(i64::from(self.every))?;
        let reading = match self.unit.hours() {
            Some(hours) => {
                let later = TimeDelta::try_hours(steps.checked_mul(hours)?)?;
                self.start.checked_add_signed(later)?
            }
            None => self
                .start
                .checked_add_months(Months::new(u32::try_from(steps).ok()?))?,
        };
        Some(wall::instant(zone, reading))
    }

    /// The number of a hand-off at or a little before `at`, found by division: a rotation may have started decades ago.
    fn hand_off_before(&self, zone: Tz, at: DateTime<Utc>) -> i64 {
        let reading = wall::reading(zone, at);
        let every = i64::from(self.every);
        let passed = match self.unit.hours() {
            // Two days back, as no clock was ever set by more than one.
            Some(hours) => ((reading - self.start).num_hours() - 48).div_euclid(hours * every),
            None => {
                let months = |time: NaiveDateTime| i64::from(time.year()) * 12 + i64::from(time.month0());
                (months(reading) - months(self.start) - 2).div_euclid(every)
            }
        };
        passed.max(0)
    }
}

/// What of the shifts lies in the windows; both are in order.
fn clipped(shifts: &[Stretch], windows: &[Span]) -> Vec<Stretch> {
    let mut clipped = Vec::new();
    let mut first = 0;
    for shift in shifts {
        while windows
            .get(first)
            .is_some_and(|window| window.to <= shift.span.from)
        {
            first += 1;
        }
        for window in windows[first..]
            .iter()
            .take_while(|window| window.from < shift.span.to)
        {
            if let Some(span) = window.within(shift.span) {
                clipped.push(Stretch {
                    span,
                    turn: shift.turn,
                });
            }
        }
    }
    clipped
}
