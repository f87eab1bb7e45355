//! Our own plain JSON, as one would send it with curl, and what Apprise's `json://` sends.
//!
//! `title` (or Apprise's `message`), `severity` (or `type`), `dedup_key`, `status`, `details`, `annotations`, `link`, `links`. Other
//! members are ignored.

use crate::alerts::body::{self, Members};
use crate::alerts::refusal::Repeats;
use crate::alerts::source::{Answer, Door, Form, SecretForm, SecretPlace, Source, Told, ToldBy};
use crate::alerts::{AlertBatch, AlertEvent, Malformed, Status, text, times};
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

pub(super) static SOURCE: Source = Source {
    label: "JSON",
    doors: &[
        Door {
            methods: &[Method::POST],
            path: "/json/{secret}",
            secret: SecretPlace::Path,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST],
            path: "/json",
            secret: SecretPlace::Authorization,
            told: ToldBy::Form,
        },
    ],
    secret: SecretForm::Long,
    signature: None,
    form: Form {
        is_this,
        read: |request, members| read(&members.object()?, request.service, request.received_at),
        else_plain: false,
    },
    packing: None,
    repeats,
    answer: |outcome, _| Answer::usual(outcome, accepted),
    set_up: include_str!("set_up.md"),
};

/// Whoever has no integration of its own kind may send here, too.
fn repeats(user_agent: &str) -> Repeats {
    if ["Grafana", "Alertmanager"]
        .iter()
        .any(|name| user_agent.starts_with(name))
    {
        Repeats::ServerFaultsOnly
    } else {
        Repeats::WhenAsked
    }
}

fn accepted(told: &Told) -> Answer {
    let body = json!({ "status": "accepted", "dedup_key": told.key() });
    Answer::Json(StatusCode::ACCEPTED, body)
}

const STATUS_WORDS: &[&str] = &["firing", "acknowledged", "resolved"];

/// Reads one request. Without `dedup_key` the key is derived from the service and the title, so that the same title is the same
/// alert; `service` is any text that stays the same for the service.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn parse(body: &[u8], service: &str, received_at: DateTime<Utc>) -> Result<AlertBatch, Malformed> {
    let alert = Members::of(&body::text_of(body)?)?.object()?;
    read(&alert, service, received_at)
}

/// Whether these are the members of our own form.
fn is_this(members: &Members) -> bool {
    let told = ["title", "message"].iter().any(|name| members.has(name));
    told || (members.has("dedup_key") && members.has("status"))
}

fn read(
    alert: &Map<String, Value>,
    service: &str,
    received_at: DateTime<Utc>,
) -> Result<AlertBatch, Malformed> {
    let given_title = body::text(alert, "title").filter(|title| text::title(title).is_some());
    let message = body::text(alert, "message").filter(|message| text::first_line(message).is_some());
    let severity = [body::text(alert, "severity"), body::text(alert, "type")]
        .into_iter()
        .flatten()
        .find_map(|word| text::title(&word));
    let given_key = body::text(alert, "dedup_key").filter(|key| !key.trim().is_empty());
    let status = status(body::text(alert, "status").as_deref())?;
    let details = body::map(alert, "details");
    let annotations = body::map(alert, "annotations");
    let links = links(alert);
    let link = body::text(alert, "link")
        .and_then(|link| text::link(&link))
        .or_else(|| links.iter().find_map(|(href, _)| text::link(href)));

    // Whoever names the key need not say again what it is about when it ends.
    let whole = given_title.as_deref().or(message.as_deref());
    let (key, title) = match (given_key, whole) {
        (None, None) => {
            return Err(Malformed::Missing {
                field: "title".to_owned(),
            });
        }
        (Some(_), None) if status == Status::Firing => {
            return Err(Malformed::Missing {
                field: "title".to_owned(),
            });
        }
        (Some(key), whole) => (text::key(&key), whole),
        (None, Some(whole)) => (text::digest(&[service, &text::one_line(whole)]), Some(whole)),
    };
    let title = match &given_title {
        Some(title) => text::title(title),
        None => title.and_then(text::first_line),
    };
    let labels = details.into_iter().flat_map(body::named_texts).chain(
        message
            .as_deref()
            .map(|message| ("message".to_owned(), message.to_owned())),
    );
    let started_at = times::read_or_received(None, received_at);
    Ok(AlertBatch::of_one(AlertEvent {
        key,
        title,
        severity_word: severity,
        status,
        labels: text::labels(labels),
        annotations: text::labels(annotations.into_iter().flat_map(body::named_texts)),
        links: text::links(links.into_iter()),
        link,
        started_at,
        ended_at: (status == Status::Resolved).then_some(started_at),
        note: None,
        is_partial: false,
    }))
}

