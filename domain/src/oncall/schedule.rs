//! Layers and overrides together.

use super::layer::{Layer, Stretch};
use super::overrides::Override;
use super::spans::Span;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// How far [`Schedule::at`] looks ahead for the next change, in growing steps: most changes are near.
const AHEAD: [i64; 4] = [2, 20, 120, 400];

/// `P` is who can be on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule<P> {
    pub time_zone: Tz,
    /// Lowest first.
    pub layers: Vec<Layer<P>>,
    /// In the order in which they were made.
    pub overrides: Vec<Override<P>>,
}

/// The same people on call from `from` to before `to`. Nobody is a gap in the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift<P> {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub people: BTreeSet<P>,
}

impl<P: Clone + Ord> Schedule<P> {
    /// The same without people who are gone. Their turns stay where they are, with nobody in them; what would bring them in counts
    /// for nothing, so that whoever's turn it is keeps it.
    #[must_use]
    pub fn without(mut self, gone: &BTreeSet<P>) -> Self {
        let turns = self.layers.iter_mut().flat_map(|layer| &mut layer.turns);
        turns.for_each(|turn| turn.retain(|person| !gone.contains(person)));
        self.overrides
            .retain(|exception| !exception.brings_in().is_some_and(|person| gone.contains(person)));
        self
    }

    /// Who is on call between two instants. The shifts tile the range, gaps included, and no two neighbours are equal; a range
    /// that does not go forward has none.
    pub fn shifts(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Shift<P>> {
        let Some(range) = Span::new(from, to) else {
            return Vec::new();
        };
        let mut layers: Vec<_> = self
            .layers
            .iter()
            .rev()
            .map(|layer| Walk::new(layer.stretches(self.time_zone, range), &layer.turns))
            .collect();
        let overrides: Vec<_> = self
            .overrides
            .iter()
            .filter_map(|exception| Some((exception.span()?.within(range)?, exception)))
            .collect();

        let mut shifts: Vec<Shift<P>> = Vec::new();
        for piece in pieces(range, &layers, &overrides) {
            // The highest layer with anybody is the whole set. Each is asked, so that each walks on.
            let mut people = BTreeSet::new();
            for layer in &mut layers {
                let turn = layer.turn_at(piece.from);
                if people.is_empty() {
                    people.extend(turn.into_iter().flatten().cloned());
                }
            }
            for (span, exception) in &overrides {
                if span.from <= piece.from && piece.from < span.to {
                    exception.apply(&mut people);
                }
            }
            match shifts.last_mut() {
                Some(last) if last.people == people => last.to = piece.to,
                _ => shifts.push(Shift {
                    from: piece.from,
                    to: piece.to,
                    people,
                }),
            }
        }
        shifts
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

/// The range cut wherever anything begins or ends.
fn pieces<P>(range: Span, layers: &[Walk<'_, P>], overrides: &[(Span, &Override<P>)]) -> Vec<Span> {
    let stretches = layers
        .iter()
        .flat_map(|layer| layer.stretches.iter().map(|stretch| stretch.span));
    let exceptions = overrides.iter().map(|(span, _)| *span);
    let mut borders: Vec<_> = stretches
        .chain(exceptions)
        .chain([range])
        .flat_map(|span| [span.from, span.to])
        .collect();
    borders.sort_unstable();
    borders.dedup();
    borders
        .windows(2)
        .filter_map(|pair| Span::new(pair[0], pair[1]))
        .collect()
}

/// A layer's stretches, asked about at instants that only go forward.
struct Walk<'a, P> {
    stretches: Vec<Stretch>,
    turns: &'a [Vec<P>],
    next: usize,
}

impl<'a, P> Walk<'a, P> {
    fn new(stretches: Vec<Stretch>, turns: &'a [Vec<P>]) -> Self {
        Self {
            stretches,
            turns,
            next: 0,
        }
    }

    fn turn_at(&mut self, at: DateTime<Utc>) -> Option<&'a Vec<P>> {
        while self
            .stretches
            .get(self.next)
            .is_some_and(|stretch| stretch.span.to <= at)
        {
            self.next += 1;
        }
        let stretch = self.stretches.get(self.next)?;
        if stretch.span.from <= at {
            self.turns.get(stretch.turn)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OverrideKind, Restriction, Unit};
    use super::*;

    fn hourly() -> Schedule<&'static str> {
        Schedule {
            time_zone: Tz::Europe__Berlin,
            layers: vec![Layer {
                turns: vec![vec!["ana"], vec!["ben"], vec!["chi"]],
                unit: Unit::Hour,
                every: 1,
                start: "1971-01-01T00:00:00".parse().unwrap(),
                effective_from: None,
                effective_until: None,
                restrictions: vec![],
            }],
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
            kind: OverrideKind::Add,
            person: "dee",
            with: None,
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
        let exception = |kind, person, with| Override {
            kind,
            person,
            with,
            from,
            to: from + TimeDelta::hours(1),
        };
        let mut schedule = hourly();
        let turn = schedule.at(from).0;
        let whose = *turn.first().unwrap();
        for (overrides, on_call) in [
            (vec![exception(OverrideKind::Cover, "dee", None)], vec![whose]),
            (vec![exception(OverrideKind::Add, "dee", None)], vec![whose]),
            (
                vec![exception(OverrideKind::Replace, whose, Some("dee"))],
                vec![whose],
            ),
            (vec![exception(OverrideKind::Remove, whose, None)], vec![]),
            (
                vec![
                    exception(OverrideKind::Cover, "eve", None),
                    exception(OverrideKind::Cover, "dee", None),
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
            schedule.layers[0].every = u32::MAX;
            schedule.layers[0].unit = *unit;
            let from: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
            assert_eq!(schedule.at(from), (BTreeSet::from(["ana"]), None));
        }
    }
}
