//! PagerDuty's Events API v2, `POST /v2/enqueue`: its fields, limits and faults as documented, so that an existing client works.
//!
//! More lenient than documented where a page would be lost: the summary is cut rather than refused, the severity is read without
//! regard to case.

use super::body::{self, Members};
use super::{AlertBatch, AlertEvent, Link, Malformed, Status, text, times};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The documented limit of a whole event. Our own edge takes twice as much.
pub const EVENT_LIMIT: usize = 512 * 1024;
const KEY_LIMIT: usize = 255;
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// An event, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The same that [`routing_key`] finds.
    pub routing_key: Option<String>,
    pub delivery: AlertBatch,
    /// For the answer: the client's own, or the one made for it.
    pub dedup_key: String,
}

/// Whose event it is, so that this can be checked before the event is looked at any further. The body counts before the header.
pub fn routing_key(body: &[u8], header_key: Option<&str>) -> Option<String> {
    let text = body::text_of(body).ok();
    let members = text.as_deref().and_then(|text| Members::of(text).ok());
    let told = members.and_then(|members| members.value("routing_key").ok());
    key_of(told.as_ref(), header_key)
}

fn key_of(told: Option<&Value>, header_key: Option<&str>) -> Option<String> {
    match told {
        None | Some(Value::Null) => header_key.map(str::to_owned),
        Some(key) => key.as_str().map(str::to_owned),
    }
    .filter(|key| !key.is_empty())
}

/// Whether these are the members of such an event.
pub(super) fn is_this(members: &Members) -> bool {
    members.has("event_action") && (members.has("payload") || members.has("dedup_key"))
}

/// Reads one event. `fresh_key` makes a key for a trigger that has none: each of these is an alert of its own.
///
/// # Errors
/// All that is wrong with it; [`Malformed::errors`] is the list for the answer.
pub fn parse(
    body: &[u8],
    header_key: Option<&str>,
    fresh_key: impl FnOnce() -> String,
    received_at: DateTime<Utc>,
) -> Result<Enqueued, Malformed> {
    let event = Members::of(&body::text_of(body)?)?.object()?;
    let routing_key = key_of(event.get("routing_key"), header_key);
    let read = read(&event, routing_key.is_some(), fresh_key, received_at)?;
    Ok(Enqueued { routing_key, ..read })
}

/// `has_key`: whether it is known whose it is.
pub(super) fn read(
    event: &Map<String, Value>,
    has_key: bool,
    fresh_key: impl FnOnce() -> String,
    received_at: DateTime<Utc>,
) -> Result<Enqueued, Malformed> {
    let mut faults = Faults(Vec::new());
    if !has_key {
        faults.push("'routing_key' is missing or blank");
    }
    let status = match said(event, "event_action")
        .map(|action| action.to_lowercase())
        .as_deref()
    {
        Some("trigger") => Some(Status::Firing),
        Some("acknowledge") => Some(Status::Acknowledged),
        Some("resolve") => Some(Status::Resolved),
        _ => {
            faults.push("'event_action' must be one of trigger, acknowledge, resolve");
            None
        }
    };
    let given_key = said(event, "dedup_key");
    match &given_key {
        None if matches!(status, Some(Status::Acknowledged | Status::Resolved)) => {
            faults.push("'dedup_key' is missing or blank, and is needed to acknowledge or resolve");
        }
        Some(key) if key.chars().count() > KEY_LIMIT => {
            faults.push("'dedup_key' is longer than 255 characters");
        }
        _ => {}
    }
    let empty = Map::new();
    let given_payload = body::map(event, "payload");
    if given_payload.is_none() && status == Some(Status::Firing) {
        faults.push("'payload' is missing, or is not an object");
    }
    let payload = given_payload.unwrap_or(&empty);
    let summary = said(payload, "summary").and_then(|summary| text::title(&summary));
    let source = said(payload, "source");
    let severity = said(payload, "severity");
    if status == Some(Status::Firing) && given_payload.is_some() {
        faults.need(summary.is_some(), "payload.summary");
        faults.need(source.is_some(), "payload.source");
        faults.need(severity.is_some(), "payload.severity");
        let known = |word: &str| {
            SEVERITIES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word.trim()))
        };
        if severity.as_deref().is_some_and(|word| !known(word)) {
            faults.push("'payload.severity' must be one of critical, error, warning, info");
        }
    }
    let labels = labels(payload);
    let links = links(event);
    let (Some(status), true) = (status, faults.0.is_empty()) else {
        return Err(Malformed::Event(faults.0));
    };

    let dedup_key = given_key.map_or_else(fresh_key, |key| text::key(&key));
    let started_at = times::read_or_received(payload.get("timestamp"), received_at);
    Ok(Enqueued {
        routing_key: None,
        delivery: AlertBatch {
            group: dedup_key.clone(),
            group_title: None,
            alerts: vec![AlertEvent {
                key: dedup_key.clone(),
                title: summary,
                severity_word: severity.and_then(|word| text::title(&word)),
                status,
                labels,
                annotations: BTreeMap::new(),
                link: links.first().map(|link| link.href.clone()),
                links,
                started_at,
                ended_at: (status == Status::Resolved).then(|| times::ended(None, started_at, received_at)),
            }],
            left_out: 0,
            is_cut: false,
        },
        dedup_key,
    })
}

