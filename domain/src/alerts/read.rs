//! Whatever comes through an integration's address, read as what it is: a body at the wrong door does not become something else.

use super::body::{self, Members};
use super::mend::mended_within;
use super::source::{Request, Told, ToldBy};
use super::{AlertBatch, Malformed, group};
use crate::teams::IntegrationKind;
use chrono::{DateTime, Utc};
use http::header;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads one request.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn read(request: &Request<'_>) -> Result<Told, Malformed> {
    if let ToldBy::Address(read) = request.door.told {
        return read(request);
    }
    let text = body::text_of(unpacked(request))?;
    let members = Members::of(&text)?;
    let form = &form_of(&members, request.kind)?.source().form;
    (form.read)(request, &members).map(Told::Alerts)
}

/// The JSON of a body that its source packs into something else.
fn unpacked<'a>(request: &Request<'a>) -> &'a [u8] {
    let content_type = request.headers.get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let packing = request.kind.source().packing.as_ref();
    packing
        .and_then(|packing| (packing.unpack)(content_type, request.body))
        .unwrap_or(request.body)
}

/// Reads what came of a request that was longer than what is read whole: its beginning, and its end. Only a group of alerts can be
/// read in part.
pub fn read_cut(beginning: &[u8], end: &[u8], received_at: DateTime<Utc>) -> Option<AlertBatch> {
    let beginning = whole_letters(beginning);
    // Of the alert that was cut in two nothing is read.
    let text = mended_within(&body::text_of(beginning).ok()?, 2)?;
    let end = String::from_utf8_lossy(end);
    let after = members_after_the_list(&end);
    let mut members = Members::of(&text).ok()?;
    if let Some(after) = after.as_deref().and_then(|text| Members::of(text).ok()) {
        members.add(after);
    }
    if !group::is_this(&members) {
        return None;
    }
    let mut delivery = group::read(&members, received_at, &group::PLAIN).ok()?;
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

/// Which form a body has, whatever the door.
fn form_of(members: &Members, door: IntegrationKind) -> Result<IntegrationKind, Malformed> {
    let has = |kind: &&IntegrationKind| (kind.source().form.is_this)(members);
    // Our own has the fewest marks, so it is asked last.
    let known = IntegrationKind::ALL
        .iter()
        .filter(|kind| **kind != IntegrationKind::Json);
    if let Some(kind) = known.clone().find(has) {
        return Ok(*kind);
    }
    let foreign = FOREIGN
        .iter()
        .find(|(_, named)| named.iter().all(|name| members.has(name)));
    if let Some((name, _)) = foreign {
        return Err(Malformed::Foreign { name });
    }
    let is_plain = !members.has("alerts") && has(&&IntegrationKind::Json);
    Ok(match door.source().form.else_plain && is_plain {
        true => IntegrationKind::Json,
        false => door,
    })
}

/// Forms that are not read yet, each known by members that it always has.
const FOREIGN: &[(&str, &[&str])] = &[
    ("PagerDuty's Events API v1", &["service_key", "event_type"]),
    ("Grafana's legacy alerting", &["ruleName", "evalMatches"]),
    ("Grafana's legacy alerting", &["ruleId", "ruleUrl"]),
    ("Amazon SNS", &["TopicArn", "Type"]),
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
    use crate::alerts::{AlertEvent, Status};
    use http::HeaderMap;

    fn received_at() -> DateTime<Utc> {
        "2026-11-21T05:00:00Z".parse().unwrap()
    }

    fn read_at(kind: IntegrationKind, body: &str) -> Result<AlertEvent, Malformed> {
        let request = Request {
            kind,
            door: &kind.source().doors[0],
            path: &[],
            query: "",
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            service: "checkout",
            has_secret: true,
            received_at: received_at(),
            id: uuid::Uuid::nil(),
        };
        match read(&request)? {
            Told::Alerts(mut batch) => Ok(batch.alerts.remove(0)),
            other => panic!("{other:?}"),
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
                let alert = read_at(kind, body).unwrap();
                let told = (alert.key.as_str(), alert.title.as_deref(), alert.status);
                assert_eq!(told, ("f", Some("Up"), Status::Firing), "{kind:?}: {body}");
            }
        }
        let resolved = r#"{"dedup_key":"f","status":"resolved"}"#;
        assert_eq!(read_at(Alertmanager, resolved).unwrap().status, Status::Resolved);
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
            (
                r#"{"Type":"Notification","TopicArn":"a","Message":"m"}"#,
                "Amazon SNS",
            ),
        ] {
            for kind in IntegrationKind::ALL {
                let fault = read_at(*kind, body).unwrap_err();
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
        let whole = whole.as_bytes();
        let group = group::parse(whole, received_at()).unwrap();
        let cut = read_cut(&whole[..1000], &whole[whole.len() - 200..], received_at()).unwrap();
        assert!(cut.is_cut && !group.is_cut);
        assert_eq!(cut.group, group.group, "the same incident");
        assert!((10..50).contains(&cut.alerts.len()), "{}", cut.alerts.len());
        assert_eq!(cut.alerts[..], group.alerts[..cut.alerts.len()]);
        assert_eq!(read_cut(PLAIN.as_bytes(), b"", received_at()), None);
    }
}
