//! Opsgenie's Alert API v2 and its heartbeats, with its documented answers, so that a client works when only its host is changed.
//!
//! Opsgenie answers before it has done anything, and tells later what became of a request. Here all is done before the answer, and a
//! request that is asked after is read once more.

mod answer;

use crate::alerts::body::{self, Members};
use crate::alerts::refusal::Repeats;
use crate::alerts::source::{Door, Form, Request, SecretForm, SecretPlace, Source, Told, ToldBy};
use crate::alerts::{AlertBatch, AlertEvent, Malformed, Status, text, times};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) static SOURCE: Source = Source {
    label: "Opsgenie Alert API",
    doors: &[
        Door {
            methods: &[Method::POST],
            path: "/v2/alerts",
            secret: KEY,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST, Method::PUT, Method::DELETE],
            path: "/v2/alerts/{identifier}/{action}",
            secret: KEY,
            told: ToldBy::Address(act),
        },
        Door {
            methods: &[Method::DELETE],
            path: "/v2/alerts/{identifier}",
            secret: KEY,
            told: ToldBy::Address(|request| about(request, |alert| alert.status = Status::Resolved)),
        },
        Door {
            methods: &[Method::GET],
            path: "/v2/alerts/requests/{id}",
            secret: KEY,
            told: ToldBy::Address(|request| {
                Ok(Told::AsksAfter(request.named("id").parse().unwrap_or_default()))
            }),
        },
        Door {
            methods: &[Method::GET, Method::POST, Method::PUT, Method::PATCH],
            path: "/v2/heartbeats/{name}/ping",
            secret: KEY,
            told: ToldBy::Address(|request| {
                let name = text::title(request.named("name")).unwrap_or_default();
                Ok(Told::Alerts(AlertBatch::of_heartbeat(name)))
            }),
        },
    ],
    secret: SecretForm::ApiKey,
    signature: None,
    form: Form {
        is_this,
        read: create,
        else_plain: false,
    },
    packing: None,
    repeats: |_| Repeats::WhenThrottled,
    answer: answer::answer,
    set_up: include_str!("set_up.md"),
};

const KEY: SecretPlace = SecretPlace::Scheme("GenieKey");

/// What it sets beside the message, any of which tells it from plain JSON.
const MARKS: [&str; 3] = ["alias", "responders", "visibleTo"];

fn is_this(members: &Members<'_>) -> bool {
    members.has("message") && !members.has("title") && MARKS.iter().any(|name| members.has(name))
}

/// `POST /v2/alerts`: the alias is the key; an alert without one has only its id.
fn create(request: &Request<'_>, members: &Members<'_>) -> Result<AlertBatch, Malformed> {
    let told = members.object()?;
    let title = said(&told, "message").and_then(|message| text::first_line(&message));
    let Some(title) = title else {
        return Err(Malformed::Missing {
            field: "message".to_owned(),
        });
    };
    let key = said(&told, "alias").map_or_else(|| request.id.to_string(), Cow::into_owned);
    let source = said(&told, "source");
    let started_at = times::read_or_received(None, request.received_at);
    Ok(AlertBatch::of_one(AlertEvent {
        title: Some(title),
        severity_word: priority(&told),
        labels: text::labels(labels(&told)),
        annotations: annotations(&told),
        // Alertmanager names itself there; others write what they like.
        links: text::links(source.into_iter().map(|source| (source, "Source".into()))),
        ..AlertEvent::of(text::key(&key), Status::Firing, started_at)
    }))
}

