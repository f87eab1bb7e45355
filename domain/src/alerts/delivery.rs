//! One request, read.

use super::{Status, text};
use crate::Severity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What one request tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertBatch {
    /// What one incident is made of: Alertmanager's receiver and group key; elsewhere the alert's own key.
    pub group: String,
    /// A title for the whole group, where it is more than one alert.
    pub group_title: Option<String>,
    /// In the order in which the source named them.
    pub alerts: Vec<AlertEvent>,
    /// How many the source left out of the request (Alertmanager's `max_alerts`): neither new nor resolved.
    pub left_out: u64,
    /// The request was too long, and only its beginning was read: what else it told is not known.
    pub is_cut: bool,
    /// What was changed: it pages nobody.
    pub changes: Vec<ChangeEvent>,
    /// The name of something that says that it lives.
    pub heartbeat: Option<String>,
}

impl AlertBatch {
    /// A single alert, which is its own group.
    pub(super) fn of_one(alert: AlertEvent) -> Self {
        Self {
            group: alert.key.clone(),
            alerts: vec![alert],
            ..Self::default()
        }
    }

    /// Of something that says that it lives.
    pub(super) fn of_heartbeat(name: String) -> Self {
        Self {
            heartbeat: Some(name),
            ..Self::default()
        }
    }

    /// Of a change, which is no alert.
    pub(super) fn of_change(change: ChangeEvent) -> Self {
        Self {
            changes: vec![change],
            ..Self::default()
        }
    }

    /// The same with each key once: of an alert that is named twice the last word counts, in the place of the first. While it
    /// fires, its severity is the worst that was said, as if it had come in two requests.
    pub(super) fn with_each_key_once(mut self) -> Self {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(self.alerts.len());
        let mut once: Vec<AlertEvent> = Vec::with_capacity(self.alerts.len());
        for mut alert in self.alerts {
            match places.get(&alert.key) {
                None => {
                    places.insert(alert.key.clone(), once.len());
                    once.push(alert);
                }
                Some(&place) => {
                    alert.take_worse_severity(&once[place]);
                    once[place] = alert;
                }
            }
        }
        self.alerts = once;
        self
    }
}

/// A place to look, http or https.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub href: String,
    /// One line; empty where the source has no words for it.
    pub text: String,
}

impl AlertEvent {
    /// One of which nothing is said but this.
    pub fn of(key: String, status: Status, started_at: DateTime<Utc>) -> Self {
        Self {
            key,
            title: None,
            severity_word: None,
            status,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            link: None,
            links: Vec::new(),
            started_at,
            ended_at: None,
            note: None,
            is_partial: false,
        }
    }

    /// Stands for all that the source says in words, so that a repeat which says it again changes nothing.
    pub fn words(&self) -> i64 {
        let links = self
            .links
            .iter()
            .flat_map(|link| [link.href.as_str(), link.text.as_str()]);
        let annotations = self
            .annotations
            .iter()
            .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let said = [self.title.as_deref(), self.link.as_deref()].map(Option::unwrap_or_default);
        let parts: Vec<&str> = said.into_iter().chain(annotations).chain(links).collect();
        let digest = text::digest(&parts);
        // Fifteen of its sixty-four digits, which fit a column, tell one from another well enough.
        i64::from_str_radix(&digest[..15], 16).unwrap_or_default()
    }

    /// What the source's own word stands for, where it has one that we know.
    pub fn severity(&self) -> Option<Severity> {
        self.severity_word.as_deref().and_then(Severity::from_source_word)
    }

    fn take_worse_severity(&mut self, before: &Self) {
        let fires = |event: &Self| event.status != Status::Resolved;
        if fires(self) && fires(before) && before.severity() > self.severity() {
            self.severity_word.clone_from(&before.severity_word);
        }
    }
}

/// What a request tells of one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEvent {
    /// Tells alerts of one integration apart; at most 255 characters.
    pub key: String,
    /// One line. `None`: this request does not say, as when something resolves.
    pub title: Option<String>,
    /// The source's own word, before it becomes a severity.
    pub severity_word: Option<String>,
    pub status: Status,
    pub labels: BTreeMap<String, String>,
    /// What its source says of it at length.
    pub annotations: BTreeMap<String, String>,
    /// Where a person should go; http or https.
    pub link: Option<String>,
    /// All places that its source names, with its words for them.
    pub links: Vec<Link>,
    /// When it began, if this request opens it. Sources that do not say when it began say when they sent.
    pub started_at: DateTime<Utc>,
    /// Only for what is resolved, and never before `started_at`.
    pub ended_at: Option<DateTime<Utc>>,
    /// What its source says besides, for the timeline of its incident: one line.
    pub note: Option<String>,
    /// It tells a part of an alert that is open, whose rest stays as it is, and opens none.
    pub is_partial: bool,
}

