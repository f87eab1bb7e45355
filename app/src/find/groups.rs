//! What was found, sorted into groups of rows that look alike.

use crate::address::encoded;
use crate::places::{self, Place};
use domain::Severity;
use domain::find::Kind;
use domain::incidents::State;
use domain::people::Role;
use engine::find::{Found, Named};
use engine::incidents::Listed;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

/// One thing that was found, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub href: String,
    pub mark: Mark,
    /// “INC-142”, where it has a number.
    pub label: Option<String>,
    pub name: String,
    pub beside: String,
}

/// What stands before the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Incident(Severity, State),
    Person(Uuid),
    Named(Kind),
    Place,
}

/// Pages stand after what people made, unless nothing else was asked for.
pub fn groups(found: Found, asked: &str, most: usize, reader: Role) -> Vec<Group> {
    let mut groups = vec![Group {
        title: if asked.trim().is_empty() {
            "Open now"
        } else {
            "Incidents"
        },
        rows: found.incidents.iter().map(incident).collect(),
    }];
    for kind in Kind::ALL {
        groups.push(Group {
            title: heading(*kind),
            rows: found.of(*kind).map(named).collect(),
        });
    }
    let places: Vec<Place> = if asked.trim().is_empty() {
        places::main(reader).collect()
    } else {
        places::fitting(asked, reader)
    };
    groups.push(Group {
        title: "Pages and settings",
        rows: places.into_iter().take(most.max(6)).map(place).collect(),
    });
    groups.retain(|group| !group.rows.is_empty());
    groups
}

const fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "Services",
        Kind::Postmortem => "Postmortems",
        Kind::ActionItem => "Action items",
        Kind::Person => "People",
        Kind::Team => "Teams",
        Kind::Schedule => "Schedules",
        Kind::Policy => "Escalation policies",
    }
}

fn incident(listed: &Listed) -> Row {
    let incident = &listed.incident;
    Row {
        href: format!("/incidents/{}", incident.number),
        mark: Mark::Incident(incident.severity, incident.state),
        label: Some(incident.label()),
        name: incident.title.clone(),
        beside: listed.services.clone(),
    }
}

fn named(named: &Named) -> Row {
    let id = named.id.unwrap_or_default();
    let (href, label) = match named.kind {
        Kind::Service => (encoded(&format!("/settings/services/{}", named.slug)), None),
        Kind::Team => (encoded(&format!("/settings/teams/{}", named.slug)), None),
        Kind::Person => (format!("/settings/people/{id}"), None),
        Kind::Schedule => (format!("/settings/schedules/{id}"), None),
        Kind::Policy => (format!("/settings/policies/{id}"), None),
        Kind::Postmortem => (
            format!("/incidents/{}/postmortem", named.number),
            Some(format!("INC-{}", named.number)),
        ),
        Kind::ActionItem => (
            format!("/action-items/{}", named.number),
            Some(format!("ACT-{}", named.number)),
        ),
    };
    Row {
        href,
        mark: match named.kind {
            Kind::Person => Mark::Person(id),
            kind => Mark::Named(kind),
        },
        label,
        name: named.name.clone(),
        beside: match named.kind {
            Kind::Postmortem | Kind::ActionItem => named.beside.replace('_', " "),
            _ => named.beside.clone(),
        },
    }
}

fn place(place: Place) -> Row {
    Row {
        href: place.href.to_owned(),
        mark: Mark::Place,
        label: None,
        name: place.title.to_owned(),
        beside: place.sentence.to_owned(),
    }
}
