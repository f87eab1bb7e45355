//! Layers and overrides together.

use super::layer::{Layer, Walk};
use super::overrides::{InForce, Override};
use super::spans::{Span, pieces};
use super::wall;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How far [`Schedule::at`] looks ahead for the next change, in growing steps: most changes are near.
const AHEAD: [i64; 4] = [2, 20, 120, 400];

/// `P` is who can be on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schedule<P> {
    #[serde(serialize_with = "wall::write_name")]
    pub time_zone: Tz,
    /// Lowest first, unless they have levels.
    pub layers: Vec<Layer<P>>,
    /// In the order in which they were made.
    pub overrides: Vec<Override<P>>,
}

/// The same people on call from `from` to before `to`. Nobody is a gap in the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift<P> {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub people: BTreeSet<P>,
    /// A gap that is meant: all of it is covered by overrides that say nobody.
    #[serde(skip)]
    pub is_planned: bool,
}

impl<P: Clone + Ord> Schedule<P> {
    /// The same without people who are gone. Their turns stay where they are, with nobody in them; what would bring them in counts
    /// for nothing, so that whoever's turn it is keeps it.
    #[must_use]
    pub fn without(mut self, gone: &BTreeSet<P>) -> Self {
        let turns = self.layers.iter_mut().flat_map(|layer| &mut layer.turns);
        turns.for_each(|turn| turn.retain(|person| !gone.contains(person)));
        self.overrides.retain(|exception| {
            !exception
                .change
                .brings_in()
                .is_some_and(|person| gone.contains(person))
        });
        self
    }

