//! Whatever comes through an integration's address, read as what it is: a body at the wrong door does not become something else.

use super::body::{self, Members};
use super::mend::mended_within;
use super::{AlertBatch, Malformed, alertmanager, json, pagerduty};
use crate::teams::IntegrationKind;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The door that a request came through.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    pub kind: IntegrationKind,
    /// Any text that stays the same for the service.
    pub service: &'a str,
    /// Whether it is known whose integration it is; PagerDuty's clients say so in the event.
    pub has_key: bool,
    pub received_at: DateTime<Utc>,
}

/// A request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    pub delivery: AlertBatch,
    /// For the answer of the doors that tell it: the client's own key, or the one made for it.
    pub dedup_key: String,
}

/// Reads one request. `fresh_key` makes a key for a PagerDuty event that has none.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn read(door: Door<'_>, body: &[u8], fresh_key: impl FnOnce() -> String) -> Result<Inbound, Malformed> {
    read_text(door, &body::text_of(body)?, fresh_key)
}

/// Reads what came of a request that was longer than what is read whole: its beginning, and its end. Only a group of alerts can be
/// read in part.
pub fn read_cut(door: Door<'_>, beginning: &[u8], end: &[u8]) -> Option<AlertBatch> {
    let beginning = whole_letters(beginning);
    // Of the alert that was cut in two nothing is read.
    let text = mended_within(&body::text_of(beginning).ok()?, 2)?;
    let end = String::from_utf8_lossy(end);
    let after = members_after_the_list(&end);
    let mut members = Members::of(&text).ok()?;
    if let Some(after) = after.as_deref().and_then(|text| Members::of(text).ok()) {
        members.add(after);
    }
    if !alertmanager::is_this(&members) {
        return None;
    }
    let mut delivery = alertmanager::read(&members, door.received_at).ok()?;
    delivery.is_cut = true;
    Some(delivery)
}

/// Without a letter that was cut in two.
fn whole_letters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(fault) if fault.error_len().is_none() => &bytes[..fault.valid_up_to()],
        _ => bytes,
    }
}

/// The members that Alertmanager writes behind its list of alerts.
fn members_after_the_list(end: &str) -> Option<String> {
    ["\"groupLabels\"", "\"commonLabels\"", "\"groupKey\""]
        .iter()
        .find_map(|name| {
            let text = format!("{{{}", &end[end.rfind(name)?..]);
            let is_whole = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(&text).is_ok();
            is_whole.then_some(text)
        })
}

fn read_text(door: Door<'_>, text: &str, fresh_key: impl FnOnce() -> String) -> Result<Inbound, Malformed> {
    let members = Members::of(text)?;
    let of_group = |delivery: AlertBatch| Inbound {
        dedup_key: delivery.group.clone(),
        delivery,
    };
    match form_of(&members, door.kind)? {
        IntegrationKind::Alertmanager => alertmanager::read(&members, door.received_at).map(of_group),
        IntegrationKind::Json => json::read(&members.object()?, door.service, door.received_at).map(of_group),
        IntegrationKind::PagerDuty => {
            let event = members.object()?;
            let read = pagerduty::read(&event, door.has_key, fresh_key, door.received_at)?;
            Ok(Inbound {
                delivery: read.delivery,
                dedup_key: read.dedup_key,
            })
        }
    }
}

/// Which form a body has, whatever the door.
fn form_of(members: &Members, door: IntegrationKind) -> Result<IntegrationKind, Malformed> {
    if alertmanager::is_this(members) {
        return Ok(IntegrationKind::Alertmanager);
    }
    if pagerduty::is_this(members) {
        return Ok(IntegrationKind::PagerDuty);
    }
    let foreign = FOREIGN
        .iter()
        .find(|(_, named)| named.iter().all(|name| members.has(name)));
    if let Some((name, _)) = foreign {
        return Err(Malformed::Foreign { name });
    }
    // At PagerDuty's door an event with a fault is told all its faults.
    Ok(match door {
        IntegrationKind::Alertmanager if !members.has("alerts") && json::is_this(members) => {
            IntegrationKind::Json
        }
        door => door,
    })
}

