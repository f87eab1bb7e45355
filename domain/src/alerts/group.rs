//! A group of alerts, as Alertmanager's webhook has it.
//!
//! One request is one group; each alert's own status counts. Alertmanager drops a notification that gets a 4xx, so only a shape
//! that cannot be read is refused, and then as a whole: an unknown version or status word is read, the latter as firing, and what
//! has an odd type is left out.

use super::body::{self, Members};
use super::{AlertBatch, AlertEvent, Malformed, Status, text, times};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// Where people write what an alert is about; the first that says something is its title.
const NAMES: [&str; 3] = ["summary", "title", "message"];
/// Where they describe it at length, often the same for many: for alerts that have no name either.
const DESCRIPTION: &str = "description";
const NAMELESS: &str = "Alert without a name";

/// What is each sender's own.
pub(super) struct Dialect {
    /// Where an alert says to look, the nearest first.
    pub link: &'static [&'static str],
    /// All places that it names, with words for them.
    pub links: &'static [(&'static str, &'static str)],
    /// A name by its labels that is better than `alertname`.
    pub name: fn(&Map<String, Value>) -> Option<String>,
    /// The annotation that says why it ended, where that is not that it got better.
    pub reason_of_end: Option<&'static str>,
}

pub(super) const PLAIN: Dialect = Dialect {
    link: &["generatorURL"],
    links: &[],
    name: |_| None,
    reason_of_end: None,
};

/// Reads one request of Alertmanager.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn parse(body: &[u8], received_at: DateTime<Utc>) -> Result<AlertBatch, Malformed> {
    read(&Members::of(&body::text_of(body)?)?, received_at, &PLAIN)
}

/// Whether these are the members of Alertmanager's webhook, or of Grafana's, which has the same form.
pub(super) fn is_this(members: &Members) -> bool {
    let of_the_group = [
        "groupKey",
        "groupLabels",
        "commonLabels",
        "commonAnnotations",
        "receiver",
    ];
    members.has("alerts") && of_the_group.iter().any(|name| members.has(name))
}

pub(super) fn read(
    members: &Members,
    received_at: DateTime<Utc>,
    dialect: &Dialect,
) -> Result<AlertBatch, Malformed> {
    let of_the_group = Group::of(members)?;
    let told = members.value("truncatedAlerts")?;
    let mut left_out = body::as_text(&told)
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    let Some(listed) = members.list("alerts") else {
        return Err(body::wrong("alerts", "a list of alerts"));
    };
    let mut alerts = Vec::with_capacity(listed.len());
    let mut unreadable = None;
    for (number, raw) in listed.iter().enumerate() {
        let alert = body::value_of(raw)?;
        match alert.as_object().ok_or_else(|| body::wrong("", "an object")) {
            Ok(alert) if says_which(alert) => alerts.push(event(alert, &of_the_group, received_at, dialect)),
            fault => {
                let fault = fault.err().unwrap_or_else(|| body::wrong("labels", "an object"));
                unreadable.get_or_insert(within(number, fault));
                left_out += 1;
            }
        }
    }
    if let (true, Some(fault)) = (alerts.is_empty(), unreadable) {
        return Err(fault);
    }
    let Group {
        receiver,
        group_key,
        group_labels,
        common_labels,
        common_annotations,
        ..
    } = &of_the_group;
    let (group_labels, common_labels) = (body::as_map(group_labels), body::as_map(common_labels));
    let common_annotations = body::as_map(common_annotations);
    let group_key = if group_key.is_empty() {
        identity(group_labels)
    } else {
        group_key.clone()
    };
    let group_title = (alerts.len() > 1 || left_out > 0)
        .then(|| {
            common_annotations
                .and_then(named)
                .or_else(|| name_of_group(group_labels, common_labels))
        })
        .flatten();
    let delivery = AlertBatch {
        group: text::key(&format!("{receiver}\n{group_key}")),
        group_title,
        alerts,
        left_out,
        ..AlertBatch::default()
    };
    Ok(delivery.with_each_key_once())
}

/// What is said of the group, beside its alerts.
struct Group {
    receiver: String,
    group_key: String,
    status: Option<String>,
    external_url: Option<String>,
    group_labels: Value,
    common_labels: Value,
    common_annotations: Value,
}

impl Group {
    fn of(members: &Members) -> Result<Self, Malformed> {
        let text = |name| {
            let value = members.value(name)?;
            Ok(body::as_text(&value).map(std::borrow::Cow::into_owned))
        };
        Ok(Self {
            receiver: text("receiver")?.unwrap_or_default(),
            group_key: text("groupKey")?.unwrap_or_default(),
            status: text("status")?,
            external_url: text("externalURL")?.as_deref().and_then(text::link),
            group_labels: members.value("groupLabels")?,
            common_labels: members.value("commonLabels")?,
            common_annotations: members.value("commonAnnotations")?,
        })
    }
}

/// Whether anything in an entry tells which alert it is. Without labels it is the alert that has none.
fn says_which(alert: &Map<String, Value>) -> bool {
    body::text(alert, "fingerprint").is_some()
        || body::map(alert, "labels").is_some()
        || body::map(alert, "annotations").is_some()
}

