//! The door for alerts over HTTP, on both databases: every recorded request of the formats that there are, what it is answered,
//! and what stands in the database afterwards.

#[path = "../../domain/tests/webhooks/case.rs"]
mod case;
mod site;

use case::{Case, TOKEN};
use domain::Severity;
use domain::alerts::Status;
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::integrations;
use engine::transaction;
use serde_json::Value;
use site::{Site, header};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use testing::{TestApp, both_databases, hours, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LATER: &[&str] = &["/v2/change/enqueue", "/google-cloud/{token}"];

fn cases(source: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/webhooks");
    let of_source = |case: &Case| case.name.split('/').next() == Some(source);
    let all = Case::all(&folder)
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
    match case.path.split('/').nth(1) {
        Some("alertmanager") => IntegrationKind::Alertmanager,
        Some("v2") => IntegrationKind::PagerDuty,
        _ => IntegrationKind::Json,
    }
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
struct Answer {
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

async fn send(site: &Site, case: &Case, door: &Door) -> Answer {
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
    Answer {
        status: answer.status().as_u16(),
        content_type: header(&answer, "content-type").to_owned(),
        allow: header(&answer, "allow").to_owned(),
        text: answer.text().await.expect("a body"),
    }
}

/// What every answer keeps to, and what the case says of it.
fn check_answer(case: &Case, answer: &Answer) -> Result<(), String> {
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
    let pagerduty = kind_of(case) == IntegrationKind::PagerDuty;
    if refused && !pagerduty && answer.content_type != "application/problem+json" {
        return Err(format!("not a problem+json: {answer:?}"));
    }
    if refused {
        for word in ["Disk full", "passwd", "not json", "\u{0}", TOKEN] {
            if answer.text.contains(word) {
                return Err(format!("the body is echoed: {answer:?}"));
            }
        }
    }
    if pagerduty {
        return check_pagerduty(case, answer, refused);
    }
    Ok(())
}

fn check_pagerduty(case: &Case, answer: &Answer, refused: bool) -> Result<(), String> {
    let told: Value = serde_json::from_str(&answer.text).map_err(|error| format!("{error}: {answer:?}"))?;
    let documented = if refused {
        let errors = told["errors"].as_array().cloned().unwrap_or_default();
        told["status"] == "invalid event" && !errors.is_empty() && told["message"].is_string()
    } else {
        told["status"] == "success" && told["message"] == "Event processed" && told["dedup_key"].is_string()
    };
    let key = case.expect["answer"]["dedup_key"].as_str().and_then(exact_key);
    let same_key = refused || key.is_none_or(|key| told["dedup_key"] == key);
    if documented && same_key {
        Ok(())
    } else {
        Err(format!("expected {}, got {told}", case.expect["answer"]))
    }
}

/// The key itself, rather than words on what it is made of.
fn exact_key(told: &str) -> Option<&str> {
    let words = ["derived", "fresh", "made by", "none given", "…", "<"];
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
        let Some(alert) = after.iter().rev().find(ours) else {
            if status == Status::Firing {
                return Err(format!("{key:?} is not stored: {after:?}"));
            }
            continue;
        };
        if status != Status::Firing && !known {
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
        if let Err(fault) = replay(app, &site, &case, &door).await {
            faults.push(fault);
        }
        doors.insert(kind.label(), door);
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    doors
}

both_databases! {
    async fn alertmanagers_requests_in_order_leave_open_what_never_ended(app) {
        let doors = replay_all(app, "alertmanager", true).await;
        let door = doors.values().next().expect("one door");
        let open: Vec<_> = door.alerts(app).await.into_iter().filter(|alert| alert.open).collect();
        let mut names: Vec<_> = open.iter().map(|alert| alert.labels.0["alertname"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["CertExpiresSoon", "PodCrashLooping", "PodCrashLooping"]);
        // Six groups were six incidents, of which two are open.
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 6);
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE state <> 'resolved'").await, 2);
        let groups: std::collections::BTreeSet<_> = open.iter().map(|alert| alert.incident_id.to_string()).collect();
        assert_eq!(groups.len(), 2);
    }

    async fn pagerdutys_clients_work_when_their_host_is_changed(app) {
        replay_all(app, "pagerduty-v2", true).await;
    }

    async fn plain_json_is_taken_from_whoever_can_post(app) {
        replay_all(app, "json", true).await;
    }

    async fn what_nobody_should_send_is_refused_or_stored_whole(app) {
        replay_all(app, "hostile", false).await;
    }

    async fn a_body_that_never_ends_is_cut_off_and_others_go_on(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let body = case::from_parts(case_named("hostile/24-slow-body").generated());
        let mut slow = TcpStream::connect(("127.0.0.1", site.port)).await.expect("a connection");
        let head = format!(
            "POST /json/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            door.secret,
            body.len()
        );
        slow.write_all(head.as_bytes()).await.expect("the head is taken");
        let (mut answered, mut sending) = slow.into_split();
        let dripping = tokio::spawn(async move {
            let mut tick = tokio::time::interval(site::PATIENCE / 5);
            for byte in body {
                tick.tick().await;
                if sending.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        });
        let other = site.post(&format!("/json/{}", door.secret)).body(r#"{"title":"Others go on"}"#).send();
        assert_eq!(other.await.expect("an answer").status(), 202);
        let mut answer = Vec::new();
        // Closing without an answer would be right too.
        let _ = answered.read_to_end(&mut answer).await;
        dripping.abort();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert_eq!(door.alerts(app).await.len(), 1);
        let noted = "SELECT COUNT(*) FROM refusals WHERE status = 408";
        until("its team can see it", async || app.count(noted).await == 1).await;
    }

    async fn a_sender_that_asks_first_is_told_to_go_on(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let body = br#"{"title":"Asked first","dedup_key":"h"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.expect("a connection");
        let head = format!(
            "POST /json/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
            door.secret,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("the head is taken");
        let mut first = [0; 25];
        stream.read_exact(&mut first).await.expect("an answer to the question");
        assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body).await.expect("the body is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        assert_eq!(door.alerts(app).await.len(), 1);
    }

    async fn an_oversized_body_without_a_length_is_refused_by_name(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let chunks = (0..180).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100_000]));
        let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
        let answer = site.post(&format!("/json/{}", door.secret)).body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 413);
        assert!(answer.text().await.expect("a body").contains("16 MiB"));
    }

    async fn a_wrong_verb_is_told_the_right_one(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let answer = send(&site, &case_named("json/12-put-instead-of-post"), &door).await;
        assert_eq!((answer.status, answer.allow.as_str()), (405, "POST"));
        for path in ["/v2/enqueue", "/alertmanager/x"] {
            assert_eq!(header(&site.get(path).send().await.expect("an answer"), "allow"), "POST");
        }
    }

    async fn unknown_and_revoked_secrets_are_told_the_same(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        for (kind, path) in [(IntegrationKind::Json, "/json"), (IntegrationKind::Alertmanager, "/alertmanager")] {
            let door = Door::new(app, kind).await;
            transaction!(app.engine, |tx| integrations::revoke(tx, door.id).await?).expect("revoked");
            let mut answers = Vec::new();
            for secret in [door.secret.as_str(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
                let sent = site.post(&format!("{path}/{secret}")).body(r#"{"title":"t"}"#).send();
                let answer = sent.await.expect("an answer");
                answers.push((answer.status().as_u16(), answer.text().await.expect("a body")));
            }
            assert_eq!(answers[0].0, 401);
            assert_eq!(answers[0], answers[1]);
        }
        // Another kind's secret opens nothing either.
        let door = Door::new(app, IntegrationKind::Json).await;
        let answer = site.post(&format!("/alertmanager/{}", door.secret)).body("{}").send().await;
        assert_eq!(answer.expect("an answer").status(), 401);
        let key = Door::new(app, IntegrationKind::PagerDuty).await;
        transaction!(app.engine, |tx| integrations::revoke(tx, key.id).await?).expect("revoked");
        let mut answers = Vec::new();
        for secret in [key.secret.as_str(), TOKEN] {
            let event = format!(
                r#"{{"routing_key":"{secret}","event_action":"trigger","payload":{{"summary":"s","source":"s","severity":"info"}}}}"#
            );
            let answer = site.post("/v2/enqueue").body(event).send().await.expect("an answer");
            answers.push((answer.status().as_u16(), answer.text().await.expect("a body")));
        }
        assert_eq!(answers[0].0, 400);
        assert_eq!(answers[0], answers[1]);
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads").await, 0);
        assert_eq!(app.count("SELECT COUNT(*) FROM refusals").await, 0);
    }

    async fn a_replaced_secret_works_for_another_day(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let fresh = transaction!(app.engine, |tx| integrations::replace(tx, door.id).await?).expect("replaced");
        let status = async |secret: &str| {
            let sent = site.post(&format!("/json/{secret}")).body(r#"{"title":"t"}"#).send();
            sent.await.expect("an answer").status().as_u16()
        };
        app.clock.pass(hours(23));
        assert_eq!((status(&door.secret).await, status(fresh.reveal()).await), (202, 202));
        app.clock.pass(hours(1));
        assert_eq!((status(&door.secret).await, status(fresh.reveal()).await), (401, 202));
    }
}
