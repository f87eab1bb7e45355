//! Names that may mean the same. That two are alike is a question to people, never an answer.

use std::collections::{BTreeMap, BTreeSet};
use strsim::sorensen_dice;

/// From here on two names are worth a question.
const ALIKE: f64 = 0.7;

/// A word shorter than this says nothing by itself.
const FEWEST_LETTERS: usize = 4;

/// A word that so many names have says nothing either, and to hold all of them against each other would take long.
const TOO_COMMON: usize = 100;

/// How alike two names are, from 0 to 1, whatever their case and the order of their words: by the pairs of letters that they share
/// (Dice 1945).
pub fn likeness(one: &str, other: &str) -> f64 {
    let (mut one, mut other) = (words(one), words(other));
    let as_they_stand = sorensen_dice(&one.join(" "), &other.join(" "));
    one.sort_unstable();
    other.sort_unstable();
    as_they_stand.max(sorensen_dice(&one.join(" "), &other.join(" ")))
}

/// Whether names of this [`likeness`] are worth a question.
pub const fn is_alike(likeness: f64) -> bool {
    likeness >= ALIKE
}

/// The pairs among these names that are worth a question, by their places, the most alike first.
pub fn lookalikes(names: &[&str]) -> Vec<(usize, usize)> {
    let mut with_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, name) in names.iter().enumerate() {
        for word in words(name).into_iter().collect::<BTreeSet<_>>() {
            if word.chars().count() >= FEWEST_LETTERS {
                with_word.entry(word).or_default().push(place);
            }
        }
    }
    let telling = with_word
        .into_values()
        .filter(|places| places.len() <= TOO_COMMON);
    let pairs: BTreeSet<(usize, usize)> = telling
        .flat_map(|places| {
            let pairs = places
                .iter()
                .enumerate()
                .flat_map(|(n, one)| places.iter().skip(n + 1).map(move |other| (*one, *other)));
            pairs.collect::<Vec<_>>()
        })
        .collect();
    let mut alike: Vec<(f64, (usize, usize))> = pairs
        .into_iter()
        .map(|(one, other)| (likeness(names[one], names[other]), (one, other)))
        .filter(|(likeness, _)| is_alike(*likeness))
        .collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    alike.into_iter().map(|(_, pair)| pair).collect()
}

fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_mean_the_same_are_told_from_those_that_do_not() {
        for (one, other, expected) in [
            (
                "No limit on a destructive tool",
                "No limits on destructive tools",
                true,
            ),
            ("Retry storm", "Retries storm", true),
            ("Connection pool too small", "Pool too small: connection", true),
            ("Wörter ohne Grenze", "wörter ohne grenze", true),
            ("Expired certificate", "Certificate expired", true),
            ("Connection pool too small", "Certificate expired", false),
            ("No limit on retries", "No alert on the queue", false),
            ("Database failover untested", "Database backup untested", false),
            ("", "", false),
        ] {
            assert_eq!(
                is_alike(likeness(one, other)) && !one.is_empty(),
                expected,
                "{one} / {other}: {}",
                likeness(one, other)
            );
        }
    }

    #[test]
    fn pairs_are_found_among_many_and_the_most_alike_stands_first() {
        let names = [
            "Retry storm",
            "Expired certificate",
            "Retries storm",
            "Certificate expired",
            "A disk",
        ];
        assert_eq!(lookalikes(&names), [(1, 3), (0, 2)]);
        let many: Vec<String> = (0..5_000).map(|n| format!("number {n:x} certificate")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(
            lookalikes(&many).is_empty(),
            "what all have in common tells nothing"
        );
    }
}
