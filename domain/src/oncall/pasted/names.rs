//! Whom a cell names.

use super::fault::RowFault;
use crate::ids::PersonId;
use crate::people::{Person, Role};

/// How alike two names are that may be meant for each other, from nought to one.
const ALIKE: f64 = 0.6;
const MOST_NEAR: usize = 3;

/// Everybody in a cell, and what is wrong with those who were not found.
pub(super) fn all_in(cell: &str, people: &[Person]) -> (Vec<PersonId>, Vec<RowFault>) {
    // An address may have a plus in it.
    if let Ok(person) = find(cell, people) {
        return (vec![person], Vec::new());
    }
    let mut found: Vec<PersonId> = Vec::new();
    let mut faults = Vec::new();
    for name in cell
        .split(['+', '&', '\n'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        match find(name, people) {
            Ok(person) if found.contains(&person) => {}
            Ok(person) => found.push(person),
            Err(fault) => faults.push(fault),
        }
    }
    if found.is_empty() && faults.is_empty() {
        faults.push(RowFault::NoName);
    }
    (found, faults)
}

fn normal(name: &str) -> String {
    let name = name.trim().trim_start_matches('@').to_lowercase();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// By the whole name, the address, what stands before its `@`, or a word of the name, as far as only one is called so.
fn find(said: &str, people: &[Person]) -> Result<PersonId, RowFault> {
    let name = normal(said);
    let is_called: [fn(&Person, &str) -> bool; 4] = [
        |person, name| normal(&person.name) == name,
        |person, name| person.email.to_lowercase() == name,
        |person, name| person.email.to_lowercase().split('@').next() == Some(name),
        |person, name| normal(&person.name).split(' ').any(|word| word == name),
    ];
    let able: Vec<&Person> = people.iter().filter(|person| refusal(person).is_none()).collect();
    for is_called in is_called {
        let mut called = able.iter().filter(|person| is_called(person, &name));
        match (called.next(), called.next()) {
            (Some(person), None) => return Ok(person.id),
            (Some(one), Some(other)) => {
                let more = called.map(|person| whole(person));
                let names = [whole(one), whole(other)].into_iter().chain(more);
                return Err(RowFault::SeveralCalled {
                    name: said.to_owned(),
                    whom: names.take(MOST_NEAR).collect(),
                });
            }
            (None, _) => {}
        }
    }
    let unable = people.iter().find_map(|person| {
        let refusal = refusal(person)?;
        is_called
            .iter()
            .any(|is_called| is_called(person, &name))
            .then_some(refusal)
    });
    Err(unable.unwrap_or_else(|| RowFault::Unknown(said.to_owned(), near(&name, &able))))
}

/// Why somebody is not put on call.
fn refusal(person: &Person) -> Option<RowFault> {
    if person.deactivated_at.is_some() {
        Some(RowFault::Gone(person.name.clone()))
    } else if person.role == Role::Observer {
        Some(RowFault::Observes(person.name.clone()))
    } else {
        None
    }
}

fn whole(person: &Person) -> String {
    format!("{} ({})", person.name, person.email)
}

/// Names that may have been meant, the likeliest first.
fn near(name: &str, people: &[&Person]) -> Vec<String> {
    let alike = |person: &Person| {
        let called = normal(&person.name);
        let words = called.split(' ').chain([called.as_str()]);
        words
            .map(|word| strsim::normalized_damerau_levenshtein(word, name))
            .fold(0.0, f64::max)
    };
    let mut near: Vec<_> = people
        .iter()
        .map(|person| (alike(person), &person.name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    near.into_iter()
        .take(MOST_NEAR)
        .map(|(_, name)| name.clone())
        .collect()
}
