//! A rotation with the same people in another order.

use std::collections::BTreeSet;

/// The turns of layers, for the next round, with those who come first in `order` first. What a turn is stays: nobody, one person, several
/// who are together each time, or one after the other beside the next. Layers that share people change alike, so that whoever had
/// different ones before has them then; layers that share none stay apart. Whoever is not in `order` comes last.
pub fn in_order<P: Clone + Ord>(layers: &[Vec<Vec<P>>], order: &[P]) -> Vec<Vec<Vec<P>>> {
    let mut found = layers.to_vec();
    for places in sharing(layers) {
        let turns: Vec<&Vec<P>> = places
            .iter()
            .filter_map(|place| layers.get(*place))
            .flatten()
            .collect();
        let before = units(&turns);
        let mut after = before.clone();
        after.sort_by_key(|unit| unit.iter().map(|person| place_in(order, person)).max());
        for place in places {
            for turn in found.get_mut(place).into_iter().flatten() {
                let people: BTreeSet<P> = turn.iter().cloned().collect();
                let within = before.iter().zip(&after);
                let within = within.filter(|(unit, _)| unit.iter().all(|person| people.contains(person)));
                let next: Vec<P> = within.flat_map(|(_, next)| next.iter().cloned()).collect();
                if next.iter().cloned().collect::<BTreeSet<P>>() != people {
                    *turn = next;
                }
            }
        }
    }
    found
}

fn place_in<P: PartialEq>(order: &[P], person: &P) -> usize {
    let found = order.iter().position(|other| other == person);
    found.unwrap_or(order.len())
}

/// Places of layers that have people in common, directly or by way of others.
fn sharing<P: Ord>(layers: &[Vec<Vec<P>>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<&P>, Vec<usize>)> = Vec::new();
    for (place, turns) in layers.iter().enumerate() {
        let mut people: BTreeSet<&P> = turns.iter().flatten().collect();
        let mut places = vec![place];
        let (with, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(others, _)| !others.is_disjoint(&people));
        for (others, before) in with {
            people.extend(others);
            places.extend(before);
        }
        places.sort_unstable();
        groups = apart;
        groups.push((people, places));
    }
    groups.into_iter().map(|(_, places)| places).collect()
}

/// What changes places: turns where nobody is in two different ones, else people; as they come.
fn units<P: Clone + Ord>(turns: &[&Vec<P>]) -> Vec<Vec<P>> {
    let mut sets: Vec<BTreeSet<&P>> = Vec::new();
    let mut whole: Vec<Vec<P>> = Vec::new();
    let mut each: Vec<Vec<P>> = Vec::new();
    let mut overlap = false;
    for turn in turns.iter().filter(|turn| !turn.is_empty()) {
        let set: BTreeSet<&P> = turn.iter().collect();
        if sets.contains(&set) {
            continue;
        }
        overlap |= sets.iter().any(|other| !other.is_disjoint(&set));
        for person in turn.iter() {
            if !each.iter().any(|other| other.first() == Some(person)) {
                each.push(vec![person.clone()]);
            }
        }
        sets.push(set);
        whole.push((*turn).clone());
    }
    if overlap { each } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Layers behind `|`, turns with blanks between them, `-` for nobody.
    fn read(text: &str) -> Vec<Vec<Vec<char>>> {
        let turn = |turn: &str| turn.chars().filter(|person| *person != '-').collect();
        let layers = text.split('|');
        layers
            .map(|layer| layer.split_whitespace().map(turn).collect())
            .collect()
    }

    #[test]
    fn the_same_rotation_goes_on_in_another_order() {
        for (before, order, after) in [
            ("a b c", "cab", "c a b"),
            ("a b c", "abc", "a b c"),
            ("a - b", "ba", "b - a"),
            // Whoever is not known comes last.
            ("a b n", "b", "b a n"),
            // A pair stays a pair, as late as the later of the two.
            ("ab c d", "acdb", "c d ab"),
            // A turn that is longer stays where it is.
            ("a b b b", "ba", "b a a a"),
            // Each beside the next one.
            ("ab bc ca", "cba", "cb ba ca"),
            // Whoever has the week has another weekend.
            ("a b c | c a b", "bca", "b c a | a b c"),
            // Berlin and Tokyo stay apart.
            ("a b | x y", "ybxa", "b a | y x"),
            ("", "a", ""),
        ] {
            let order: Vec<char> = order.chars().collect();
            assert_eq!(in_order(&read(before), &order), read(after), "{before}");
        }
    }
}