/// `POST` or `PUT /v2/alerts/IDENTIFIER/ACTION`.
fn act(request: &Request<'_>) -> Result<Told, Malformed> {
    let told = object(request)?;
    let note = said(&told, "note");
    let by = |what: &str| {
        written(
            &told,
            &format!(
                "{what}{}",
                note.as_deref()
                    .map(|note| format!(": {note}"))
                    .unwrap_or_default()
            ),
        )
    };
    match request.named("action") {
        "close" => about(request, |alert| {
            alert.status = Status::Resolved;
            alert.note = note.as_deref().and_then(|note| written(&told, note));
        }),
        "acknowledge" => about(request, |alert| {
            alert.status = Status::Acknowledged;
            alert.note = note.as_deref().and_then(|note| written(&told, note));
        }),
        "notes" => {
            let note = note.as_deref().and_then(|note| written(&told, note));
            let note = note.ok_or_else(|| missing("note"))?;
            about(request, |alert| alert.note = Some(note))
        }
        "message" => {
            let message = said(&told, "message").and_then(|message| text::first_line(&message));
            let message = message.ok_or_else(|| missing("message"))?;
            about(request, |alert| alert.title = Some(message))
        }
        "description" => {
            let description = said(&told, "description").ok_or_else(|| missing("description"))?;
            let named = ("description".to_owned(), description.into_owned());
            about(request, |alert| {
                alert.annotations = text::labels([named].into_iter())
            })
        }
        "priority" => about(request, |alert| alert.severity_word = priority(&told)),
        // What has no counterpart here is written where those who work on it read.
        "unacknowledge" => about(request, |alert| alert.note = by("unacknowledged there")),
        "snooze" => {
            let until = said(&told, "endTime").unwrap_or_default();
            about(request, |alert| {
                alert.note = by(&format!("snoozed there until {until}"))
            })
        }
        "escalate" => about(request, |alert| alert.note = by("escalated there")),
        "assign" => about(request, |alert| alert.note = by("assigned there")),
        "tags" | "details" | "responders" | "teams" | "actions" => Ok(Told::Nothing),
        _ => Err(Malformed::NoSuchAction),
    }
}

/// What is told of one open alert; it opens none.
fn about(request: &Request<'_>, tells: impl FnOnce(&mut AlertEvent)) -> Result<Told, Malformed> {
    let key = key_of(request);
    if key.trim().is_empty() {
        return Err(missing("identifier"));
    }
    let at = times::read_or_received(None, request.received_at);
    let mut alert = AlertEvent {
        is_partial: true,
        ..AlertEvent::of(text::key(&key), Status::Firing, at)
    };
    tells(&mut alert);
    alert.ended_at = (alert.status == Status::Resolved).then_some(at);
    Ok(Told::Alerts(AlertBatch::of_one(alert)))
}

/// An alias is the key. An id is what [`id_of`] made of one.
fn key_of(request: &Request<'_>) -> String {
    let identifier = request.named("identifier");
    let kind =
        url::form_urlencoded::parse(request.query.as_bytes()).find(|(name, _)| name == "identifierType");
    let is_alias = kind.is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("alias"));
    let made = identifier.strip_prefix(MADE).filter(|_| !is_alias);
    made.and_then(|made| URL_SAFE_NO_PAD.decode(made).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| identifier.to_owned())
}

/// Begins an id that was made of a key.
const MADE: &str = "key-";

/// The id that clients are told: the key, in letters that stand in an address as they are.
fn id_of(key: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if key.chars().all(plain) && !key.starts_with(MADE) {
        key.to_owned()
    } else {
        format!("{MADE}{}", URL_SAFE_NO_PAD.encode(key))
    }
}

/// The body of what is told by its address; it may be empty.
fn object(request: &Request<'_>) -> Result<Map<String, Value>, Malformed> {
    match body::text_of(request.body) {
        Err(Malformed::Empty) => Ok(Map::new()),
        text => Members::of(&text?)?.object(),
    }
}

/// P1 to P5, as they mean; what it does not know is its own default, which leaves it to the service.
fn priority(told: &Map<String, Value>) -> Option<String> {
    said(told, "priority").and_then(|word| text::title(&word))
}

/// Its own details first; the fixed fields add to them.
fn labels(told: &Map<String, Value>) -> impl Iterator<Item = (String, String)> + '_ {
    let details = body::map(told, "details").into_iter().flat_map(body::named_texts);
    let tags = told.get("tags").and_then(Value::as_array).map(|tags| {
        let tags: Vec<_> = tags.iter().filter_map(body::as_text).collect();
        ("tags".to_owned(), tags.join(", "))
    });
    let fixed = ["entity", "source", "user"].into_iter();
    let fixed = fixed.filter_map(|name| Some((name.to_owned(), said(told, name)?.into_owned())));
    let free = |(name, _): &(String, String)| {
        body::map(told, "details").is_none_or(|details| !details.contains_key(name))
    };
    details.chain(tags.into_iter().chain(fixed).filter(free))
}

