//! Who serves how much, and who serves twice at once.

use super::schedule::Shift;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// What somebody serves in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    pub time: TimeDelta,
    /// Times without a hole between them.
    pub turns: usize,
}

/// For each person with a turn in these shifts, which follow each other.
pub fn served<P: Clone + Ord>(shifts: &[Shift<P>]) -> BTreeMap<P, Served> {
    let mut found: BTreeMap<P, Served> = BTreeMap::new();
    let mut before: Option<&Shift<P>> = None;
    for shift in shifts {
        for person in &shift.people {
            let served = found.entry(person.clone()).or_default();
            served.time += shift.to - shift.from;
            let goes_on =
                before.is_some_and(|before| before.to == shift.from && before.people.contains(person));
            served.turns += usize::from(!goes_on);
        }
        before = Some(shift);
    }
    found
}

/// From when to when somebody has the pager without a hole, by the beginning; the shifts follow each other.
pub fn turns_of_each<P: Clone + Ord>(shifts: &[Shift<P>]) -> Vec<(P, DateTime<Utc>, DateTime<Utc>)> {
    let mut found: Vec<(P, DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for shift in shifts {
        for person in &shift.people {
            let mut last = found.iter_mut().rev();
            match last.find(|turn| turn.0 == *person) {
                Some(turn) if turn.2 == shift.from => turn.2 = shift.to,
                _ => found.push((person.clone(), shift.from, shift.to)),
            }
        }
    }
    found
}

/// When somebody is in both, in order; both are shifts that follow each other.
pub fn together<P: Clone + Ord>(
    one: &[Shift<P>],
    other: &[Shift<P>],
) -> Vec<(P, DateTime<Utc>, DateTime<Utc>)> {
    let mut found: Vec<(P, DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    let mut first = 0;
    for shift in one {
        while other.get(first).is_some_and(|other| other.to <= shift.from) {
            first += 1;
        }
        for beside in other[first..].iter().take_while(|beside| beside.from < shift.to) {
            let (from, to) = (shift.from.max(beside.from), shift.to.min(beside.to));
            for person in shift.people.intersection(&beside.people) {
                let mut last = found.iter_mut().rev();
                match last.find(|last| last.0 == *person && last.2 == from) {
                    Some(last) => last.2 = to,
                    None => found.push((person.clone(), from, to)),
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(from: i64, to: i64, people: &[&'static str]) -> Shift<&'static str> {
        let at = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        Shift {
            from: at(from),
            to: at(to),
            people: people.iter().copied().collect(),
            is_planned: false,
        }
    }

    #[test]
    fn a_turn_beside_others_is_one_from_its_beginning_to_its_end() {
        let shifts = [
            shift(0, 8, &["ana"]),
            shift(8, 9, &["ana", "bo"]),
            shift(9, 10, &[]),
            shift(10, 12, &["ana"]),
        ];
        let hour = |at: DateTime<Utc>| at.timestamp() / 3600;
        let found: Vec<_> = turns_of_each(&shifts)
            .into_iter()
            .map(|(person, from, to)| (person, hour(from), hour(to)))
            .collect();
        assert_eq!(found, [("ana", 0, 9), ("bo", 8, 9), ("ana", 10, 12)]);
    }

    #[test]
    fn hours_add_up_and_a_turn_beside_others_is_one() {
        let shifts = [
            shift(0, 8, &["ana"]),
            shift(8, 9, &["ana", "bo"]),
            shift(9, 10, &[]),
            shift(10, 12, &["ana"]),
        ];
        let found = served(&shifts);
        let hours = |name| (found[name].time.num_hours(), found[name].turns);
        assert_eq!((hours("ana"), hours("bo")), ((11, 2), (1, 1)));
    }

    #[test]
    fn who_is_in_both_is_found_with_the_time() {
        let first = [shift(0, 8, &["ana"]), shift(8, 16, &["bo"])];
        let second = [
            shift(0, 4, &["ana"]),
            shift(4, 10, &["ana", "bo"]),
            shift(10, 16, &["cy"]),
        ];
        let hours: Vec<_> = together(&first, &second)
            .into_iter()
            .map(|(who, from, to)| (who, from.timestamp() / 3600, to.timestamp() / 3600))
            .collect();
        assert_eq!(hours, [("ana", 0, 8), ("bo", 8, 10)]);
    }
}
