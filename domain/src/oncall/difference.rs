//! What a change of a schedule changes for the people in it.

use super::schedule::{Schedule, Shift};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

type Time = (DateTime<Utc>, DateTime<Utc>);

/// Times that are somebody's from now on, and those that are no longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub gained: Vec<Time>,
    pub lost: Vec<Time>,
}

/// The differences between two instants, for each person who has one.
pub fn differences<P: Clone + Ord>(
    before: &Schedule<P>,
    after: &Schedule<P>,
    (from, to): Time,
) -> BTreeMap<P, Difference> {
    let (before, after) = (before.shifts(from, to), after.shifts(from, to));
    let mut borders: Vec<DateTime<Utc>> = before
        .iter()
        .chain(&after)
        .flat_map(|shift| [shift.from, shift.to])
        .collect();
    borders.sort_unstable();
    borders.dedup();
    let mut found: BTreeMap<P, Difference> = BTreeMap::new();
    for (from, to) in borders.iter().zip(borders.iter().skip(1)) {
        let (was, is) = (at(&before, *from), at(&after, *from));
        for person in is.iter().filter(|person| !was.contains(person)) {
            extend(
                &mut found.entry((*person).clone()).or_default().gained,
                (*from, *to),
            );
        }
        for person in was.iter().filter(|person| !is.contains(person)) {
            extend(
                &mut found.entry((*person).clone()).or_default().lost,
                (*from, *to),
            );
        }
    }
    found
}

fn at<P>(shifts: &[Shift<P>], instant: DateTime<Utc>) -> Vec<&P> {
    let place = shifts.partition_point(|shift| shift.to <= instant);
    match shifts.get(place) {
        Some(shift) if shift.from <= instant => shift.people.iter().collect(),
        _ => Vec::new(),
    }
}

/// Times that touch are one.
fn extend(times: &mut Vec<Time>, (from, to): Time) {
    match times.last_mut() {
        Some(last) if last.1 == from => last.1 = to,
        _ => times.push((from, to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oncall::{Change, Layer, Override};

    fn day(day: u32) -> DateTime<Utc> {
        format!("2026-03-{day:02}T09:00:00Z").parse().unwrap()
    }

    fn rota(people: &[&'static str], covers: &[(&'static str, u32, u32)]) -> Schedule<&'static str> {
        Schedule {
            time_zone: chrono_tz::UTC,
            layers: vec![Layer::weekly(people.iter().copied(), day(2).naive_utc())],
            overrides: covers
                .iter()
                .map(|(person, from, to)| Override {
                    from: day(*from),
                    to: day(*to),
                    layer: None,
                    change: Change::Cover { person: *person },
                })
                .collect(),
        }
    }

    #[test]
    fn whoever_gains_or_loses_time_is_found_with_it() {
        let two = || rota(&["ana", "bo"], &[]);
        for (name, before, after, expected) in [
            ("nothing", two(), two(), ""),
            (
                "a cover",
                two(),
                rota(&["ana", "bo"], &[("bo", 3, 5)]),
                "ana -3-5; bo +3-5",
            ),
            (
                "a cover by a third",
                two(),
                rota(&["ana", "bo"], &[("eve", 8, 10)]),
                "ana -8-9; bo -9-10; eve +8-10",
            ),
            (
                "a cover that says what was so",
                two(),
                rota(&["ana", "bo"], &[("ana", 3, 5)]),
                "",
            ),
            (
                "the order",
                two(),
                rota(&["bo", "ana"], &[]),
                "ana +9-16-2-9; bo +2-9-9-16",
            ),
            (
                "a cover in two parts",
                two(),
                rota(&["ana", "bo"], &[("bo", 3, 4), ("bo", 4, 5)]),
                "ana -3-5; bo +3-5",
            ),
        ] {
            let words = |times: &[Time], sign: &str| {
                let times = times
                    .iter()
                    .map(|(from, to)| format!("{sign}{}-{}", from.format("%-d"), to.format("%-d")));
                times.collect::<Vec<_>>().join(",")
            };
            let found = differences(&before, &after, (day(2), day(16)));
            let found: Vec<String> = found
                .iter()
                .map(|(person, change)| {
                    format!(
                        "{person} {}{}",
                        words(&change.gained, "+"),
                        words(&change.lost, "-")
                    )
                })
                .collect();
            assert_eq!(found.join("; "), expected, "{name}");
        }
    }
}