/// Forms that are not read yet, each known by members that it always has.
const FOREIGN: &[(&str, &[&str])] = &[
    ("PagerDuty's Events API v1", &["service_key", "event_type"]),
    ("Grafana's legacy alerting", &["ruleName", "evalMatches"]),
    ("Grafana's legacy alerting", &["ruleId", "ruleUrl"]),
    ("Amazon SNS", &["TopicArn", "Type"]),
    ("Uptime Kuma", &["heartbeat", "monitor"]),
    ("Sentry", &["action", "data", "installation"]),
    ("Azure Monitor", &["schemaId", "data"]),
    ("Google Cloud Monitoring", &["incident", "version"]),
    ("New Relic", &["issueUrl", "issueId"]),
    ("GitHub", &["repository", "sender"]),
    ("GitLab", &["object_kind", "project"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::Status;

    fn door(kind: IntegrationKind) -> Door<'static> {
        Door {
            kind,
            service: "checkout",
            has_key: true,
            received_at: "2026-11-21T05:00:00Z".parse().unwrap(),
        }
    }

    const GROUP: &str = r#"{"receiver":"r","groupKey":"k","alerts":[{"status":"firing","labels":{"alertname":"Up"},"fingerprint":"f"}]}"#;
    const EVENT: &str = r#"{"routing_key":"x","event_action":"trigger","dedup_key":"f","payload":{"summary":"Up","source":"s","severity":"error"}}"#;
    const PLAIN: &str = r#"{"title":"Up","dedup_key":"f"}"#;

    #[test]
    fn a_body_is_read_as_what_it_is_at_every_door() {
        use IntegrationKind::{Alertmanager, Json, PagerDuty};
        for (body, kinds) in [
            (GROUP, vec![Alertmanager, Json, PagerDuty]),
            (EVENT, vec![Alertmanager, Json, PagerDuty]),
            (PLAIN, vec![Alertmanager, Json]),
        ] {
            for kind in kinds {
                let read = read(door(kind), body.as_bytes(), String::new).unwrap();
                let alert = &read.delivery.alerts[0];
                let told = (alert.key.as_str(), alert.title.as_deref(), alert.status);
                assert_eq!(told, ("f", Some("Up"), Status::Firing), "{kind:?}: {body}");
            }
        }
        let resolved = r#"{"dedup_key":"f","status":"resolved"}"#;
        let read = read(door(Alertmanager), resolved.as_bytes(), String::new).unwrap();
        assert_eq!(read.delivery.alerts[0].status, Status::Resolved);
    }

    #[test]
    fn a_form_that_is_not_read_yet_is_named() {
        for (body, name) in [
            (
                r#"{"service_key":"k","event_type":"trigger","description":"d"}"#,
                "Events API v1",
            ),
            (
                r#"{"ruleName":"r","state":"ok","title":"[OK] r","evalMatches":[]}"#,
                "Grafana",
            ),
            (r#"{"heartbeat":null,"monitor":null,"msg":"m"}"#, "Uptime Kuma"),
            (
                r#"{"Type":"Notification","TopicArn":"a","Message":"m"}"#,
                "Amazon SNS",
            ),
        ] {
            for kind in IntegrationKind::ALL {
                let fault = read(door(*kind), body.as_bytes(), String::new).unwrap_err();
                assert!(fault.to_string().contains(name), "{kind:?}: {fault}");
            }
        }
    }

    #[test]
    fn of_a_group_that_is_too_long_the_beginning_and_the_end_are_read() {
        let alert = |number: usize| format!(r#"{{"labels":{{"alertname":"Up"}},"fingerprint":"f{number}"}}"#);
        let alerts = (0..50).map(alert).collect::<Vec<_>>().join(",");
        let whole = format!(
            r#"{{"receiver":"r","status":"firing","alerts":[{alerts}],"groupLabels":{{}},"groupKey":"k","truncatedAlerts":0}}"#
        );
        let group = read(door(IntegrationKind::Alertmanager), whole.as_bytes(), String::new)
            .unwrap()
            .delivery;
        let (beginning, end) = (&whole.as_bytes()[..1000], &whole.as_bytes()[whole.len() - 200..]);
        let cut = read_cut(door(IntegrationKind::Alertmanager), beginning, end).unwrap();
        assert!(cut.is_cut && !group.is_cut);
        assert_eq!(cut.group, group.group, "the same incident");
        assert!((10..50).contains(&cut.alerts.len()), "{}", cut.alerts.len());
        assert_eq!(cut.alerts[..], group.alerts[..cut.alerts.len()]);
        assert_eq!(read_cut(door(IntegrationKind::Json), PLAIN.as_bytes(), b""), None);
    }
}
