//! People, their roles and what a role allows.

pub mod tints;

use crate::ids::{PersonId, TeamId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// What a person may do at all; membership of a team says where.
    pub enum Role {
        Administrator = "administrator",
        Responder = "responder",
        Observer = "observer",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Person {
    pub id: PersonId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// IANA name, for example `Europe/Berlin`.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
}

impl Person {
    /// Up to two letters for the round badge beside a name.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// Up to two letters of a name, in upper case: “Lena Okafor” is “LO”.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// A browser as a person would name it: “Firefox on Windows”. Browsers pretend to be each other, so the order counts, and what is
/// built on Chrome and does not say so is called Chrome.
pub fn browser(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi", "Vivaldi"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        let mut found = names.iter().filter(|(mark, _)| user_agent.contains(mark));
        found.next().map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "A browser or program".to_owned(),
    }
}

/// What somebody asks for; see [`allows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Read,
    /// Acknowledge, note, escalate, resolve …: help at 3 am is never refused to a responder.
    ActOnIncident,
    WritePostmortem,
    /// Services, integrations, schedules, policies and backlog of a team.
    ChangeTeam(TeamId),
    /// People, teams, mail.
    Administer,
}

/// Whether a person with this role, who is a member of `teams`, has this permission.
pub fn allows(role: Role, teams: &[TeamId], permission: Permission) -> bool {
    match (role, permission) {
        (Role::Administrator, _) | (_, Permission::Read) => true,
        (Role::Responder, Permission::ActOnIncident | Permission::WritePostmortem) => true,
        (Role::Responder, Permission::ChangeTeam(team)) => teams.contains(&team),
        (Role::Responder, Permission::Administer) | (Role::Observer, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn rights_follow_role_and_membership() {
        let ours = TeamId(Uuid::from_u128(1));
        let theirs = TeamId(Uuid::from_u128(2));
        for (role, permission, allowed) in [
            (Role::Administrator, Permission::Administer, true),
            (Role::Administrator, Permission::ChangeTeam(theirs), true),
            (Role::Responder, Permission::ActOnIncident, true),
            (Role::Responder, Permission::ChangeTeam(ours), true),
            (Role::Responder, Permission::ChangeTeam(theirs), false),
            (Role::Responder, Permission::Administer, false),
            (Role::Observer, Permission::Read, true),
            (Role::Observer, Permission::ActOnIncident, false),
            (Role::Observer, Permission::WritePostmortem, false),
        ] {
            assert_eq!(
                allows(role, &[ours], permission),
                allowed,
                "{role} {permission:?}"
            );
        }
    }

    #[test]
    fn browsers_are_named_as_people_name_them() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
                "Firefox on Android",
            ),
            ("curl/8.9", "A browser or program"),
            ("", "A browser or program"),
        ] {
            assert_eq!(browser(user_agent), expected, "{user_agent}");
        }
    }

    #[test]
    fn initials_are_first_and_last() {
        for (name, expected) in [
            ("Lena Okafor", "LO"),
            ("Ana María del Río", "AR"),
            ("bo", "B"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}
