//! Requests as senders really send them, and as nobody should: read by the parsers, and compared with what a right receiver
//! concludes. The same files are sent over HTTP by a test of the server.

#[path = "webhooks/case.rs"]
mod case;

use case::{Case, TOKEN};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::alerts::{
    AlertBatch, AlertEvent, ChangeEvent, Malformed, Request, Status, Told, group, json, read,
};
use domain::teams::IntegrationKind;
use http::HeaderMap;
use serde_json::Value;
use std::collections::BTreeSet;

/// What only the HTTP edge can decide: verbs, lengths, encodings, tokens, time limits.
const OF_THE_EDGE: &[&str] = &[
    "hostile/20-sixteen-mib-plus-one",
    "hostile/22-gzip-bomb",
    "hostile/23-gzip-declared-not-gzip",
    "hostile/24-slow-body",
    "hostile/59-token-wrong",
    "hostile/60-token-traversal",
    "json/12-put-instead-of-post",
];

/// Formats that come later.
const LATER: &[&str] = &["/google-cloud/{token}"];

#[test]
fn every_request_is_read_as_it_should_be() {
    let cases = Case::all();
    let mut faults = Vec::new();
    let mut met = BTreeSet::new();
    for case in cases {
        met.extend(case.door().map(|(kind, ..)| kind));
        if OF_THE_EDGE.contains(&case.name.as_str()) || LATER.contains(&case.path.as_str()) {
            continue;
        }
        if let Err(fault) = check(&case) {
            faults.push(format!("{}: {fault}", case.name));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(
        met.iter().eq(IntegrationKind::ALL),
        "each source has cases: {met:?}"
    );
}

fn received_at() -> DateTime<Utc> {
    "2026-11-21T05:00:00Z".parse().expect("a time")
}

/// Nobody's key: the edge would refuse it before reading on.
#[derive(Debug)]
enum Refused {
    Malformed(Malformed),
    NobodysKey,
}

fn told(case: &Case) -> Result<AlertBatch, Refused> {
    let body = case.body().expect("a body that can be built");
    let (kind, door, path) = case
        .door()
        .unwrap_or_else(|| panic!("nobody reads {}", case.path));
    let mut headers = HeaderMap::new();
    for (name, value) in &case.headers {
        let value = value.replace("{token}", TOKEN).parse().expect("a header");
        headers.insert(http::HeaderName::try_from(name).expect("a name"), value);
    }
    let signature = kind.source().signature.as_ref();
    let signature = signature.filter(|signature| headers.contains_key(signature.header));
    if signature.is_some_and(|signature| !signature.fits(b"test-secret", &headers, &body, received_at())) {
        return Err(Refused::NobodysKey);
    }
    let secret = door
        .secret
        .find(&path, &headers, &body)
        .map(std::borrow::Cow::into_owned);
    let request = Request {
        kind,
        door,
        path: &path,
        query: case.query(),
        headers: &headers,
        body: &body,
        service: "service",
        has_secret: secret.is_some(),
        received_at: received_at(),
        id: uuid::Uuid::from_u128(7),
    };
    let told = read(&request);
    if let Err(fault) = &told {
        assert!(!fault.errors().is_empty());
    }
    match told.map_err(Refused::Malformed)? {
        _ if secret.as_deref() != Some(TOKEN) => Err(Refused::NobodysKey),
        Told::Alerts(batch) => Ok(batch),
        Told::Nothing | Told::AsksAfter(_) => Ok(AlertBatch::default()),
    }
}

fn check(case: &Case) -> Result<(), String> {
    let class = case.expect["http_class"].as_str().unwrap_or_default();
    let delivery = match (told(case), class) {
        (Ok(delivery), "2xx" | "2xx or 4xx") => delivery,
        (Err(Refused::Malformed(fault)), "4xx" | "2xx or 4xx") => {
            let sentence = fault.to_string();
            let echoed = sentence.contains("Disk full") || sentence.contains("passwd");
            return if echoed { Err(sentence) } else { Ok(()) };
        }
        (Err(Refused::NobodysKey), "4xx") => return Ok(()),
        (got, _) => return Err(format!("expected {class}, got {got:?}")),
    };
    for alert in &delivery.alerts {
        bounded(alert)?;
    }
    let expected = case.expect["alerts"].as_array().cloned().unwrap_or_default();
    // A case that may be refused says nothing of what is read otherwise.
    if class == "2xx or 4xx" && expected.is_empty() {
        return Ok(());
    }
    if expected.len() != delivery.alerts.len() {
        return Err(format!(
            "expected {} alerts, got {}",
            expected.len(),
            delivery.alerts.len()
        ));
    }
    let changes = case.expect["change_events"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if changes.len() != delivery.changes.len() {
        return Err(format!(
            "expected {} changes, got {:?}",
            changes.len(),
            delivery.changes
        ));
    }
    for (expected, change) in changes.iter().zip(&delivery.changes) {
        compare_change(expected, change)?;
    }
    let hostile = case.name.starts_with("hostile/");
    for (expected, alert) in expected.iter().zip(&delivery.alerts) {
        compare(expected, alert, hostile)?;
    }
    Ok(())
}

/// What holds for whatever comes in.
fn bounded(alert: &AlertEvent) -> Result<(), String> {
    let title = alert.title.as_deref().unwrap_or_default();
    let line = !title.chars().any(char::is_control) && title.chars().count() <= 1030;
    let times = alert.ended_at.is_none_or(|ended| ended >= alert.started_at);
    let kept = alert.key.chars().count() <= 255 && alert.labels.len() <= 200;
    let zero = alert.key.contains('\0')
        || alert
            .labels
            .values()
            .any(|value| value.contains(['\0', '\u{1b}']));
    if line && times && kept && !zero {
        Ok(())
    } else {
        Err(format!("out of bounds: {alert:?}"))
    }
}

fn compare(expected: &Value, alert: &AlertEvent, hostile: bool) -> Result<(), String> {
    let mut faults = Vec::new();
    let mut expect = |holds: bool, field: &str| {
        if !holds {
            faults.push(format!("{field}: expected {}", expected[field]));
        }
    };
    let title = alert.title.as_deref();
    match expected.get("title_any_of").and_then(Value::as_array) {
        Some(any) => {
            let found = any
                .iter()
                .filter_map(Value::as_str)
                .any(|part| title.is_some_and(|title| title.contains(part)));
            expect(found, "title_any_of");
        }
        None => match expected["title"].as_str() {
            Some(part) => expect(title.is_some_and(|title| title.contains(part)), "title"),
            None => expect(title.is_none(), "title"),
        },
    }
    // Hostile cases leave out what they are not about.
    match expected["severity_hint"].as_str() {
        Some(word) => expect(alert.severity_word.as_deref() == Some(word), "severity_hint"),
        None => expect(hostile || alert.severity_word.is_none(), "severity_hint"),
    }
    let status: Result<Status, _> = expected["status"].as_str().unwrap_or_default().parse();
    expect(status == Ok(alert.status), "status");
    if let Some(key) = exact_key(&expected["dedup_key"]) {
        expect(alert.key == key, "dedup_key");
    }
    for (name, value) in expected["labels_include"].as_object().into_iter().flatten() {
        expect(
            alert.labels.get(name).map(String::as_str) == value.as_str(),
            "labels_include",
        );
    }
    match expected["link"].as_str() {
        Some(link) => expect(alert.link.as_deref() == Some(link), "link"),
        None if hostile => {
            let web = |link: &str| link.starts_with("http://") || link.starts_with("https://");
            expect(alert.link.as_deref().is_none_or(web), "link");
        }
        None => expect(alert.link.is_none(), "link"),
    }
    if let Some(time) = expected.get("started_at") {
        expect(instant(time) == Some(alert.started_at), "started_at");
    }
    if let Some(time) = expected.get("ended_at") {
        expect(instant(time) == alert.ended_at, "ended_at");
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("{}; got {alert:?}", faults.join(", ")))
    }
}

fn compare_change(expected: &Value, change: &ChangeEvent) -> Result<(), String> {
    let link = change.links.first().map(|link| link.href.as_str());
    let in_detail = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        change.details.get(name) == Some(&value)
    };
    let details = expected["details_include"].as_object();
    let at = expected["timestamp"].as_str();
    let at = at.and_then(|at| {
        DateTime::parse_from_str(at, "%+")
            .or_else(|_| DateTime::parse_from_str(at, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .ok()
    });
    let holds = expected["summary"] == change.summary.as_str()
        && expected["source"].as_str() == change.source.as_deref()
        && expected["link"].as_str() == link
        && at.is_none_or(|at| at == change.at)
        && details.into_iter().flatten().all(in_detail);
    match holds {
        true => Ok(()),
        false => Err(format!("expected {expected}, got {change:?}")),
    }
}

/// The key itself, rather than words on what it is stable over.
fn exact_key(told: &Value) -> Option<&str> {
    let words = ["derived", "fresh", "made by", "none given", "stable over", "…"];
    told.as_str()
        .filter(|key| !words.iter().any(|word| key.contains(word)))
}

/// To the microsecond, as it is kept.
fn instant(told: &Value) -> Option<DateTime<Utc>> {
    let time: DateTime<Utc> = told.as_str()?.parse().ok()?;
    time.duration_trunc(TimeDelta::microseconds(1)).ok()
}

#[test]
fn keys_that_begin_alike_stay_apart() {
    let read = |body: &str| {
        json::parse(body.as_bytes(), "service", received_at())
            .expect("an alert")
            .group
    };
    assert_ne!(
        read(r#"{"title":"t","dedup_key":"h"}"#),
        read(r#"{"title":"t","dedup_key":"h\u0000"}"#)
    );
    let group = Case::all()
        .into_iter()
        .find(|case| case.name.ends_with("47-long-dedup-keys-same-prefix"))
        .map(|case| read_alertmanager(&case))
        .expect("the case");
    assert_eq!(group.alerts.len(), 2);
    assert_ne!(group.alerts[0].key, group.alerts[1].key);
}

fn read_alertmanager(case: &Case) -> AlertBatch {
    group::parse(&case.body().expect("a body"), received_at()).expect("a group")
}

#[test]
fn what_was_left_out_is_told() {
    for case in Case::all() {
        if case.name == "alertmanager/03-max-alerts-firing" {
            assert_eq!(read_alertmanager(&case).left_out, 3);
        }
    }
}
