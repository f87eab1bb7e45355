//! `@name`: whom somebody's words speak to.

use crate::ids::PersonId;
use crate::people::Person;
use std::collections::BTreeMap;

/// What people are called after an `@`: their whole name, the first word of it where only one has it, and their address up to its `@`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// In lower case, the longest first.
    called: Vec<(String, PersonId)>,
}

impl Names {
    pub fn of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Self {
        let mut called: BTreeMap<String, Option<PersonId>> = BTreeMap::new();
        for person in people {
            let name = person.name.to_lowercase();
            let first = name.split_whitespace().next().unwrap_or_default().to_owned();
            let email = person.email.to_lowercase();
            let local = email.split('@').next().unwrap_or_default().to_owned();
            for word in [name, first, local] {
                if word.chars().count() < 2 {
                    continue;
                }
                called
                    .entry(word)
                    // What two are called names neither.
                    .and_modify(|id| *id = id.filter(|id| *id == person.id))
                    .or_insert(Some(person.id));
            }
        }
        let mut called: Vec<(String, PersonId)> = called
            .into_iter()
            .filter_map(|(word, id)| Some((word, id?)))
            .collect();
        called.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { called }
    }

    /// Whom a text names and where, in its order: begin and end in bytes, with the `@`.
    pub fn found_in(&self, text: &str) -> Vec<(usize, usize, PersonId)> {
        let mut found = Vec::new();
        let mut end = 0;
        for (at, _) in text.match_indices('@') {
            let before = text[..at].chars().next_back();
            if at < end || before.is_some_and(is_of_a_word) {
                continue;
            }
            let tail = &text[at + 1..];
            let named = self.called.iter().find_map(|(word, id)| {
                let length = length_of(word, tail)?;
                ends_there(&tail[length..]).then_some((length, *id))
            });
            if let Some((length, id)) = named {
                end = at + 1 + length;
                found.push((at, end, id));
            }
        }
        found
    }
}

const fn is_joint(letter: char) -> bool {
    matches!(letter, '.' | '-' | '_' | '+' | '@')
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_joint(letter)
}

/// How much of the text says this word, in whatever case.
fn length_of(word: &str, text: &str) -> Option<usize> {
    let mut rest = text.char_indices();
    let mut letters = word.chars();
    let mut length = 0;
    while let Some(letter) = letters.next() {
        let (at, written) = rest.next()?;
        let mut lower = written.to_lowercase();
        if lower.next() != Some(letter) {
            return None;
        }
        // Some letters become two.
        for more in lower {
            if letters.next() != Some(more) {
                return None;
            }
        }
        length = at + written.len_utf8();
    }
    Some(length)
}

/// Whether a word is over: `@ana.` ends a sentence, `@ana.b` goes on.
fn ends_there(rest: &str) -> bool {
    let mut letters = rest.chars();
    match letters.next() {
        Some(joint) if is_joint(joint) => !letters.next().is_some_and(char::is_alphanumeric),
        next => !next.is_some_and(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Role;
    use chrono::DateTime;
    use uuid::Uuid;

    fn person(id: u128, name: &str, email: &str) -> Person {
        Person {
            id: PersonId(Uuid::from_u128(id)),
            email: email.to_owned(),
            name: name.to_owned(),
            role: Role::Responder,
            time_zone: "UTC".to_owned(),
            created_at: DateTime::UNIX_EPOCH,
            deactivated_at: None,
        }
    }

    #[test]
    fn people_are_named_as_one_would_name_them() {
        let people = [
            person(1, "Ana Brandt", "ana@example.com"),
            person(2, "Bo Ek", "bo.ek@example.com"),
            person(3, "Chris Ray", "chris@example.com"),
            person(4, "Chris Ode", "c.ode@example.com"),
            person(5, "Íris Ólafs", "iris@example.com"),
        ];
        let names = Names::of(&people);
        for (text, expected) in [
            ("@ana look", vec!["@ana 1"]),
            ("(@Ana Brandt) and @BO.EK, too", vec!["@Ana Brandt 1", "@BO.EK 2"]),
            ("@bo. Then", vec!["@bo 2"]),
            ("@ana's turn", vec!["@ana 1"]),
            ("@íris and @IRIS", vec!["@íris 5", "@IRIS 5"]),
            ("@Chris Ode @c.ode", vec!["@Chris Ode 4", "@c.ode 4"]),
            ("@anastasia @ana.b @ana-b @nobody @ @@ana", vec![]),
            ("mail ana@ana or x@ana.example", vec![]),
        ] {
            let found = names.found_in(text);
            let told: Vec<String> = found
                .into_iter()
                .map(|(from, to, id)| format!("{} {}", &text[from..to], id.0.as_u128()))
                .collect();
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn what_two_are_called_names_neither() {
        let people = [
            person(3, "Chris Ray", "ray@example.com"),
            person(4, "Chris Ode", "ode@example.com"),
        ];
        let names = Names::of(&people);
        assert!(names.found_in("@chris").is_empty());
        assert_eq!(names.found_in("@chris ode").len(), 1);
        assert_eq!(names.found_in("@ray and @ode").len(), 2);
    }
}
