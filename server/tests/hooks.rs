//! The door for alerts over HTTP, on both databases: every recorded request of the formats that there are, what it is answered,
//! and what stands in the database afterwards.

#[path = "../../domain/tests/webhooks/case.rs"]
mod case;
mod port;
mod sources;

use crate::site::{Site, header};
use case::{Case, TOKEN};
use domain::Severity;
use domain::alerts::{Answer, Exchange, Outcome, Refusal, Status};
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::{integrations, signing};
use engine::transaction;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use testing::TestApp;

const LATER: &[&str] = &["/google-cloud/{token}"];

fn cases(source: &str) -> Vec<Case> {
    let of_source = |case: &Case| case.name.split('/').next() == Some(source);
    let all = Case::all()
        .into_iter()
        .filter(|case| of_source(case) && !LATER.contains(&case.path.as_str()));
    all.collect()
}

fn case_named(name: &str) -> Case {
    let source = name.split('/').next().unwrap_or_default();
    cases(source)
        .into_iter()
        .find(|case| case.name == name)
        .expect("the case is there")
}

fn kind_of(case: &Case) -> IntegrationKind {
    case.door().map_or(IntegrationKind::Json, |(kind, ..)| kind)
}

/// Whether its clients are refused in a form of their own, rather than with a problem.
fn refuses_in_its_own_form(kind: IntegrationKind) -> bool {
    let (refusal, status) = (Refusal::Broken, reqwest::StatusCode::BAD_REQUEST);
    let refused = Outcome::Refused {
        refusal: &refusal,
        status,
    };
    let exchange = Exchange {
        id: uuid::Uuid::nil(),
        took: Duration::ZERO,
    };
    matches!((kind.source().answer)(&refused, &exchange), Answer::Json(..))
}

/// An integration at the door, and the secret that its sender knows.
struct Door {
    id: domain::ids::IntegrationId,
    secret: String,
}

impl Door {
    async fn new(app: &TestApp, kind: IntegrationKind) -> Self {
        let service = app.id("checkout");
        let (integration, secret) =
            transaction!(app.engine, |tx| integrations::create(tx, service, kind, "")
                .await?)
            .expect("an integration");
        Self {
            id: integration.id,
            secret: secret.reveal().to_owned(),
        }
    }

    /// From now on; at the time at which the cases are signed.
    async fn signs(&self, app: &TestApp, secret: &str) {
        transaction!(app.engine, |tx| signing::set(tx, self.id, Some(secret)).await?)
            .expect("a signing secret");
        let at: chrono::DateTime<chrono::Utc> = "2026-11-21T05:00:00Z".parse().expect("an instant");
        app.clock.pass(at - app.engine.context.now());
    }

