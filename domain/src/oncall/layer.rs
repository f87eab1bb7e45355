//! One rotation: turns, hand-offs, shifts.

use super::handoffs::{HandOffs, Unit};
use super::overrides::{InForce, Override};
use super::restriction::{Restriction, windows};
use super::spans::{Span, pieces};
use super::turns::{Counts, Rotation};
use super::wall;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::BTreeSet;

/// A rotation. See the [module](super) for what its wall times mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer<P> {
    /// Each turn is the people who are on call together; an empty one is a turn of nobody.
    pub turns: Vec<Vec<P>>,
    #[serde(flatten)]
    pub hand_offs: HandOffs,
    /// Hand-off 0, or, with a weekly pattern, when it is looked for.
    #[serde(serialize_with = "wall::write")]
    pub start: NaiveDateTime,
    #[serde(skip_serializing_if = "is_all")]
    pub counts: Counts,
    /// These two cut the layer and do not move its hand-offs.
    #[serde(serialize_with = "wall::write_some", skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDateTime>,
    #[serde(serialize_with = "wall::write_some", skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<NaiveDateTime>,
    /// The layer is on call only within the union of these; empty means always.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<Restriction>,
    /// Layers of one level are on call together, a higher level hides lower ones. In a schedule all have one or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Of all its wall times; that of the schedule if there is none.
    #[serde(serialize_with = "wall::write_zone", skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Tz>,
}

impl<P> Layer<P> {
    /// In the schedule's zone, at all hours, without an end.
    pub const fn rotating(turns: Vec<Vec<P>>, hand_offs: HandOffs, start: NaiveDateTime) -> Self {
        Self {
            turns,
            hand_offs,
            start,
            counts: Counts::All,
            effective_from: None,
            effective_until: None,
            restrictions: Vec::new(),
            level: None,
            time_zone: None,
        }
    }

    /// People one after the other, a week each.
    pub fn weekly(people: impl IntoIterator<Item = P>, start: NaiveDateTime) -> Self {
        let turns = people.into_iter().map(|person| vec![person]).collect();
        let hand_offs = HandOffs::Every {
            unit: Unit::Week,
            every: 1,
        };
        Self::rotating(turns, hand_offs, start)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_all(counts: &Counts) -> bool {
    *counts == Counts::All
}

/// The same people from one instant to another.
#[derive(Clone, Debug)]
pub(super) struct Stretch<'a, P> {
    pub span: Span,
    pub people: People<'a, P>,
}

/// Those of a turn, or what overrides made of it.
#[derive(Clone, Debug)]
pub(super) enum People<'a, P> {
    Turn(&'a [P]),
    Changed(BTreeSet<&'a P>),
}

impl<'a, P: Ord> People<'a, P> {
    pub fn join(&self, people: &mut BTreeSet<&'a P>) {
        match self {
            Self::Turn(turn) => people.extend(*turn),
            Self::Changed(set) => people.extend(set.iter().copied()),
        }
    }
}

impl<P: Clone + Ord> Layer<P> {
    /// The stretches of `span` in which somebody is on call, in order and not overlapping. `overrides` are those of this layer.
    pub(super) fn stretches<'a>(
        &'a self,
        zone: Tz,
        span: Span,
        overrides: impl IntoIterator<Item = &'a Override<P>>,
    ) -> Vec<Stretch<'a, P>> {
        let zone = self.time_zone.unwrap_or(zone);
        let instant = |reading| wall::instant(zone, reading);
        let from = self.effective_from.map_or(span.from, instant);
        let until = self.effective_until.map_or(span.to, instant);
        let Some(span) = Span::new(from, until).and_then(|effective| effective.within(span)) else {
            return Vec::new();
        };
        let mut stretches = self.shifts(zone, span);
        if !self.restrictions.is_empty() {
            stretches = clipped(&stretches, &windows(&self.restrictions, zone, span));
        }
        let overrides = InForce::new(overrides, span);
        if overrides.is_empty() {
            stretches
        } else {
            changed(stretches, overrides, span)
        }
    }

    fn shifts(&self, zone: Tz, span: Span) -> Vec<Stretch<'_, P>> {
        let mut shifts = Vec::new();
        let turns = self.turns.len();
        let Some(rotation) = Rotation::new(
            &self.hand_offs,
            self.start,
            turns,
            self.counts,
            &self.restrictions,
        ) else {
            return shifts;
        };
        let mut number = rotation.hand_offs.before(zone, span.from);
        let mut hand_off = rotation.hand_offs.instant(zone, number);
        while let Some(begin) = hand_off.filter(|begin| *begin < span.to) {
            hand_off = rotation.hand_offs.instant(zone, number + 1);
            // Beyond the end of the calendar nobody hands over any more.
            let end = hand_off.unwrap_or(span.to);
            if let Some(within) = Span::new(begin, end).and_then(|shift| shift.within(span))
                && let Some(turn) = rotation.turn(number).and_then(|turn| self.turns.get(turn))
                && !turn.is_empty()
            {
                shifts.push(Stretch {
                    span: within,
                    people: People::Turn(turn),
                });
            }
            number += 1;
        }
        shifts
    }
}

/// What of the shifts lies in the windows; both are in order.
fn clipped<'a, P: Clone>(shifts: &[Stretch<'a, P>], windows: &[Span]) -> Vec<Stretch<'a, P>> {
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
                    people: shift.people.clone(),
                });
            }
        }
    }
    clipped
}

/// What the overrides of a layer make of it, within the span in which it counts.
fn changed<'a, P: Ord>(
    stretches: Vec<Stretch<'a, P>>,
    mut overrides: InForce<'a, P>,
    span: Span,
) -> Vec<Stretch<'a, P>> {
    let borders = stretches
        .iter()
        .flat_map(|stretch| [stretch.span.from, stretch.span.to])
        .chain(overrides.borders());
    let pieces = pieces(span, borders);
    let mut layer = Walk::new(stretches);
    pieces
        .into_iter()
        .filter_map(|span| {
            let mut people = BTreeSet::new();
            if let Some(stretch) = layer.at(span.from) {
                stretch.join(&mut people);
            }
            overrides.apply(span.from, &mut people);
            (!people.is_empty()).then_some(Stretch {
                span,
                people: People::Changed(people),
            })
        })
        .collect()
}

/// A layer's stretches, asked about at instants that only go forward.
pub(super) struct Walk<'a, P> {
    pub stretches: Vec<Stretch<'a, P>>,
    next: usize,
}

impl<'a, P> Walk<'a, P> {
    pub const fn new(stretches: Vec<Stretch<'a, P>>) -> Self {
        Self { stretches, next: 0 }
    }

    pub fn at(&mut self, at: DateTime<Utc>) -> Option<&People<'a, P>> {
        while self
            .stretches
            .get(self.next)
            .is_some_and(|stretch| stretch.span.to <= at)
        {
            self.next += 1;
        }
        let stretch = self.stretches.get(self.next)?;
        (stretch.span.from <= at).then_some(&stretch.people)
    }
}