fn annotations(told: &Map<String, Value>) -> BTreeMap<String, String> {
    let named = ["description", "note"].into_iter();
    text::labels(named.filter_map(|name| Some((name.to_owned(), said(told, name)?.into_owned()))))
}

/// “nina@example.com: on it”
fn written(told: &Map<String, Value>, words: &str) -> Option<String> {
    let words = text::title(words)?;
    match said(told, "user") {
        Some(writer) => text::title(&format!("{writer}: {words}")),
        None => Some(words),
    }
}

fn missing(field: &str) -> Malformed {
    Malformed::Missing {
        field: field.to_owned(),
    }
}

/// A member that says something.
fn said<'a>(object: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, str>> {
    body::text(object, name).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teams::IntegrationKind;
    use http::HeaderMap;

    fn told(door: usize, path: &[(&str, &str)], query: &str, body: &str) -> Result<AlertEvent, Malformed> {
        let path: Vec<_> = path
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = Request {
            kind: IntegrationKind::Opsgenie,
            door: &SOURCE.doors[door],
            path: &path,
            query,
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            service: "checkout",
            has_secret: true,
            received_at: "2026-11-21T05:00:00Z".parse().unwrap(),
            id: uuid::Uuid::from_u128(7),
        };
        match crate::alerts::read(&request)? {
            Told::Alerts(mut batch) => Ok(batch.alerts.remove(0)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_id_that_is_told_closes_what_it_was_told_of() {
        for alias in ["pos/12/health", "nas-1-raid", "key-board", "100 %", "Ä"] {
            let id = id_of(alias);
            assert!(
                id.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
                "{id}"
            );
            let path = [("identifier", id.as_str()), ("action", "close")];
            for query in ["", "identifierType=id"] {
                let alert = told(1, &path, query, "").unwrap();
                assert_eq!((alert.key.as_str(), alert.status), (alias, Status::Resolved));
            }
            let path = [("identifier", alias), ("action", "close")];
            assert_eq!(told(1, &path, "identifierType=alias", "{}").unwrap().key, alias);
        }
    }

    #[test]
    fn an_alert_without_an_alias_has_the_id_of_its_request() {
        let alert = told(0, &[], "", r#"{"message":"Only a message"}"#).unwrap();
        assert_eq!(alert.key, uuid::Uuid::from_u128(7).to_string());
        assert_eq!(alert.title.as_deref(), Some("Only a message"));
    }

    #[test]
    fn what_has_no_counterpart_is_a_note() {
        for (action, body, note) in [
            (
                "unacknowledge",
                r#"{"user":"nina"}"#,
                Some("nina: unacknowledged there"),
            ),
            (
                "snooze",
                r#"{"endTime":"2026-11-21T08:00:00Z"}"#,
                Some("snoozed there until 2026-11-21T08:00:00Z"),
            ),
            (
                "acknowledge",
                r#"{"user":"nina","note":"on it"}"#,
                Some("nina: on it"),
            ),
            ("acknowledge", "", None),
        ] {
            let path = [("identifier", "a"), ("action", action)];
            let alert = told(1, &path, "identifierType=alias", body).unwrap();
            assert_eq!(alert.note.as_deref(), note, "{action}");
            assert!(alert.is_partial, "it opens nothing");
        }
    }

    #[test]
    fn odd_types_cost_no_page() {
        let odd = r#"{"message":404,"alias":7,"details":[],"tags":"x","priority":1,"responders":null}"#;
        let alert = told(0, &[], "", odd).unwrap();
        assert_eq!((alert.title.as_deref(), alert.key.as_str()), (Some("404"), "7"));
        assert_eq!(alert.severity_word.as_deref(), Some("1"));
    }
}
