//! Which of the few tints somebody's badge has: people of one team are told apart as far as there are tints.

use crate::ids::{PersonId, TeamId};
use std::collections::BTreeMap;

/// So many tints are there.
pub const TINTS: usize = 5;

/// Everybody's tint, from those who were here first: whoever comes later takes none from them. A person gets one that is
/// had least within their teams, a small team's people before a large one's, since there all of them are had already.
pub fn tints(people: &[(PersonId, Vec<TeamId>)]) -> BTreeMap<PersonId, usize> {
    let mut had = [0_usize; TINTS];
    let mut had_within: BTreeMap<TeamId, [usize; TINTS]> = BTreeMap::new();
    let mut tints = BTreeMap::new();
    for (person, teams) in people {
        let clashes = |tint: usize| -> usize {
            let within = teams.iter().filter_map(|team| had_within.get(team));
            within.map(|had| above_least(had, tint)).sum()
        };
        let tint = (0..TINTS).min_by_key(|tint| (clashes(*tint), had[*tint], *tint));
        let tint = tint.unwrap_or_default();
        had[tint] += 1;
        for team in teams {
            had_within.entry(*team).or_default()[tint] += 1;
        }
        tints.insert(*person, tint);
    }
    tints
}

/// How many more have this tint than have the one that fewest have.
fn above_least(had: &[usize; TINTS], tint: usize) -> usize {
    had[tint] - had.iter().min().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    fn person(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    /// People by their number, each in these teams.
    fn people(teams: &[&[u128]]) -> Vec<(PersonId, Vec<TeamId>)> {
        let in_teams = |teams: &[u128]| teams.iter().map(|team| TeamId(Uuid::from_u128(*team))).collect();
        (0..)
            .zip(teams)
            .map(|(number, teams)| (person(number), in_teams(teams)))
            .collect()
    }

    fn told(teams: &[&[u128]]) -> Vec<usize> {
        tints(&people(teams)).into_values().collect()
    }

    #[test]
    fn people_of_a_team_differ_as_far_as_there_are_tints() {
        for (what, teams, expected) in [
            ("nobody", vec![], vec![]),
            ("one team", vec![&[1][..]; 5], vec![0, 1, 2, 3, 4]),
            (
                "more than there are tints",
                vec![&[1][..]; 7],
                vec![0, 1, 2, 3, 4, 0, 1],
            ),
            (
                "between two teams",
                vec![&[1], &[2], &[1], &[2], &[1, 2]],
                vec![0, 1, 2, 3, 4],
            ),
            ("of no team", vec![&[], &[], &[1], &[1]], vec![0, 1, 2, 3]),
            (
                "others came between them",
                vec![&[1], &[], &[], &[], &[], &[1]],
                vec![0, 1, 2, 3, 4, 1],
            ),
            (
                "a large team and a small one",
                vec![&[1], &[1], &[1], &[1], &[1], &[2], &[1, 2]],
                vec![0, 1, 2, 3, 4, 0, 1],
            ),
        ] {
            assert_eq!(told(&teams), expected, "{what}");
        }
    }

    #[test]
    fn a_team_of_any_size_has_each_tint_as_often_as_the_others() {
        let of_one: Vec<&[u128]> = (0..23).map(|_| &[1_u128][..]).collect();
        let tints = told(&of_one);
        let often = |tint| tints.iter().filter(|had| **had == tint).count();
        let times: BTreeSet<usize> = (0..TINTS).map(often).collect();
        assert_eq!(times, BTreeSet::from([4, 5]));
    }

    #[test]
    fn whoever_comes_later_takes_nobodys_tint() {
        let before = tints(&people(&[&[1], &[2], &[1, 2]]));
        let after = tints(&people(&[&[1], &[2], &[1, 2], &[2], &[1]]));
        for (person, tint) in before {
            assert_eq!(after[&person], tint);
        }
    }
}