/// A deployment, a flag, a configuration: what somebody looks at who asks what was different before it broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEvent {
    /// One line.
    pub summary: String,
    /// What told of it, or where it happened.
    pub source: Option<String>,
    pub at: DateTime<Utc>,
    pub details: BTreeMap<String, String>,
    pub links: Vec<Link>,
}

/// Why a request cannot be read. Each is a sentence for its sender, and none repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("The body is empty. Send a JSON object")]
    Empty,
    #[error("The body is not UTF-8 text. Send JSON in UTF-8")]
    NotUtf8,
    #[error(
        "The body is UTF-16. Send JSON in UTF-8; in PowerShell, encode it with [Text.Encoding]::UTF8.GetBytes"
    )]
    Utf16,
    #[error("The body is not JSON: it cannot be read from line {line}, column {column} on")]
    NotJson { line: usize, column: usize },
    #[error("The body has more than {limit} values. Send fewer alerts or details at once")]
    TooManyValues { limit: usize },
    #[error("The body is JSON, but not an object. Send one object with one request")]
    NotAnObject,
    #[error("“{field}” is missing or empty, and is needed")]
    Missing { field: String },
    #[error(
        "This has the form of {name}, which is not read yet. Let it send to an integration of a kind that there is, or as plain JSON"
    )]
    Foreign { name: &'static str },
    #[error("“{field}” must be {expected}")]
    WrongType { field: String, expected: &'static str },
    #[error("“{field}” must be one of {}", expected.join(", "))]
    UnknownWord {
        field: String,
        expected: &'static [&'static str],
    },
    #[error("Nothing is done at this address. Look for how the action is called")]
    NoSuchAction,
    /// PagerDuty's form names every fault at once.
    #[error("The event cannot be used: {}", .0.join("; "))]
    Event(Vec<String>),
}

impl Malformed {
    pub(super) fn not_json(fault: &serde_json::Error) -> Self {
        Self::NotJson {
            line: fault.line(),
            column: fault.column(),
        }
    }

    /// Each fault by itself, as PagerDuty's answer lists them.
    pub fn errors(&self) -> Vec<String> {
        match self {
            Self::Event(errors) => errors.clone(),
            other => vec![other.to_string()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_alert_that_is_named_twice_the_last_word_counts() {
        use Status::{Firing, Resolved};
        for (told, left) in [
            (vec![("f", Firing, "info")], vec![("f", Firing, "info")]),
            (
                vec![
                    ("f", Firing, "critical"),
                    ("f", Firing, "critical"),
                    ("o", Firing, "info"),
                ],
                vec![("f", Firing, "critical"), ("o", Firing, "info")],
            ),
            (
                vec![
                    ("f", Firing, "critical"),
                    ("o", Firing, "info"),
                    ("f", Resolved, "info"),
                ],
                vec![("f", Resolved, "info"), ("o", Firing, "info")],
            ),
            (
                vec![("f", Resolved, "critical"), ("f", Firing, "info")],
                vec![("f", Firing, "info")],
            ),
            (
                vec![
                    ("f", Firing, "critical"),
                    ("f", Firing, "info"),
                    ("f", Firing, "odd"),
                ],
                vec![("f", Firing, "critical")],
            ),
            (
                vec![("f", Firing, "odd"), ("f", Firing, "info")],
                vec![("f", Firing, "info")],
            ),
        ] {
            let delivery = AlertBatch {
                group: "g".to_owned(),
                alerts: told
                    .into_iter()
                    .map(|(key, status, word)| event(key, status, word))
                    .collect(),
                ..AlertBatch::default()
            };
            let once = delivery.with_each_key_once().alerts;
            let once: Vec<_> = once
                .iter()
                .map(|alert| {
                    let word = alert.severity_word.as_deref().unwrap_or_default();
                    (alert.key.as_str(), alert.status, word)
                })
                .collect();
            assert_eq!(once, left);
        }
    }

    fn event(key: &str, status: Status, word: &str) -> AlertEvent {
        AlertEvent {
            severity_word: Some(word.to_owned()),
            ..AlertEvent::of(key.to_owned(), status, DateTime::UNIX_EPOCH)
        }
    }
}
