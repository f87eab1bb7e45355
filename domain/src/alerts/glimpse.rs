//! What can be made out of a request that cannot be handled as it should: enough to wake somebody by its name.

use super::body;
use super::mend::mended;
use super::{AlertBatch, AlertEvent, Status, text};
use crate::Severity;
use serde_json::{Map, Value};

/// So much of a request is looked at.
const LOOKED_AT: usize = 1024 * 1024;

/// What a request seems to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    pub title: Option<String>,
    /// The worst that is said.
    pub severity: Option<Severity>,
    /// It says that something fires, or what is wrong without saying that it is over.
    pub fires: bool,
}

impl AlertBatch {
    /// The same of a request that was read.
    pub fn glimpse(&self) -> Glimpse {
        let firing = || self.alerts.iter().filter(|alert| alert.status == Status::Firing);
        let named = firing()
            .filter(|alert| alert.title.is_some())
            .max_by_key(|alert| alert.severity());
        Glimpse {
            title: named.and_then(|alert| alert.title.clone()),
            severity: firing().filter_map(AlertEvent::severity).max(),
            fires: firing().next().is_some(),
        }
    }
}

/// Looks at the beginning of a request that was refused, of whatever form, also where it is broken or not UTF-8.
pub fn glimpse(body: &[u8]) -> Glimpse {
    let text = readable(&body[..body.len().min(LOOKED_AT)]);
    let read: Option<Value> = mended(&text).and_then(|json| serde_json::from_str(&json).ok());
    // Some sources send a list of what others send one by one.
    let objects: Vec<&Map<String, Value>> = match &read {
        Some(Value::Object(object)) => vec![object],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    };
    let parts: Vec<_> = objects.into_iter().flat_map(parts_of).collect();
    let title = parts.iter().find_map(|part| {
        NAMES
            .iter()
            .find_map(|name| text::first_line(&body::text(part, name)?))
    });
    let severity = parts
        .iter()
        .flat_map(|part| SEVERITIES.iter().filter_map(|name| body::text(part, name)))
        .filter_map(|word| Severity::from_source_word(&word))
        .max();
    let mut states = parts
        .iter()
        .flat_map(|part| STATES.iter().filter_map(|name| body::text(part, name)))
        .filter(|word| !word.trim().is_empty())
        .peekable();
    let fires = match states.peek() {
        None => title.is_some() || severity.is_some(),
        Some(_) => states.any(|word| !is_over(&word)),
    };
    Glimpse {
        title,
        severity,
        fires,
    }
}

/// Where sources say what it is about, what is best to read first.
const NAMES: [&str; 9] = [
    "summary",
    "title",
    "alertname",
    "message",
    "description",
    "msg",
    "subject",
    "Subject",
    "name",
];
const SEVERITIES: [&str; 3] = ["severity", "priority", "level"];
const STATES: [&str; 4] = ["status", "state", "event_action", "event_type"];

fn is_over(word: &str) -> bool {
    let words = [
        "resolve",
        "resolved",
        "acknowledge",
        "acknowledged",
        "ok",
        "closed",
        "recovered",
        "normal",
        "up",
    ];
    words.contains(&word.trim().to_lowercase().as_str())
}

/// The request's own members, and those of the objects where sources keep what an alert says.
fn parts_of(object: &Map<String, Value>) -> Vec<&Map<String, Value>> {
    let alerts = object.get("alerts").and_then(Value::as_array);
    let of_alert = |alert| {
        let alert = body::as_map(alert);
        let of = |name| alert.and_then(|alert| body::map(alert, name));
        [of("annotations"), of("labels"), alert]
    };
    let of_group = [
        "commonAnnotations",
        "payload",
        "commonLabels",
        "groupLabels",
        "details",
    ];
    let of_group = of_group.into_iter().filter_map(|name| body::map(object, name));
    std::iter::once(object)
        .chain(of_group)
        .chain(alerts.into_iter().flatten().flat_map(of_alert).flatten())
        .collect()
}

/// Text of bytes that need not be UTF-8, without the control characters that JSON refuses.
fn readable(bytes: &[u8]) -> String {
    let units = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|pair| of([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let plain: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    body::settled(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_looked_at() {
        for (body, title, severity, fires) in [
            (r#"{"severity":"critical"}"#, None, Some(1), true),
            (r#"{"title":["x"],"status":"firing"}"#, None, None, true),
            (
                r#"{"title":"Disk full","severity":"SEV2","status":"resol"#,
                Some("Disk full"),
                Some(2),
                true,
            ),
            (
                r#"{"title":"Disk full","status":"resolved","x":NaN}"#,
                Some("Disk full"),
                None,
                false,
            ),
            (
                r#"{"title":"Disk full","status":"closed"}"#,
                Some("Disk full"),
                None,
                false,
            ),
            (
                r#"{"alerts":[{"status":"resolved","labels":{}},{"status":"firing","labels":{"alertname":"Up","severity":"page"}},{"sta"#,
                Some("Up"),
                Some(1),
                true,
            ),
            (
                r#"{"event_action":"trigger","payload":{"summary":"s","severity":"fatal"}}"#,
                Some("s"),
                Some(1),
                true,
            ),
            (r#"{"event_action":"resolve"}"#, None, None, false),
            (r#"{"a":1}"#, None, None, false),
            ("[]", None, None, false),
            (
                r#"[{"title":"Up","severity":"SEV3"},{"title":"Down","severity":"SEV1"}]"#,
                Some("Up"),
                Some(1),
                true,
            ),
            ("", None, None, false),
            ("not json", None, None, false),
            ("{\"title\":\"two\nlines\"", Some("two lines"), None, true),
        ] {
            let seen = glimpse(body.as_bytes());
            let severity = severity.and_then(Severity::from_number);
            assert_eq!(
                (seen.title.as_deref(), seen.severity, seen.fires),
                (title, severity, fires),
                "{body}"
            );
        }
        assert_eq!(
            glimpse(b"{\"title\":\"caf\xe9\"}").title.as_deref(),
            Some("caf\u{fffd}")
        );
        let utf16: Vec<u8> = "\u{feff}{\"title\":\"Up\"}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(glimpse(&utf16).title.as_deref(), Some("Up"));
    }
}
