//! Everything that can be set, with a sentence for each: the overview shows it, and it is found from anywhere.

use super::{Place, page};
use domain::people::Permission;

pub struct Group {
    pub title: &'static str,
    pub places: &'static [Place],
}

const fn place(
    title: &'static str,
    sentence: &'static str,
    href: &'static str,
    words: &'static str,
) -> Place {
    page(title, sentence, href, words, Permission::Read)
}

pub const GROUPS: [Group; 4] = [
    Group {
        title: "You",
        places: &[
            place(
                "Name and time zone",
                "How others see you, and the zone your times are shown in.",
                "/settings/profile",
                "profile account timezone clock",
            ),
            place(
                "Theme",
                "Light, dark, or as the system says; for this browser.",
                "/settings/profile#theme",
                "appearance colour color night day",
            ),
            place(
                "Password",
                "Change the password that you log in with.",
                "/settings/profile#password",
                "log-in login security",
            ),
            place(
                "Sessions",
                "Where you are logged in, and log out everywhere.",
                "/settings/profile#sessions",
                "devices browsers security log out",
            ),
            place(
                "Shortcuts",
                "What the keys do, and a switch for single keys.",
                "/shortcuts",
                "keyboard keys accessibility",
            ),
        ],
    },
    Group {
        title: "People and teams",
        places: &[
            place(
                "People",
                "Everybody who has an account, with role and time zone.",
                "/settings/people",
                "accounts members roles administrators",
            ),
            page(
                "Invite somebody",
                "Send a link to set a password and come in.",
                "/settings/people#invite",
                "new person account invitation add",
                Permission::Administer,
            ),
            place(
                "Teams and services",
                "Who belongs to which team, and what the team runs.",
                "/settings/teams",
                "members",
            ),
        ],
    },
    Group {
        title: "Who is paged",
        places: &[
            place(
                "Schedules",
                "Who is on call when: rotations, hand-offs and overrides.",
                "/settings/schedules",
                "rotation pager shifts weekly cover swap stand-in",
            ),
            place(
                "Escalation policies",
                "Who is paged first, and who next when nobody acknowledges.",
                "/settings/policies",
                "steps paging routing rules hours severity timeout",
            ),
        ],
    },
    Group {
        title: "In and out",
        places: &[
            place(
                "Integrations",
                "The ways in for alerts: each has a secret address, which is its token. There is no other API yet.",
                "/settings/teams",
                "alertmanager prometheus grafana pagerduty webhook json secret token api key alerts sources",
            ),
            place(
                "Mail",
                "The mail server, a test mail, and what could not be sent.",
                "/settings/mail",
                "smtp email e-mail sender test",
            ),
            page(
                "The pager",
                "Whether it can do its work, and how well it kept its promise; for administrators.",
                "/settings/pager",
                "health metrics outbox workers share uptime slo",
                Permission::Administer,
            ),
            page(
                "Audit log",
                "Who changed which setting, when, from where, and what it was before; for administrators.",
                "/settings/audit",
                "history changes log who changed csv",
                Permission::Administer,
            ),
        ],
    },
];

/// All of them, without their groups.
pub fn all() -> impl Iterator<Item = Place> {
    GROUPS.into_iter().flat_map(|group| group.places.iter().copied())
}
