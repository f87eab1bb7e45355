//! Uptime Kuma's webhook. It sends JSON, or the same JSON in a field of a form, and never the same twice.

use crate::alerts::body::{self, Members};
use crate::alerts::refusal::Repeats;
use crate::alerts::source::{Answer, Door, Form, Packing, Request, SecretForm, SecretPlace, Source, ToldBy};
use crate::alerts::{AlertBatch, AlertEvent, Malformed, Status, text, times};
use http::{Method, StatusCode};
use serde_json::{Map, Value};
use std::borrow::Cow;

pub(super) static SOURCE: Source = Source {
    label: "Uptime Kuma",
    doors: &[
        Door {
            methods: &[Method::POST],
            path: "/uptime-kuma/{secret}",
            secret: SecretPlace::Path,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST],
            path: "/uptime-kuma",
            secret: SecretPlace::Authorization,
            told: ToldBy::Form,
        },
    ],
    secret: SecretForm::Long,
    signature: None,
    form: Form {
        is_this,
        read,
        else_plain: true,
    },
    packing: Some(Packing {
        media: "multipart/form-data",
        unpack,
    }),
    repeats: |_| Repeats::ServerFaultsOnly,
    answer: |outcome, _| Answer::usual(outcome, |_| Answer::Empty(StatusCode::OK)),
    set_up: include_str!("set_up.md"),
};

/// Its presets write these three; what a person writes as a body of their own is plain JSON.
fn is_this(members: &Members<'_>) -> bool {
    members.has("heartbeat") && members.has("monitor") && members.has("msg")
}

fn read(request: &Request<'_>, members: &Members<'_>) -> Result<AlertBatch, Malformed> {
    let told = members.object()?;
    let message = body::text(&told, "msg").unwrap_or_default();
    let empty = Map::new();
    let heartbeat = body::map(&told, "heartbeat").unwrap_or(&empty);
    let monitor = body::map(&told, "monitor").unwrap_or(&empty);
    let id = body::text(monitor, "id").or_else(|| body::text(heartbeat, "monitorID"));
    let Some(id) = id.filter(|id| !id.trim().is_empty()) else {
        return Ok(certificate(&message, request));
    };
    let status = match body::text(heartbeat, "status").as_deref() {
        Some("1") => Status::Resolved,
        // It looks again, or somebody works on it: neither says that it is down, nor that it is up.
        Some("2" | "3") => return Ok(AlertBatch::default()),
        _ => Status::Firing,
    };
    let name = body::text(monitor, "pathName").or_else(|| body::text(monitor, "name"));
    let why = body::text(heartbeat, "msg").and_then(|why| text::first_line(&why));
    let name = name.and_then(|name| text::title(&name));
    let title = match (name, why) {
        (Some(name), Some(why)) => text::title(&format!("{name}: {why}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => text::first_line(&message),
    };
    let at = times::read_or_received(heartbeat.get("time"), request.received_at);
    let link = body::text(monitor, "url").and_then(|url| text::link(&url));
    Ok(AlertBatch::of_one(AlertEvent {
        title: title.or_else(|| Some(format!("Monitor {id}"))),
        labels: text::labels(labels(monitor)),
        annotations: text::labels(annotations(monitor)),
        links: text::links(
            link.iter()
                .map(|link| (Cow::Borrowed(link.as_str()), "What is watched".into())),
        ),
        link,
        ended_at: (status == Status::Resolved).then_some(at),
        ..AlertEvent::of(text::key(&format!("monitor {id}")), status, at)
    }))
}

/// Warnings about certificates come without a monitor, as “[Shop][https://shop.example] Certificate … will expire in 7 days”. What
/// comes without brackets is the test of its settings.
fn certificate(message: &str, request: &Request<'_>) -> AlertBatch {
    let Some((place, said)) = message
        .trim()
        .strip_prefix('[')
        .and_then(|rest| rest.rsplit_once(']'))
    else {
        return AlertBatch::default();
    };
    let Some(title) = text::first_line(said) else {
        return AlertBatch::default();
    };
    // How many days are left changes from one warning to the next.
    let without_days: Vec<&str> = said
        .split_whitespace()
        .filter(|word| word.parse::<i64>().is_err())
        .collect();
    let key = text::digest(&["certificate", place, &without_days.join(" ")]);
    let at = times::read_or_received(None, request.received_at);
    let mut places = place.split("][").map(Cow::Borrowed);
    let labels = places
        .next()
        .map(|name| ("monitor".to_owned(), name.into_owned()));
    AlertBatch::of_one(AlertEvent {
        title: Some(title),
        labels: text::labels(labels.into_iter()),
        links: text::links(places.map(|place| (place, "What is watched".into()))),
        ..AlertEvent::of(key, Status::Firing, at)
    })
}

/// What kind of monitor it is, whom it asks, and its tags: those with a value by their name, the others together.
fn labels(monitor: &Map<String, Value>) -> impl Iterator<Item = (String, String)> + '_ {
    let said = |object: &Map<String, Value>, name: &str| {
        let value = body::text(object, name).filter(|value| !value.trim().is_empty())?;
        Some(value.into_owned())
    };
    let fixed = [
        ("name", "monitor"),
        ("type", "type"),
        ("hostname", "hostname"),
        ("port", "port"),
    ];
    let fixed = fixed
        .into_iter()
        .filter_map(move |(name, label)| Some((label.to_owned(), said(monitor, name)?)));
    let tags = monitor
        .get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let tags = tags.filter_map(Value::as_object);
    let named: Vec<(String, Option<String>)> = tags
        .filter_map(|tag| Some((said(tag, "name")?, said(tag, "value"))))
        .collect();
    let plain: Vec<&str> = named
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let plain = (!plain.is_empty()).then(|| ("tags".to_owned(), plain.join(", ")));
    let with_value = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    fixed.chain(with_value).chain(plain)
}

fn annotations(monitor: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    let description = body::text(monitor, "description").filter(|text| !text.trim().is_empty());
    description
        .map(|text| ("description".to_owned(), text.into_owned()))
        .into_iter()
}

/// The JSON in the form's field `data`.
fn unpack<'a>(content_type: &str, body: &'a [u8]) -> Option<&'a [u8]> {
    let (_, boundary) = content_type.split_once("boundary=")?;
    let boundary = boundary.split(';').next()?.trim().trim_matches('"');
    let marker = format!("--{boundary}");
    let mut rest = body;
    loop {
        let begin = find(rest, marker.as_bytes())? + marker.len();
        let part = &rest[begin..];
        let end = find(part, marker.as_bytes())?;
        let (head, value) = split_once(&part[..end], b"\r\n\r\n")?;
        if String::from_utf8_lossy(head).contains("name=\"data\"") {
            return Some(value.strip_suffix(b"\r\n").unwrap_or(value));
        }
        rest = &part[end..];
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part)
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(text, by)?;
    Some((&text[..at], &text[at + by.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_unpacked_wherever_its_field_stands() {
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        for (form, data) in [
            (field("data", "{}") + "--b--\r\n", Some("{}")),
            (
                field("other", "x") + &field("data", "{\"a\":1}") + "--b--",
                Some("{\"a\":1}"),
            ),
            (field("other", "x") + "--b--", None),
            (field("data", "{}"), None),
            (String::new(), None),
        ] {
            let found = unpack(
                "multipart/form-data; boundary=\"b\"; charset=utf-8",
                form.as_bytes(),
            );
            assert_eq!(found, data.map(str::as_bytes), "{form}");
        }
        assert_eq!(unpack("application/json", b"{}"), None);
    }
}
