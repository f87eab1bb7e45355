//! One request, read.

use super::Status;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What one request tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What one incident is made of: Alertmanager's receiver and group key; elsewhere the alert's own key.
    pub group: String,
    /// A title for the whole group, where it is more than one alert.
    pub group_title: Option<String>,
    /// In the order in which the source named them.
    pub alerts: Vec<AlertEvent>,
    /// How many the source left out of the request (Alertmanager's `max_alerts`): neither new nor resolved.
    pub left_out: u64,
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
    /// Where a person should go; http or https.
    pub link: Option<String>,
    /// When it began, if this request opens it. Sources that do not say when it began say when they sent.
    pub started_at: DateTime<Utc>,
    /// Only for what is resolved, and never before `started_at`.
    pub ended_at: Option<DateTime<Utc>>,
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
    #[error("“{field}” must be {expected}")]
    WrongType { field: String, expected: &'static str },
    #[error("“{field}” must be one of {}", expected.join(", "))]
    UnknownWord {
        field: String,
        expected: &'static [&'static str],
    },
    /// PagerDuty's form names every fault at once.
    #[error("The event cannot be used: {}", .0.join("; "))]
    Event(Vec<String>),
}

impl Malformed {
    /// Each fault by itself, as PagerDuty's answer lists them.
    pub fn errors(&self) -> Vec<String> {
        match self {
            Self::Event(errors) => errors.clone(),
            other => vec![other.to_string()],
        }
    }
}
