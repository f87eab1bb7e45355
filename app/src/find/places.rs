//! Pages that can be found by what they are for.

use crate::settings::places as settings;
use engine::incidents::search::words_of;

/// A page, and the words somebody may look for it by beside its title and sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub title: &'static str,
    pub sentence: &'static str,
    pub href: &'static str,
    pub words: &'static str,
}

const PAGES: [Place; 9] = [
    Place {
        title: "Home",
        sentence: "What is open, and what waits for you",
        href: "/",
        words: "start overview dashboard",
    },
    Place {
        title: "Incidents",
        sentence: "All incidents, open first",
        href: "/incidents",
        words: "list",
    },
    Place {
        title: "Open an incident",
        sentence: "Say what is broken, when no alert did",
        href: "/incidents/new",
        words: "new declare report create",
    },
    Place {
        title: "On call",
        sentence: "Who has the pager now and next",
        href: "/on-call",
        words: "pager schedule rotation shift",
    },
    Place {
        title: "Postmortems",
        sentence: "What was learned",
        href: "/postmortems",
        words: "review retrospective",
    },
    Place {
        title: "Backlog",
        sentence: "What was promised, by team",
        href: "/backlog",
        words: "action items board",
    },
    Place {
        title: "Mails to you",
        sentence: "Every mail that Kintsugi wrote to you",
        href: "/mail",
        words: "inbox pages",
    },
    Place {
        title: "Settings",
        sentence: "You, people, teams, schedules, mail",
        href: "/settings",
        words: "configure preferences",
    },
    Place {
        title: "Shortcuts",
        sentence: "What the keys do, and how to turn them off",
        href: "/shortcuts",
        words: "keyboard keys help",
    },
];

/// The places to offer to somebody who has not asked yet.
pub fn main() -> impl Iterator<Item = Place> {
    PAGES.into_iter().take(6)
}

/// The places that hold all the words, each as a beginning: those whose title does, first.
pub fn fitting(asked: &str) -> Vec<Place> {
    if words_of(asked).is_empty() {
        return Vec::new();
    }
    let (mut first, then): (Vec<Place>, Vec<Place>) = PAGES
        .into_iter()
        .chain(settings::all())
        .filter(|place| fits(place, asked))
        .partition(|place| begins(place.title, asked));
    first.extend(then);
    first
}

/// Whether all the words begin words of the place; no words fit everything.
pub fn fits(place: &Place, asked: &str) -> bool {
    begins(
        &format!("{} {} {}", place.title, place.sentence, place.words),
        asked,
    )
}

fn begins(text: &str, asked: &str) -> bool {
    let among = words_of(text);
    words_of(asked)
        .iter()
        .all(|word| among.iter().any(|other| other.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_what_they_are_for() {
        for (asked, title) in [
            ("time zone", "Name and time zone"),
            ("smtp", "Mail"),
            ("backlog", "Backlog"),
            ("dark", "Theme"),
            ("invite", "Invite somebody"),
            ("new incident", "Open an incident"),
        ] {
            let found = fitting(asked);
            assert!(
                found.iter().any(|place| place.title == title),
                "{asked}: {found:?}"
            );
        }
        assert!(fitting("").is_empty() && fitting("no such place").is_empty());
    }
}
