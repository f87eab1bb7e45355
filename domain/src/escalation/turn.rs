//! Whose turn it is where people are paged one after the other.

/// Of these people, the one after whoever was paged last and stood at a place. Whoever left makes room: who stands there now is next.
/// `None` of nobody.
pub fn in_turn<P: PartialEq>(people: &[P], last: Option<(&P, usize)>) -> Option<usize> {
    if people.is_empty() {
        return None;
    }
    let next = last.map_or(0, |(last, place)| {
        let stands = people.iter().position(|person| person == last);
        stands.map_or(place, |stands| stands + 1)
    });
    Some(next % people.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_one_is_after_whoever_was_last_also_when_they_left() {
        for (people, last, next) in [
            (&["ana", "bo", "cy"][..], None, Some("ana")),
            (&["ana", "bo", "cy"], Some(("ana", 0)), Some("bo")),
            (&["ana", "bo", "cy"], Some(("cy", 2)), Some("ana")),
            // Bo left after her turn: Cy stands where she stood.
            (&["ana", "cy"], Some(("bo", 1)), Some("cy")),
            // The last one in the list left: it begins again.
            (&["ana", "bo"], Some(("cy", 2)), Some("ana")),
            // Others came in before Bo: it is who stands after her.
            (&["dee", "ana", "bo", "cy"], Some(("bo", 1)), Some("cy")),
            (&["ana"], Some(("ana", 0)), Some("ana")),
            (&[], Some(("ana", 0)), None),
        ] {
            let found = in_turn(people, last.as_ref().map(|(who, place)| (who, *place)));
            assert_eq!(found.map(|at| people[at]), next, "{people:?} after {last:?}");
        }
    }
}