fn event(
    alert: &Map<String, Value>,
    group: &Group,
    received_at: DateTime<Utc>,
    dialect: &Dialect,
) -> AlertEvent {
    let status = status(body::text(alert, "status").as_deref().or(group.status.as_deref()));
    let labels = body::map(alert, "labels");
    let annotations = body::map(alert, "annotations");
    let mut nearest = dialect.link.iter();
    let link = nearest.find_map(|name| text::link(&body::text(alert, name)?));
    let key = match body::text(alert, "fingerprint") {
        Some(fingerprint) if !fingerprint.is_empty() => text::key(&fingerprint),
        _ => text::digest(&["labels", &identity(labels)]),
    };
    let label = |name| {
        labels
            .and_then(|labels| body::text(labels, name))
            .and_then(|label| text::title(&label))
    };
    let title = annotations
        .and_then(named)
        .or_else(|| labels.and_then(dialect.name))
        .or_else(|| label("alertname"))
        .or_else(|| annotations.and_then(described))
        .unwrap_or_else(|| NAMELESS.to_owned());
    let started_at = times::read_or_received(alert.get("startsAt"), received_at);
    let reason_of_end = dialect
        .reason_of_end
        .filter(|_| status == Status::Resolved)
        .and_then(|name| text::title(&body::text(annotations?, name)?));
    AlertEvent {
        key,
        title: Some(title),
        severity_word: label("severity"),
        status,
        labels: text::labels(labels.into_iter().flat_map(body::named_texts)),
        annotations: text::labels(annotations.into_iter().flat_map(body::named_texts)),
        links: text::links(
            dialect
                .links
                .iter()
                .filter_map(|(name, words)| Some((body::text(alert, name)?, (*words).into()))),
        ),
        link: link.or_else(|| group.external_url.clone()),
        started_at,
        // A firing alert always has an end in the year 1.
        ended_at: (status == Status::Resolved)
            .then(|| times::ended(alert.get("endsAt"), started_at, received_at)),
        note: reason_of_end
            .map(|reason| format!("it ended by {reason}, which need not mean that it got better")),
        is_partial: false,
    }
}

/// What we do not know is firing: rather one page too many than one too few.
fn status(word: Option<&str>) -> Status {
    match word {
        Some(word) if word.trim().eq_ignore_ascii_case("resolved") => Status::Resolved,
        _ => Status::Firing,
    }
}

fn named(annotations: &Map<String, Value>) -> Option<String> {
    NAMES.into_iter().find_map(|name| {
        let told = body::text(annotations, name)?;
        match name {
            "message" => text::first_line(&told),
            _ => text::title(&told),
        }
    })
}

fn described(annotations: &Map<String, Value>) -> Option<String> {
    text::first_line(&body::text(annotations, DESCRIPTION)?)
}

/// “HighLatency: cluster ams2”
fn name_of_group(
    group_labels: Option<&Map<String, Value>>,
    common_labels: Option<&Map<String, Value>>,
) -> Option<String> {
    let of = |labels: Option<&Map<String, Value>>| {
        labels
            .and_then(|labels| body::text(labels, "alertname"))
            .and_then(|name| text::title(&name))
    };
    let rest: Vec<_> = group_labels
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "alertname")
        .filter_map(|(name, value)| Some(format!("{name} {}", body::as_text(value)?)))
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

    fn read(body: &str) -> Result<AlertBatch, Malformed> {
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
        assert_eq!(keys.len(), 2);
        assert_ne!(keys[0], keys[1]);
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
    fn what_cannot_be_used_is_left_out_and_the_rest_is_taken() {
        let odd = r#"{"version":4,"receiver":1,"status":"firing","groupLabels":[],"commonLabels":"x","truncatedAlerts":"many",
            "alerts":[null,{"status":1,"labels":[],"fingerprint":7,"annotations":{"summary":404}},
            {"labels":{"alertname":"Up","severity":1},"annotations":[],"startsAt":{},"generatorURL":[]},{"labels":"a"}]}"#;
        let group = read(odd).unwrap();
        let read: Vec<_> = group
            .alerts
            .iter()
            .map(|alert| {
                (
                    alert.title.as_deref().unwrap_or_default(),
                    alert.status,
                    alert.severity_word.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            read,
            [("404", Status::Firing, None), ("Up", Status::Firing, Some("1"))]
        );
        assert_eq!(group.alerts[0].key, "7");
        assert_eq!(group.left_out, 2, "what could not be read is said");
    }

    #[test]
    fn the_name_of_an_alert_comes_before_what_describes_it() {
        for (alert, title) in [
            (
                r#"{"labels":{"alertname":"Up"},"annotations":{"description":"A long tale."}}"#,
                "Up",
            ),
            (
                r#"{"labels":{"alertname":"Up"},"annotations":{"summary":"db-7 is down"}}"#,
                "db-7 is down",
            ),
            (
                r#"{"labels":{},"annotations":{"description":"\nFirst line.\nSecond."}}"#,
                "First line.",
            ),
        ] {
            let group = read(&format!(r#"{{"alerts":[{alert}]}}"#)).unwrap();
            assert_eq!(group.alerts[0].title.as_deref(), Some(title));
        }
        let two = r#"[{"labels":{"a":"1"}},{"labels":{"a":"2"}}]"#;
        let common = r#""commonAnnotations":{"description":"Runs on Kubernetes."}"#;
        let group = read(&format!(
            r#"{{"alerts":{two},"commonLabels":{{"alertname":"Up"}},{common}}}"#
        ))
        .unwrap();
        assert_eq!(group.group_title.as_deref(), Some("Up"));
    }

    #[test]
    fn a_group_without_a_readable_alert_is_refused_and_the_first_is_named() {
        let fault = read(r#"{"alerts":[{"labels":"x"},null]}"#).unwrap_err();
        assert_eq!(fault.to_string(), "“alerts[0].labels” must be an object");
        let fault = read(r#"{"alerts":[null]}"#).unwrap_err();
        assert_eq!(fault.to_string(), "“alerts[0]” must be an object");
        let fault = read(r#"{"alerts":"x"}"#).unwrap_err();
        assert_eq!(fault.to_string(), "“alerts” must be a list of alerts");
    }
}
