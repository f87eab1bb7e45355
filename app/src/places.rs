//! Pages that can be found by what they are for.

pub mod on_call;
pub mod settings;

use domain::people::{Permission, Role, allows};
use engine::incidents::search::words_of;

/// A page, and the words somebody may look for it by beside its title and sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub title: &'static str,
    pub sentence: &'static str,
    pub href: &'static str,
    pub words: &'static str,
    /// What one has to be allowed to do there; nobody else is led to it.
    pub permission: Permission,
}

pub(crate) const fn page(
    title: &'static str,
    sentence: &'static str,
    href: &'static str,
    words: &'static str,
    permission: Permission,
) -> Place {
    Place {
        title,
        sentence,
        href,
        words,
        permission,
    }
}

const PAGES: [Place; 10] = [
    page(
        "Home",
        "What is open, and what waits for you",
        "/",
        "start overview dashboard",
        Permission::Read,
    ),
    page(
        "Incidents",
        "All incidents, open first",
        "/incidents",
        "list",
        Permission::Read,
    ),
    page(
        "Open an incident",
        "Say what is broken, when no alert did",
        "/incidents/new",
        "new declare report create",
        Permission::ActOnIncident,
    ),
    page(
        "On call",
        "Who has the pager now and next",
        "/on-call",
        "pager schedule rotation shift",
        Permission::Read,
    ),
    page(
        "Postmortems",
        "What was learned",
        "/postmortems",
        "review retrospective",
        Permission::Read,
    ),
    page(
        "What came back",
        "Factors that were met again, and what was promised about them",
        "/learning",
        "learning factors recurrence repeat",
        Permission::Read,
    ),
    page(
        "Backlog",
        "What was promised, by team",
        "/backlog",
        "action items board",
        Permission::Read,
    ),
    page(
        "Mails to you",
        "Every mail that Kintsugi wrote to you",
        "/mail",
        "inbox pages",
        Permission::Read,
    ),
    page(
        "Settings",
        "You, people, teams, schedules, mail",
        "/settings",
        "configure preferences",
        Permission::Read,
    ),
    page(
        "Shortcuts",
        "What the keys do, and how to turn them off",
        "/shortcuts",
        "keyboard keys help",
        Permission::Read,
    ),
];

/// The places to offer to somebody who has not asked yet.
pub fn main(role: Role) -> impl Iterator<Item = Place> {
    PAGES.into_iter().take(6).filter(move |place| place.is_for(role))
}

/// The places for this role that hold all the words, each as a beginning: those whose title does, first.
pub fn fitting(asked: &str, role: Role) -> Vec<Place> {
    if words_of(asked).is_empty() {
        return Vec::new();
    }
    let (mut first, then): (Vec<Place>, Vec<Place>) = PAGES
        .into_iter()
        .chain(on_call::PAGES)
        .chain(settings::all())
        .filter(|place| place.is_for(role) && fits(place, asked))
        .partition(|place| begins(place.title, asked));
    first.extend(then);
    first
}

impl Place {
    pub fn is_for(&self, role: Role) -> bool {
        allows(role, &[], self.permission)
    }
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
            ("override", "Overrides"),
            ("swap", "Cover and swaps"),
            ("calendar", "On-call calendar"),
            ("calendar", "Calendar feeds"),
            ("holiday", "Holidays"),
            ("holidays", "Absence"),
            ("vacation", "Cover and swaps"),
            ("notification", "Which mails you get"),
            ("token", "Integrations"),
            ("api key", "Integrations"),
            ("shadow", "Overrides"),
            ("gap", "Readiness"),
        ] {
            let found = fitting(asked, Role::Administrator);
            assert!(
                found.iter().any(|place| place.title == title),
                "{asked}: {found:?}"
            );
        }
        assert!(fitting("", Role::Administrator).is_empty());
        assert!(fitting("no such place", Role::Administrator).is_empty());
    }

    #[test]
    fn nobody_is_led_to_what_they_may_not_do() {
        for (asked, href, least) in [
            ("the pager", "/settings/pager", Role::Administrator),
            ("invite", "/settings/people#invite", Role::Administrator),
            ("open an incident", "/incidents/new", Role::Responder),
        ] {
            let is_found = |role| fitting(asked, role).iter().any(|place| place.href == href);
            assert!(is_found(least) && !is_found(Role::Observer), "{asked}");
        }
        assert!(main(Role::Observer).all(|place| place.href != "/incidents/new"));
    }
}
