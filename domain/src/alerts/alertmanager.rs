//! Prometheus Alertmanager's webhook, version 4.
//!
//! One request is one group; each alert's own status counts. Alertmanager drops a notification that gets a 4xx, so only a shape
//! that cannot be read is refused, and then as a whole: an unknown version or status word is read, the latter as firing.

use super::{AlertEvent, Delivery, Malformed, Status, body, text, times};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// Where people write what an alert is about; the first that says something is its title.
const TITLES: [&str; 4] = ["summary", "title", "message", "description"];
const NAMELESS: &str = "Alert without a name";

/// Reads one request.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn parse(body: &[u8], received_at: DateTime<Utc>) -> Result<Delivery, Malformed> {
    let group = body::object(body)?;
    let group_labels = body::map(&group, "groupLabels")?;
    let common_labels = body::map(&group, "commonLabels")?;
    let common_annotations = body::map(&group, "commonAnnotations")?;
    let receiver = body::text(&group, "receiver")?.unwrap_or_default();
    let group_key = body::text(&group, "groupKey")?.unwrap_or_default();
    let external_url = body::text(&group, "externalURL")?.and_then(text::link);
    let group_status = body::text(&group, "status")?;
    body::text(&group, "version")?;
    let left_out = match group.get("truncatedAlerts") {
        None | Some(Value::Null) => 0,
        Some(count) => count
            .as_u64()
            .ok_or_else(|| body::wrong("truncatedAlerts", "a whole number"))?,
    };
    let Some(Value::Array(listed)) = group.get("alerts") else {
        return Err(body::wrong("alerts", "a list of alerts"));
    };
    let mut alerts = Vec::with_capacity(listed.len());
    for (number, alert) in listed.iter().enumerate() {
        let event = alert
            .as_object()
            .ok_or_else(|| body::wrong("", "an object"))
            .and_then(|alert| event(alert, group_status, external_url.as_deref(), received_at))
            .map_err(|fault| within(number, fault))?;
        alerts.push(event);
    }
    let group_key = if group_key.is_empty() {
        identity(group_labels)
    } else {
        group_key.to_owned()
    };
    let group_title = (alerts.len() > 1 || left_out > 0)
        .then(|| {
            common_annotations
                .and_then(told)
                .or_else(|| name_of_group(group_labels, common_labels))
        })
        .flatten();
    Ok(Delivery {
        group: text::key(&format!("{receiver}\n{group_key}")),
        group_title,
        alerts,
        left_out,
    })
}

fn event(
    alert: &Map<String, Value>,
    group_status: Option<&str>,
    external_url: Option<&str>,
    received_at: DateTime<Utc>,
) -> Result<AlertEvent, Malformed> {
    let status = status(body::text(alert, "status")?.or(group_status));
    let labels = body::map(alert, "labels")?;
    let annotations = body::map(alert, "annotations")?;
    let generator_url = body::text(alert, "generatorURL")?.and_then(text::link);
    let key = match body::text(alert, "fingerprint")? {
        Some(fingerprint) if !fingerprint.is_empty() => text::key(fingerprint),
        _ => text::digest(&["labels", &identity(labels)]),
    };
    let label = |name| labels.and_then(|labels| labels.get(name)).and_then(Value::as_str);
    let title = annotations
        .and_then(told)
        .or_else(|| label("alertname").and_then(text::title))
        .unwrap_or_else(|| NAMELESS.to_owned());
    let started_at = times::read_or_received(alert.get("startsAt"), received_at);
    Ok(AlertEvent {
        key,
        title: Some(title),
        severity_word: label("severity").and_then(text::title),
        status,
        labels: text::labels(labels.into_iter().flat_map(body::named_texts)),
        link: generator_url.or_else(|| external_url.map(str::to_owned)),
        started_at,
        // A firing alert always has an end in the year 1.
        ended_at: (status == Status::Resolved)
            .then(|| times::ended(alert.get("endsAt"), started_at, received_at)),
    })
}

/// What we do not know is firing: rather one page too many than one too few.
fn status(word: Option<&str>) -> Status {
    match word {
        Some(word) if word.trim().eq_ignore_ascii_case("resolved") => Status::Resolved,
        _ => Status::Firing,
    }
}

