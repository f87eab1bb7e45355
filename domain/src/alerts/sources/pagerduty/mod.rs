//! PagerDuty's Events API v2, `POST /v2/enqueue`: its fields, limits and faults as documented, so that an existing client works.
//!
//! More lenient than documented where a page would be lost: the summary is cut rather than refused, the severity is read without
//! regard to case.

use crate::alerts::body::{self, Members};
use crate::alerts::refusal::{Refusal, Repeats};
use crate::alerts::source::{
    Answer, Door, Exchange, Form, Outcome, Request, SecretForm, SecretPlace, Source, Told, ToldBy,
};
use crate::alerts::{AlertBatch, AlertEvent, ChangeEvent, Link, Malformed, Status, text, times};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) static SOURCE: Source = Source {
    label: "PagerDuty Events API v2",
    doors: &[
        Door {
            methods: &[Method::POST],
            path: "/v2/enqueue",
            secret: ROUTING_KEY,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST],
            path: "/v2/change/enqueue",
            secret: ROUTING_KEY,
            told: ToldBy::Address(change),
        },
    ],
    secret: SecretForm::RoutingKey,
    signature: None,
    form: Form {
        is_this,
        read: |request, members| read(request, &members.object()?),
        // An event with a fault is told all its faults.
        else_plain: false,
    },
    packing: None,
    repeats: |_| Repeats::WhenThrottled,
    answer,
    set_up: include_str!("set_up.md"),
};

const ROUTING_KEY: SecretPlace = SecretPlace::Body {
    member: "routing_key",
    or_header: "x-routing-key",
};
const KEY_LIMIT: usize = 255;
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// PagerDuty says 400 to everything that is wrong with an event, an unknown key included.
fn answer(outcome: &Outcome<'_>, _: &Exchange) -> Answer {
    let (refusal, status) = match outcome {
        Outcome::Taken(told) => {
            let body = match told {
                Told::Alerts(batch) if !batch.changes.is_empty() => {
                    json!({ "status": "success", "message": "Change event processed" })
                }
                told => json!({ "status": "success", "message": "Event processed", "dedup_key": told.key() }),
            };
            return Answer::Json(StatusCode::ACCEPTED, body);
        }
        Outcome::Became(_) => return Answer::Empty(StatusCode::NOT_FOUND),
        Outcome::Refused { refusal, status } => (*refusal, *status),
    };
    let errors = match refusal {
        Refusal::Malformed(malformed) => malformed.errors(),
        Refusal::UnknownSecret | Refusal::NoSecret => vec!["'routing_key' is not known here".to_owned()],
        other => vec![other.to_string()],
    };
    let status = match refusal {
        Refusal::TooLarge | Refusal::TooSlow | Refusal::NotTaken(_) => status,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
    Answer::Json(status, body)
}

/// Whether these are the members of such an event.
fn is_this(members: &Members) -> bool {
    members.has("event_action") && (members.has("payload") || members.has("dedup_key"))
}

/// A trigger without a key gets a fresh one: each of these is an alert of its own.
fn read(request: &Request<'_>, event: &Map<String, Value>) -> Result<AlertBatch, Malformed> {
    let received_at = request.received_at;
    let mut faults = Faults(Vec::new());
    if !request.has_secret {
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

    let dedup_key = given_key.map_or_else(|| request.id.simple().to_string(), |key| text::key(&key));
    let started_at = times::read_or_received(payload.get("timestamp"), received_at);
    Ok(AlertBatch::of_one(AlertEvent {
        key: dedup_key,
        title: summary,
        severity_word: severity.and_then(|word| text::title(&word)),
        status,
        labels,
        annotations: BTreeMap::new(),
        link: links.first().map(|link| link.href.clone()),
        links,
        started_at,
        ended_at: (status == Status::Resolved).then(|| times::ended(None, started_at, received_at)),
        note: None,
        is_partial: false,
    }))
}

/// `POST /v2/change/enqueue`: only its summary is needed.
fn change(request: &Request<'_>) -> Result<Told, Malformed> {
    let event = Members::of(&body::text_of(request.body)?)?.object()?;
    let mut faults = Faults(Vec::new());
    if !request.has_secret {
        faults.push("'routing_key' is missing or blank");
    }
    let empty = Map::new();
    let payload = body::map(&event, "payload").unwrap_or(&empty);
    let summary = said(payload, "summary").and_then(|summary| text::title(&summary));
    faults.need(summary.is_some(), "payload.summary");
    let (Some(summary), true) = (summary, faults.0.is_empty()) else {
        return Err(Malformed::Event(faults.0));
    };
    let mut details = labels(payload);
    details.remove("source");
    Ok(Told::Alerts(AlertBatch::of_change(ChangeEvent {
        summary,
        source: said(payload, "source").and_then(|source| text::title(&source)),
        at: times::read_or_received(payload.get("timestamp"), request.received_at),
        details,
        links: links(&event),
    })))
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
    use crate::alerts::read as read_request;
    use crate::teams::IntegrationKind;
    use http::HeaderMap;

    fn read(body: &str) -> Result<AlertBatch, Malformed> {
        let request = Request {
            kind: IntegrationKind::PagerDuty,
            door: &SOURCE.doors[0],
            path: &[],
            query: "",
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            service: "checkout",
            has_secret: true,
            received_at: "2026-11-21T05:00:00Z".parse().unwrap(),
            id: uuid::Uuid::from_u128(7),
        };
        match read_request(&request)? {
            Told::Alerts(batch) => Ok(batch),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_fault_is_named() {
        let fault = read(r#"{"event_action":"trigger","payload":{"severity":"fatal"}}"#);
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
        let fault = read(r#"{"event_action":"trigger","payload":{}}"#);
        assert_eq!(fault.unwrap_err().errors().len(), 3);
        let resolve = r#"{"event_action":"resolve","dedup_key":"k","payload":{"severity":"fatal"}}"#;
        assert_eq!(read(resolve).unwrap().alerts[0].status, Status::Resolved);
    }

    #[test]
    fn a_trigger_without_a_key_gets_a_fresh_one() {
        let event = read(
            r#"{"event_action":"trigger","payload":{"summary":"s","source":"x","severity":"info","custom_details":{"source":"y","n":null,"k":[1]}}}"#,
        )
        .unwrap();
        assert_eq!(event.group, format!("{:032x}", 7));
        let labels = &event.alerts[0].labels;
        assert_eq!(labels["source"], "x");
        assert_eq!(labels["custom_details.source"], "y");
        assert_eq!(labels["k"], "[1]");
        assert_eq!(labels.len(), 3);
    }
}