/// `link`, and `links`: addresses, or objects with `href` and `text`.
fn links(alert: &Map<String, Value>) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let listed = alert.get("links").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(|entry| match entry {
        Value::Object(link) => Some((
            body::text(link, "href")?,
            body::text(link, "text").unwrap_or_default(),
        )),
        other => Some((body::as_text(other)?, Cow::default())),
    });
    let first = body::text(alert, "link").map(|href| (href, Cow::default()));
    first.into_iter().chain(listed).collect()
}

fn status(word: Option<&str>) -> Result<Status, Malformed> {
    match word.map(|word| word.trim().to_lowercase()).as_deref() {
        None | Some("") => Ok(Status::Firing),
        Some(word) => word.parse().map_err(|_| Malformed::UnknownWord {
            field: "status".to_owned(),
            expected: STATUS_WORDS,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<AlertEvent, String> {
        let received = "2026-11-21T05:00:00Z".parse().unwrap();
        parse(body.as_bytes(), "checkout", received)
            .map(|mut delivery| delivery.alerts.remove(0))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_key_is_derived_from_service_and_title() {
        let one = read(r#"{"title":"Disk full"}"#).unwrap();
        assert_eq!(
            one.key,
            read(r#"{"title":"Disk full","status":"RESOLVED"}"#).unwrap().key
        );
        assert_ne!(one.key, read(r#"{"title":"Disk empty"}"#).unwrap().key);
        let long = format!(r#"{{"title":"{}"}}"#, "a".repeat(3000));
        assert_ne!(
            read(&long).unwrap().key,
            read(&long.replacen('a', "", 1)).unwrap().key
        );
    }

    #[test]
    fn white_space_around_a_title_makes_no_other_alert() {
        let key = |body: &str| read(body).unwrap().key;
        let one = key(r#"{"title":"Disk full"}"#);
        for same in [
            r#"{"title":"Disk full\n"}"#,
            r#"{"title":" Disk full\r\n"}"#,
            r#"{"title":"\tDisk full ","status":"resolved"}"#,
            r#"{"message":"Disk full\n"}"#,
        ] {
            assert_eq!(key(same), one, "{same}");
        }
        assert_ne!(key(r#"{"title":"Disk  full now"}"#), one);
    }

    #[test]
    fn what_has_an_odd_type_is_read_as_text_or_left_out() {
        let event = read(r#"{"title":404,"severity":1,"dedup_key":7,"details":[],"link":false}"#).unwrap();
        assert_eq!(event.title.as_deref(), Some("404"));
        assert_eq!(event.severity_word.as_deref(), Some("1"));
        assert_eq!(
            (event.key.as_str(), event.labels.len(), event.link),
            ("7", 0, None)
        );
        let event =
            read(r#"{"title":"x","message":["y"],"severity":{},"details":"str","dedup_key":[]}"#).unwrap();
        assert_eq!((event.severity_word, event.labels.len()), (None, 0));
    }

    #[test]
    fn faults_are_sentences() {
        for (body, sentence) in [
            (
                r#"{"severity":"critical"}"#,
                "“title” is missing or empty, and is needed",
            ),
            (
                r#"{"dedup_key":"x"}"#,
                "“title” is missing or empty, and is needed",
            ),
            (r#"{"title":["x"]}"#, "“title” is missing or empty, and is needed"),
            (
                r#"{"title":"x","status":"closed"}"#,
                "“status” must be one of firing, acknowledged, resolved",
            ),
        ] {
            assert_eq!(read(body), Err(sentence.to_owned()));
        }
    }

    #[test]
    fn a_named_alert_resolves_without_a_title() {
        let event = read(r#"{"dedup_key":"x","status":"resolved"}"#).unwrap();
        assert_eq!(event.title, None);
        assert_eq!(event.ended_at, Some(event.started_at));
    }
}