fn told(annotations: &Map<String, Value>) -> Option<String> {
    TITLES.into_iter().find_map(|name| {
        let told = annotations.get(name)?.as_str()?;
        if name == "summary" || name == "title" {
            text::title(told)
        } else {
            text::first_line(told)
        }
    })
}

/// “HighLatency: cluster ams2”
fn name_of_group(
    group_labels: Option<&Map<String, Value>>,
    common_labels: Option<&Map<String, Value>>,
) -> Option<String> {
    let of = |labels: Option<&Map<String, Value>>| {
        labels
            .and_then(|labels| labels.get("alertname"))
            .and_then(Value::as_str)
            .and_then(text::title)
    };
    let rest: Vec<_> = group_labels
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "alertname")
        .filter_map(|(name, value)| Some(format!("{name} {}", value.as_str()?)))
        .collect();
    match (of(group_labels).or_else(|| of(common_labels)), rest.is_empty()) {
        (name, true) => name,
        (Some(name), false) => text::title(&format!("{name}: {}", rest.join(", "))),
        // “cluster ams2” does not say what is broken; the worst alert does.
        (None, false) => None,
    }
}

/// Labels in one text, in the order of their names.
fn identity(labels: Option<&Map<String, Value>>) -> String {
    let sorted: std::collections::BTreeMap<_, _> = labels.into_iter().flatten().collect();
    serde_json::to_string(&sorted).unwrap_or_default()
}

/// Says in which alert a fault is.
fn within(number: usize, fault: Malformed) -> Malformed {
    let path = |field: String| {
        if field.is_empty() {
            format!("alerts[{number}]")
        } else {
            format!("alerts[{number}].{field}")
        }
    };
    match fault {
        Malformed::WrongType { field, expected } => Malformed::WrongType {
            field: path(field),
            expected,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Delivery, Malformed> {
        parse(body.as_bytes(), "2026-11-21T05:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_group_is_its_receiver_and_key() {
        let one = read(r#"{"receiver":"a","groupKey":"{}:{}","alerts":[]}"#).unwrap();
        let two = read(r#"{"receiver":"b","groupKey":"{}:{}","alerts":[]}"#).unwrap();
        assert_ne!(one.group, two.group);
    }

    #[test]
    fn alerts_without_a_fingerprint_are_told_apart_by_their_labels() {
        let group =
            read(r#"{"alerts":[{"labels":{"a":"1"}},{"labels":{"a":"2"}},{"labels":{"a":"1"}}]}"#).unwrap();
        let keys: Vec<_> = group.alerts.iter().map(|alert| &alert.key).collect();
        assert_ne!(keys[0], keys[1]);
        assert_eq!(keys[0], keys[2]);
        assert_eq!(group.alerts[0].title.as_deref(), Some(NAMELESS));
    }

    #[test]
    fn a_group_of_several_is_named_by_what_they_share() {
        let two = r#"[{"labels":{}},{"labels":{}}]"#;
        for (rest, title) in [
            (r#""commonAnnotations":{"summary":"Slow"}"#, Some("Slow")),
            (
                r#""groupLabels":{"alertname":"HighLatency","cluster":"ams2"}"#,
                Some("HighLatency: cluster ams2"),
            ),
            (
                r#""groupLabels":{},"commonLabels":{"alertname":"Up"}"#,
                Some("Up"),
            ),
            (r#""groupLabels":{"cluster":"ams2"}"#, None),
            (r#""groupLabels":{}"#, None),
        ] {
            let group = read(&format!(r#"{{"alerts":{two},{rest}}}"#)).unwrap();
            assert_eq!(group.group_title.as_deref(), title, "{rest}");
        }
    }

    #[test]
    fn a_bad_entry_refuses_the_request_and_is_named() {
        let fault = read(r#"{"alerts":[{"labels":{}},{"labels":[]}]}"#).unwrap_err();
        assert_eq!(fault.to_string(), "“alerts[1].labels” must be an object");
        let fault = read(r#"{"alerts":[null]}"#).unwrap_err();
        assert_eq!(fault.to_string(), "“alerts[0]” must be an object");
    }
}
