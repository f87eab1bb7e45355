//! What the files of `company` say.

use crate::NoDemo;
use crate::span::Span;
use crate::story::Story;
use chrono::Weekday;
use domain::Severity;
use domain::oncall::TimeOfDay;
use domain::people::Role;
use domain::teams::IntegrationKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

const HOUSE: &str = include_str!("../company/house.toml");
const UNDER_WAY: &str = include_str!("../company/under-way.toml");
const INCIDENTS: [(&str, &str); 3] = [
    (
        "incidents/great.toml",
        include_str!("../company/incidents/great.toml"),
    ),
    (
        "incidents/middling.toml",
        include_str!("../company/incidents/middling.toml"),
    ),
    (
        "incidents/small.toml",
        include_str!("../company/incidents/small.toml"),
    ),
];

const EXTREMES: &str = include_str!("../company/extremes.toml");

/// The whole company and what happened to it.
#[derive(Clone, Debug)]
pub struct Company {
    pub house: House,
    /// What has happened, in the order of the files.
    pub incidents: Vec<Story>,
    /// What happens while one watches, one after the other and then from the first again.
    pub under_way: Vec<Story>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    /// What addresses of mail end with.
    pub domain: String,
    pub administrator: String,
    pub observer: String,
    /// The team whose on-call is paged by what is under way.
    pub watched_team: String,
    pub people: Vec<Person>,
    pub teams: Vec<Team>,
    pub services: Vec<Service>,
    pub overrides: Vec<Override>,
    pub rotas: Vec<Rota>,
    pub habits: Habits,
}

/// What teams have come to by today; teams by their keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habits {
    /// Whoever comes on call is told.
    pub tells_hand_offs: Vec<String>,
    /// Others may see who is on call.
    pub shown: Vec<String>,
    pub load_with_names: Vec<String>,
    pub note: NoteLeft,
    pub nights: Nights,
    pub away: Away,
    pub holidays: Holidays,
    pub shadow: Shadow,
    pub untaken: Untaken,
}

/// By a calendar of theirs: from so many days ahead to so many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    pub person: String,
    pub from: Span,
    pub to: Span,
}

/// Somebody who learns by going along with a team's schedule, from so many days ahead to so many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    pub person: String,
    pub team: String,
    pub from: Span,
    pub to: Span,
}

/// Whoever is on call so many days ahead asks to be covered for, for so long, and nobody has taken it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untaken {
    pub team: String,
    pub from: Span,
    pub lasts: Span,
    pub note: String,
}

/// By a calendar of the team.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    pub team: String,
    pub days: BTreeMap<Span, String>,
}

/// For whoever has the pager next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteLeft {
    pub team: String,
    pub text: String,
}

/// A policy of its own for some hours of each day: whoever is on call, then the lead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nights {
    pub team: String,
    pub name: String,
    pub from: TimeOfDay,
    pub to: TimeOfDay,
    /// How long an acknowledgement holds.
    pub holds: Span,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub key: String,
    pub name: String,
    pub role: Role,
    pub zone: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub key: String,
    pub name: String,
    pub lead: String,
    /// In the order of the rotation.
    pub rotation: Vec<String>,
    /// Members who carry no pager.
    #[serde(default)]
    pub others: Vec<String>,
    pub zone: String,
    pub hand_off: Weekday,
    /// How long each step of the policy waits: who is on call, the second line, the lead.
    pub waits: [Span; 3],
    #[serde(default)]
    pub repeats: i64,
    /// How many cards a column of the board should hold at most, by its name.
    #[serde(default)]
    pub limits: Vec<(String, i64)>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub key: String,
    pub name: String,
    pub team: String,
    #[serde(default)]
    pub pages_from: Option<Severity>,
    /// False: nobody is paged for it by a policy.
    #[serde(default = "yes")]
    pub has_policy: bool,
    #[serde(default = "yes")]
    pub resolves_with_alerts: bool,
    /// Ways in besides Alertmanager.
    #[serde(default)]
    pub integrations: Vec<IntegrationKind>,
}

/// Somebody has the pager for somebody else, from … to, in days from today.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub team: String,
    pub by: String,
    pub person: String,
    pub from: Span,
    pub to: Span,
}

/// A schedule beside those that policies name, as docs/on-call.md has them; people by their keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rota {
    pub team: String,
    pub name: String,
    pub json: String,
    /// A gap that is meant, in days from today.
    pub gap: Option<(Span, Span)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stories {
    incident: Vec<Story>,
}

/// What is rarely seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extremes {
    people: Vec<Person>,
    teams: Vec<Team>,
    services: Vec<Service>,
    incident: Vec<Story>,
}

fn yes() -> bool {
    true
}

impl Company {
    /// Reads the files, with what is rarely seen where that is wanted.
    ///
    /// # Errors
    /// [`NoDemo::File`]
    pub fn read(with_extremes: bool) -> Result<Self, NoDemo> {
        let mut incidents = Vec::new();
        for (file, text) in INCIDENTS {
            incidents.extend(from_toml::<Stories>(file, text)?.incident);
        }
        let mut house: House = from_toml("house.toml", HOUSE)?;
        if with_extremes {
            let extremes: Extremes = from_toml("extremes.toml", EXTREMES)?;
            house.people.extend(extremes.people);
            house.teams.extend(extremes.teams);
            house.services.extend(extremes.services);
            incidents.extend(extremes.incident);
        }
        Ok(Self {
            house,
            incidents,
            under_way: from_toml::<Stories>("under-way.toml", UNDER_WAY)?.incident,
        })
    }
}

fn from_toml<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, NoDemo> {
    toml::from_str(text).map_err(|source| NoDemo::File {
        file,
        source: Box::new(source),
    })
}