    /// Who is on call between two instants. The shifts tile the range, gaps included, and no two neighbours are equal; a range
    /// that does not go forward has none.
    pub fn shifts(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Shift<P>> {
        let mut shifts = self.shifts_and_planned_gaps(from, to);
        shifts.dedup_by(|next, last| {
            let is_same = next.people == last.people;
            if is_same {
                last.to = next.to;
                last.is_planned &= next.is_planned;
            }
            is_same
        });
        shifts
    }

    /// The same, with gaps that are meant apart from those that are not, for people to read.
    pub fn shifts_and_planned_gaps(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Shift<P>> {
        let Some(range) = Span::new(from, to) else {
            return Vec::new();
        };
        let mut levels = self.levels(range);
        let of_all = self
            .overrides
            .iter()
            .filter(|exception| exception.layer.is_none());
        let mut overrides = InForce::new(of_all, range);
        let stretches = levels.values().flatten().flat_map(|layer| &layer.stretches);
        let borders = stretches.flat_map(|stretch| [stretch.span.from, stretch.span.to]);

        let mut shifts: Vec<Shift<P>> = Vec::new();
        for piece in pieces(range, borders.chain(overrides.borders())) {
            let mut people = BTreeSet::new();
            for layers in levels.values_mut().rev() {
                for layer in layers {
                    if let Some(stretch) = layer.at(piece.from) {
                        stretch.join(&mut people);
                    }
                }
                // The highest level with anybody is the whole set.
                if !people.is_empty() {
                    break;
                }
            }
            overrides.apply(piece.from, &mut people);
            let is_planned = people.is_empty() && overrides.leave_nobody();
            match shifts.last_mut() {
                Some(last)
                    if last.is_planned == is_planned && last.people.iter().eq(people.iter().copied()) =>
                {
                    last.to = piece.to;
                }
                _ => shifts.push(Shift {
                    from: piece.from,
                    to: piece.to,
                    people: people.into_iter().cloned().collect(),
                    is_planned,
                }),
            }
        }
        shifts
    }

    /// The layers by their level, each with the overrides that are its own.
    fn levels(&self, range: Span) -> BTreeMap<usize, Vec<Walk<'_, P>>> {
        let mut levels: BTreeMap<usize, Vec<Walk<'_, P>>> = BTreeMap::new();
        for (place, layer) in self.layers.iter().enumerate() {
            let own = self
                .overrides
                .iter()
                .filter(|exception| exception.layer == Some(place));
            let walk = Walk::new(layer.stretches(self.time_zone, range, own));
            levels
                .entry(layer.level.map_or(place, usize::from))
                .or_default()
                .push(walk);
        }
        levels
    }

    /// Who is on call at an instant.
    pub fn on_call(&self, at: DateTime<Utc>) -> BTreeSet<P> {
        let next = at.checked_add_signed(TimeDelta::nanoseconds(1));
        let shift = next.and_then(|next| self.shifts(at, next).pop());
        shift.map(|shift| shift.people).unwrap_or_default()
    }

    /// Who is on call at an instant, and when that next changes; `None` if it does not within 400 days.
    pub fn at(&self, at: DateTime<Utc>) -> (BTreeSet<P>, Option<DateTime<Utc>>) {
        let mut people = BTreeSet::new();
        for days in AHEAD {
            let Some(end) = at.checked_add_signed(TimeDelta::days(days) + TimeDelta::microseconds(1)) else {
                break;
            };
            let mut shifts = self.shifts(at, end).into_iter();
            people = shifts.next().map(|shift| shift.people).unwrap_or_default();
            if let Some(next) = shifts.next() {
                return (people, Some(next.from));
            }
        }
        (people, None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, HandOffs, Restriction, Unit};
    use super::*;

    fn hourly() -> Schedule<&'static str> {
        Schedule {
            time_zone: Tz::Europe__Berlin,
            layers: vec![Layer::rotating(
                vec![vec!["ana"], vec!["ben"], vec!["chi"]],
                HandOffs::Every {
                    unit: Unit::Hour,
                    every: 1,
                },
                "1971-01-01T00:00:00".parse().unwrap(),
            )],
            overrides: vec![],
        }
    }

    #[test]
    fn decades_after_its_start_a_rotation_is_found_at_once() {
        let schedule = hourly();
        let from: DateTime<Utc> = "2100-06-01T00:00:00Z".parse().unwrap();
        let shifts = schedule.shifts(from, from + TimeDelta::weeks(6));
        assert_eq!(shifts.len(), 6 * 7 * 24);
        assert_eq!(schedule.at(from).1, Some(from + TimeDelta::hours(1)));
    }

    #[test]
    fn no_layers_is_nobody_except_by_override() {
        let mut schedule = hourly();
        schedule.layers.clear();
        let from: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(schedule.at(from), (BTreeSet::new(), None));
        assert_eq!(schedule.shifts(from, from), vec![]);
        schedule.overrides.push(Override {
            change: Change::Add { person: "dee" },
            layer: None,
            from,
            to: from + TimeDelta::days(1),
        });
        assert_eq!(
            schedule.at(from),
            (BTreeSet::from(["dee"]), Some(from + TimeDelta::days(1)))
        );
    }

    #[test]
    fn who_is_gone_leaves_their_turn_and_brings_nobody_in() {
        let from: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        let exception = |change| Override {
            change,
            layer: None,
            from,
            to: from + TimeDelta::hours(1),
        };
        let mut schedule = hourly();
        let turn = schedule.at(from).0;
        let whose = *turn.first().unwrap();
        for (overrides, on_call) in [
            (vec![exception(Change::Cover { person: "dee" })], vec![whose]),
            (vec![exception(Change::Add { person: "dee" })], vec![whose]),
            (
                vec![exception(Change::Replace {
                    person: whose,
                    with: "dee",
                })],
                vec![whose],
            ),
            (vec![exception(Change::Remove { person: whose })], vec![]),
            (
                vec![
                    exception(Change::Cover { person: "eve" }),
                    exception(Change::Cover { person: "dee" }),
                ],
                vec!["eve"],
            ),
        ] {
            schedule.overrides = overrides;
            let without = schedule.clone().without(&BTreeSet::from(["dee"]));
            assert_eq!(
                without.at(from).0,
                on_call.into_iter().collect(),
                "{:?}",
                schedule.overrides
            );
        }
        schedule.overrides.clear();
        let mut two_layers = schedule.clone();
        two_layers.layers.insert(0, two_layers.layers[0].clone());
        two_layers.layers[0].turns = vec![vec!["low"]];
        let without = two_layers.without(&BTreeSet::from([whose]));
        assert_eq!(
            without.at(from).0,
            BTreeSet::from(["low"]),
            "the layer below counts"
        );
    }

    #[test]
    fn nothing_breaks_at_the_ends_of_the_calendar() {
        let mut schedule = hourly();
        schedule.layers[0].restrictions = vec![Restriction::Daily {
            from: "22:00".parse().unwrap(),
            to: "06:00".parse().unwrap(),
            weekdays: None,
        }];
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        for at in [first, last - TimeDelta::hours(30), last] {
            schedule.at(at);
        }
        schedule.shifts(first, first + TimeDelta::days(3));
        schedule.shifts(last - TimeDelta::days(3), last);
    }

    #[test]
    fn turns_beyond_the_end_of_the_calendar_never_end() {
        for unit in Unit::ALL {
            let mut schedule = hourly();
            schedule.layers[0].hand_offs = HandOffs::Every {
                unit: *unit,
                every: u32::MAX,
            };
            let from: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
            assert_eq!(schedule.at(from), (BTreeSet::from(["ana"]), None));
        }
    }
}
