//! Notes of one person that arrive within minutes of each other are told together, as the page that the server makes tells them.

use web_sys::Element;

/// As `domain::incidents::timeline::TOGETHER_WITHIN`; here without the rest of `domain`, which is heavy.
const TOGETHER_WITHIN: i64 = 5 * 60;

/// After `row` came or changed: whether it goes on with the one above, and the one below with it.
pub fn tell_together(row: &Element) {
    for row in std::iter::once(row.clone()).chain(row.next_element_sibling()) {
        let above = row.previous_element_sibling();
        let continues = above.is_some_and(|above| continues(note_of(&row), note_of(&above)));
        let _ = row.class_list().toggle_with_force("continues", continues);
    }
}

/// Who wrote it, and when in Unix seconds; of notes only.
type Note = (String, i64);

fn note_of(row: &Element) -> Option<Note> {
    let at = row.get_attribute("data-at")?.parse().ok()?;
    Some((row.get_attribute("data-by")?, at))
}

fn continues(note: Option<Note>, above: Option<Note>) -> bool {
    note.zip(above)
        .is_some_and(|((by, at), (other, above))| by == other && (at - above).abs() <= TOGETHER_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::{Note, TOGETHER_WITHIN, continues};

    #[test]
    fn browser_and_server_tell_the_same_notes_together() {
        assert_eq!(TOGETHER_WITHIN, domain::incidents::timeline::TOGETHER_WITHIN);
        let note = |by: &str, at: i64| -> Option<Note> { Some((by.to_owned(), at)) };
        for (below, above, expected) in [
            (note("ana", 0), note("ana", 60), true),
            (note("ana", 60), note("ana", 0), true),
            (note("ana", 0), note("ana", 300), true),
            (note("ana", 0), note("ana", 301), false),
            (note("ana", 0), note("bo", 60), false),
            (note("ana", 0), None, false),
            (None, note("ana", 0), false),
            (None, None, false),
        ] {
            assert_eq!(
                continues(below.clone(), above.clone()),
                expected,
                "{below:?} below {above:?}"
            );
        }
    }
}