/// The fixed fields first; custom details add to them and never stand in their place.
fn labels(payload: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut fixed = Vec::new();
    for name in ["source", "component", "group", "class"] {
        if let Some(value) = said(payload, name) {
            fixed.push((name.to_owned(), value.into_owned()));
        }
    }
    let details = match payload.get("custom_details") {
        Some(Value::Object(details)) => body::named_texts(details).collect(),
        Some(Value::String(details)) => vec![("custom_details".to_owned(), details.clone())],
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) if list.is_empty() => Vec::new(),
        Some(other) => vec![("custom_details".to_owned(), other.to_string())],
    };
    let mut labels = fixed.clone();
    for (name, value) in details {
        let taken = fixed.iter().any(|(fixed, _)| *fixed == name);
        let name = if taken {
            format!("custom_details.{name}")
        } else {
            name
        };
        labels.push((name, value));
    }
    text::labels(labels.into_iter())
}

/// The links, then the client's page, then where images lead.
fn links(event: &Map<String, Value>) -> Vec<Link> {
    let listed = |name: &str| event.get(name).and_then(Value::as_array).into_iter().flatten();
    let of = |entry: &'_ Value, place: &str, words: &str| {
        let entry = entry.as_object()?;
        let words = body::text(entry, words).unwrap_or_default().into_owned();
        Some((
            Cow::Owned(body::text(entry, place)?.into_owned()),
            Cow::Owned(words),
        ))
    };
    let client = said(event, "client_url").map(|url| (url, said(event, "client").unwrap_or_default()));
    let named = listed("links").filter_map(|link| of(link, "href", "text"));
    let images = listed("images").filter_map(|image| of(image, "href", "alt"));
    text::links(named.chain(client).chain(images))
}

/// What is wrong with an event, all at once.
struct Faults(Vec<String>);

impl Faults {
    fn push(&mut self, fault: &str) {
        if !self.0.iter().any(|known| known == fault) {
            self.0.push(fault.to_owned());
        }
    }

    fn need(&mut self, given: bool, field: &str) {
        if !given {
            self.push(&format!("'{field}' is missing or blank"));
        }
    }
}

/// A member that says something.
fn said<'a>(object: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, str>> {
    body::text(object, name).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, header: Option<&str>) -> Result<Enqueued, Malformed> {
        let received = "2026-11-21T05:00:00Z".parse().unwrap();
        parse(body.as_bytes(), header, || "fresh".to_owned(), received)
    }

    #[test]
    fn the_key_that_is_checked_is_the_key_that_is_used() {
        for (body, header, key) in [
            (r#"{"routing_key":"a"}"#, None, Some("a")),
            (r#"{"routing_key":"a","routing_key":"b"}"#, None, Some("b")),
            (r#"{"routing_key":"a"}"#, Some("h"), Some("a")),
            (r#"{}"#, Some("h"), Some("h")),
            (r#"{"routing_key":7}"#, Some("h"), None),
            (r#"{"routing_key":""}"#, None, None),
            (r#"{}"#, None, None),
            ("not json", Some("h"), Some("h")),
        ] {
            assert_eq!(routing_key(body.as_bytes(), header).as_deref(), key, "{body}");
        }
    }

    #[test]
    fn every_fault_is_named() {
        let fault = read(
            r#"{"routing_key":"a","event_action":"trigger","payload":{"severity":"fatal"}}"#,
            None,
        );
        assert_eq!(
            fault.unwrap_err().errors(),
            [
                "'payload.summary' is missing or blank",
                "'payload.source' is missing or blank",
                "'payload.severity' must be one of critical, error, warning, info",
            ]
        );
    }

    #[test]
    fn an_empty_payload_triggers_nothing() {
        let fault = read(
            r#"{"routing_key":"a","event_action":"trigger","payload":{}}"#,
            None,
        );
        assert_eq!(fault.unwrap_err().errors().len(), 3);
        let resolve =
            r#"{"routing_key":"a","event_action":"resolve","dedup_key":"k","payload":{"severity":"fatal"}}"#;
        assert_eq!(
            read(resolve, None).unwrap().delivery.alerts[0].status,
            Status::Resolved
        );
    }

    #[test]
    fn a_trigger_without_a_key_gets_a_fresh_one() {
        let event = read(
            r#"{"event_action":"trigger","payload":{"summary":"s","source":"x","severity":"info","custom_details":{"source":"y","n":null,"k":[1]}}}"#,
            Some("h"),
        )
        .unwrap();
        assert_eq!(event.dedup_key, "fresh");
        assert_eq!(event.delivery.group, "fresh");
        let labels = &event.delivery.alerts[0].labels;
        assert_eq!(labels["source"], "x");
        assert_eq!(labels["custom_details.source"], "y");
        assert_eq!(labels["k"], "[1]");
        assert_eq!(labels.len(), 3);
    }
}