    async fn alerts(&self, app: &TestApp) -> Vec<Stored> {
        let mut tx = app.engine.read().await.expect("a transaction");
        sql("SELECT a.dedup_key, a.title, a.severity, a.severity_word, a.status, a.open, a.labels, a.link, a.incident_id
             FROM alerts a WHERE a.integration_id = $1 ORDER BY a.id")
            .bind(self.id)
            .all(&mut tx)
            .await
            .expect("alerts")
    }

    async fn payloads(&self, app: &TestApp) -> (i64, i64) {
        let mut tx = app.engine.read().await.expect("a transaction");
        let stored = sql("SELECT COUNT(*) FROM payloads WHERE integration_id = $1").bind(self.id);
        let stored = stored.scalar(&mut tx).await.expect("a count");
        let faults = sql("SELECT COUNT(*) FROM payloads WHERE integration_id = $1 AND fault IS NOT NULL");
        let faults = faults.bind(self.id).scalar(&mut tx).await.expect("a count");
        (stored, faults)
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Stored {
    dedup_key: String,
    title: String,
    severity: Severity,
    severity_word: Option<String>,
    status: Status,
    open: bool,
    labels: sqlx::types::Json<BTreeMap<String, String>>,
    link: Option<String>,
    incident_id: domain::ids::IncidentId,
}

#[derive(Debug)]
struct Answered {
    status: u16,
    content_type: String,
    allow: String,
    text: String,
}

fn body_of(case: &Case) -> Vec<u8> {
    match case.body() {
        Some(body) => body,
        None => packed(case.generated()),
    }
}

/// A sixty-fourth of what the case says is enough to be a bomb for whoever unpacks.
fn packed(generated: &Value) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for part in generated["gzip_of"]["parts"].as_array().expect("parts") {
        let times = part["times"].as_u64().expect("times").div_ceil(64);
        for _ in 0..times.div_ceil(4096) {
            let chunk = part["repeat"]
                .as_str()
                .expect("text")
                .repeat(4096.min(times) as usize);
            packer.write_all(chunk.as_bytes()).expect("memory");
        }
    }
    packer.finish().expect("memory")
}

fn replaced(bytes: Vec<u8>, secret: &str) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else {
        return bytes;
    };
    text.replace(TOKEN, secret).into_bytes()
}

async fn send(site: &Site, case: &Case, door: &Door) -> Answered {
    let path = case.path.replace("{token}", &door.secret);
    let method = case.method.parse().expect("a method");
    let mut request = site.client.request(method, site.address(&path));
    for (name, value) in &case.headers {
        request = request.header(name, value.replace("{token}", &door.secret));
    }
    let body = replaced(body_of(case), &door.secret);
    let answer = request
        .body(body)
        .send()
        .await
        .unwrap_or_else(|error| panic!("{}: {error:?}", case.name));
    Answered {
        status: answer.status().as_u16(),
        content_type: header(&answer, "content-type").to_owned(),
        allow: header(&answer, "allow").to_owned(),
        text: answer.text().await.expect("a body"),
    }
}

/// What every answer keeps to, and what the case says of it.
fn check_answer(case: &Case, answer: &Answered) -> Result<(), String> {
    let refused = (400..500).contains(&answer.status);
    let taken = (200..300).contains(&answer.status);
    let class = case.expect["http_class"].as_str().unwrap_or_default();
    let fits = match class {
        "2xx" => taken,
        "4xx" => refused,
        _ => taken || refused,
    };
    if !fits {
        return Err(format!("expected {class}, got {answer:?}"));
    }
    let documented = case.expect["http_status"].as_u64();
    if class != "2xx or 4xx" && documented.is_some_and(|status| status != u64::from(answer.status)) {
        return Err(format!("expected {documented:?}, got {answer:?}"));
    }
    let has_own_form = refuses_in_its_own_form(kind_of(case));
    if refused && !has_own_form && answer.content_type != "application/problem+json" {
        return Err(format!("not a problem+json: {answer:?}"));
    }
    if refused {
        for word in ["Disk full", "passwd", "not json", "\u{0}", TOKEN] {
            if answer.text.contains(word) {
                return Err(format!("the body is echoed: {answer:?}"));
            }
        }
    }
    let told = || serde_json::from_str(&answer.text).map_err(|error| format!("{error}: {answer:?}"));
    match case.expect["answer"].as_object() {
        Some(documented) if class != "2xx or 4xx" && (taken || has_own_form) => {
            let told: Value = told()?;
            let says = |(name, value): (&String, &Value)| is_as_documented(value, &told[name]);
            match documented.iter().all(says) {
                true => Ok(()),
                false => Err(format!("expected {}, got {told}", case.expect["answer"])),
            }
        }
        _ if has_own_form => told().map(|_: Value| ()),
        _ => Ok(()),
    }
}

/// Exactly so, or, where words stand for it, of the same kind.
fn is_as_documented(documented: &Value, told: &Value) -> bool {
    match documented {
        Value::String(text) if text == "<number>" => told.is_number(),
        Value::String(text) if exact_key(text).is_none() => {
            told.as_str().is_some_and(|told| !told.is_empty())
        }
        Value::Array(_) => told.as_array().is_some_and(|told| !told.is_empty()),
        exact => exact == told,
    }
}

/// The key itself, rather than words on what it is made of.
fn exact_key(told: &str) -> Option<&str> {
    let words = [
        "derived",
        "fresh",
        "made by",
        "none given",
        "stable over",
        "…",
        "<",
    ];
    (!words.iter().any(|word| told.contains(word))).then_some(told)
}

/// What stands in the database after the request, among what the same integration was sent before.
fn check_stored(case: &Case, before: &[Stored], after: &[Stored]) -> Result<(), String> {
    let expected = case.expect["alerts"].as_array().cloned().unwrap_or_default();
    for told in &expected {
        let key = told["dedup_key"].as_str().and_then(exact_key);
        let status: Status = told["status"]
            .as_str()
            .unwrap_or_default()
            .parse()
            .expect("a status");
        let title = told["title"].as_str();
        let ours = |alert: &&Stored| match key {
            Some(key) => alert.dedup_key == key,
            None => title.is_none_or(|title| alert.title.contains(title)),
        };
        let known = before.iter().any(|alert| ours(&alert) && alert.open);
        // A part of an alert that is not open opens none.
        let is_whole = title.is_some() || told.get("title_any_of").is_some();
        let Some(alert) = after.iter().filter(ours).max_by_key(|alert| alert.open) else {
            if status == Status::Firing && is_whole {
                return Err(format!("{key:?} is not stored: {after:?}"));
            }
            continue;
        };
        if !known && (status != Status::Firing || !is_whole) {
            continue;
        }
        let open = status != Status::Resolved;
        if alert.open != open || (!known && alert.status != status) {
            return Err(format!("expected {status:?}, got {alert:?}"));
        }
        if known {
            continue;
        }
        let word = told["severity_hint"].as_str();
        let labels = told["labels_include"].as_object();
        let labelled = labels
            .into_iter()
            .flatten()
            .all(|(name, value)| alert.labels.0.get(name).map(String::as_str) == value.as_str());
        let linked = told["link"]
            .as_str()
            .is_none_or(|link| alert.link.as_deref() == Some(link));
        let titled = title.is_none_or(|title| alert.title.contains(title));
        let worded = word.is_none_or(|word| alert.severity_word.as_deref() == Some(word));
        let graded = word
            .and_then(Severity::from_source_word)
            .is_none_or(|severity| alert.severity == severity);
        let web = alert
            .link
            .as_deref()
            .is_none_or(|link| link.starts_with("http://") || link.starts_with("https://"));
        if !(labelled && linked && titled && worded && graded && web) {
            return Err(format!("expected {told}, got {alert:?}"));
        }
    }
    Ok(())
}

async fn json_of(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("a body");
    (status, serde_json::from_str(&text).expect("JSON"))
}

/// Of the incident with this title.
async fn number_of(app: &TestApp, title: &str) -> i64 {
    let mut tx = app.engine.read().await.expect("a transaction");
    let number = sql("SELECT number FROM incidents WHERE title = $1").bind(title);
    number.scalar(&mut tx).await.expect("an incident")
}

async fn replay(app: &TestApp, site: &Site, case: &Case, door: &Door) -> Result<(), String> {
    let (before, kept) = (door.alerts(app).await, door.payloads(app).await.0);
    let answer = send(site, case, door).await;
    let (after, (stored, faults)) = (door.alerts(app).await, door.payloads(app).await);
    let taken = answer.status < 300;
    let outcome = check_answer(case, &answer).and_then(|()| match taken {
        true => check_stored(case, &before, &after),
        false if after.len() == before.len() && stored == kept => Ok(()),
        false => Err(format!("something of a refused request is stored: {after:?}")),
    });
    let outcome = outcome.and_then(|()| match faults {
        0 if stored == kept + i64::from(taken) => Ok(()),
        _ => Err(format!("{stored} payloads, {faults} with a fault of ours")),
    });
    outcome.map_err(|fault| format!("{}: {fault}", case.name))
}

async fn replay_all(app: &TestApp, source: &str, one_door: bool) -> BTreeMap<&'static str, Door> {
    app.usual_cast().await;
    let site = Site::open(app).await;
    let mut doors = BTreeMap::new();
    let mut faults = Vec::new();
    let cases = cases(source);
    assert!(!cases.is_empty());
    for case in cases {
        let drips = case.generated().get("bytes_per_second").is_some();
        if drips {
            continue;
        }
        let kind = kind_of(&case);
        let door = match doors.remove(kind.label()) {
            Some(door) if one_door => door,
            _ => Door::new(app, kind).await,
        };
        let signs = |signature: &domain::alerts::Signature| case.header(signature.header).is_some();
        if kind.source().signature.as_ref().is_some_and(signs) {
            door.signs(app, "test-secret").await;
        }
        if let Err(fault) = replay(app, &site, &case, &door).await {
            faults.push(fault);
        }
        doors.insert(kind.label(), door);
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    doors
}
