//! The door for alerts over HTTP, on both databases: every recorded request of the formats that there are, what it is answered,
//! and what stands in the database afterwards.

#[path = "../../domain/tests/webhooks/case.rs"]
mod case;

use crate::site::{Site, header};
use case::{Case, TOKEN};
use domain::Severity;
use domain::alerts::{Answer, Exchange, Outcome, Refusal, Status};
use domain::incidents::timeline::Event;
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::{integrations, signing};
use engine::transaction;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use testing::{TestApp, both_databases, hours, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
        replay_all(app, "pagerduty", true).await;
    }

    async fn plain_json_is_taken_from_whoever_can_post(app) {
        replay_all(app, "json", true).await;
    }

    async fn grafanas_requests_are_taken(app) {
        replay_all(app, "grafana", true).await;
        let never_open = "SELECT COUNT(*) FROM alerts WHERE dedup_key = '0b1c2d3e4f509911'";
        assert_eq!(app.count(never_open).await, 0);
    }

    async fn a_request_that_is_signed_wrongly_is_refused_and_opens_nothing(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Grafana).await;
        door.signs(app, "another secret").await;
        for name in ["grafana/01-single-firing", "grafana/07-signed-body"] {
            let answer = send(&site, &case_named(name), &door).await;
            assert_eq!(answer.status, 401, "{name}: {answer:?}");
        }
        let noted = "SELECT COUNT(*) FROM refusals WHERE status = 401";
        until("its team can see it", async || app.count(noted).await == 2).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 0);
        let mut tx = app.engine.read().await.expect("a transaction");
        let kept = sql("SELECT signing_secret FROM integrations WHERE id = $1").bind(door.id);
        let kept: Vec<u8> = kept.scalar(&mut tx).await.expect("what is kept");
        drop(tx);
        assert!(!kept.windows(7).any(|part| part == b"another"), "it is sealed");
        door.signs(app, "test-secret").await;
        assert_eq!(send(&site, &case_named("grafana/07-signed-body"), &door).await.status, 200);
    }

    async fn uptime_kumas_requests_are_taken(app) {
        replay_all(app, "uptime_kuma", true).await;
        let titles = "SELECT COUNT(*) FROM incidents WHERE title IN ('Postgres: connect ECONNREFUSED 10.0.0.5:5432', 'Certificate shop.example.com will expire in 7 days')";
        assert_eq!(app.count(titles).await, 2, "its test opens nothing");
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE state = 'resolved'").await, 1);
    }

    async fn opsgenies_clients_work_when_their_host_is_changed(app) {
        replay_all(app, "opsgenie", true).await;
        let number = number_of(app, "Kassenserver antwortet nicht (Filiale 12)").await;
        let story = app.story(number).await;
        let noted: Vec<_> = story.timeline.iter().filter_map(|entry| match &entry.event {
            Event::AlertNoted { text, .. } => Some(text.as_str()),
            _ => None,
        }).collect();
        assert_eq!(noted, ["nina@example.com: on it", "nina@example.com: restarted the terminal", "nina@example.com: back"]);
    }

    async fn an_opsgenie_client_finds_out_what_became_of_its_request(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        let key = format!("GenieKey {}", door.secret);
        let asks = async |id: &str| {
            let asked = site.get(&format!("/v2/alerts/requests/{id}")).header("authorization", &key).send();
            json_of(asked.await.expect("an answer")).await
        };
        let told = async |path: &str, body: &str| {
            let told = site.post(path).header("authorization", &key).body(body.to_owned()).send();
            json_of(told.await.expect("an answer")).await
        };
        let (status, created) = told("/v2/alerts", r#"{"message":"Till does not answer","alias":"pos/12"}"#).await;
        assert_eq!(status, 202);
        let (status, became) = asks(created["requestId"].as_str().expect("an id")).await;
        assert_eq!((status, &became["data"]["isSuccess"], &became["data"]["alias"]), (200, &true.into(), &"pos/12".into()));
        // The id that it is told closes what it was told of.
        let id = became["data"]["alertId"].as_str().expect("an id").to_owned();
        let (status, closed) = told(&format!("/v2/alerts/{id}/close?identifierType=id"), "{}").await;
        assert_eq!(status, 202);
        let (_, became) = asks(closed["requestId"].as_str().expect("an id")).await;
        assert_eq!(became["data"]["action"], "Close");
        assert!(door.alerts(app).await.iter().all(|alert| !alert.open));
        assert_eq!(asks("70413a06-38d6-4c85-92b8-5ebc900d42e2").await.0, 404);
        // What another integration sent is not its to know.
        let other = Door::new(app, IntegrationKind::Opsgenie).await;
        let asked = site.get(&format!("/v2/alerts/requests/{}", created["requestId"].as_str().expect("an id")));
        let asked = asked.header("authorization", format!("GenieKey {}", other.secret)).send();
        assert_eq!(asked.await.expect("an answer").status(), 404);
    }

    async fn a_part_of_an_open_alert_changes_and_the_rest_stays(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        let send = async |method: &str, path: &str, body: &str| {
            let sent = site.client.request(method.parse().expect("a method"), site.address(path));
            let sent = sent.header("authorization", format!("GenieKey {}", door.secret)).body(body.to_owned()).send();
            assert_eq!(sent.await.expect("an answer").status(), 202, "{path}");
        };
        send("PUT", "/v2/alerts/a/message?identifierType=alias", r#"{"message":"Not open"}"#).await;
        assert!(door.alerts(app).await.is_empty(), "nothing opens by it");
        send("POST", "/v2/alerts", r#"{"message":"Slow","alias":"a","description":"As it began","priority":"P4"}"#).await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), [""; 0]);
        send("PUT", "/v2/alerts/a/message?identifierType=alias", r#"{"message":"Slower"}"#).await;
        send("PUT", "/v2/alerts/a/priority?identifierType=alias", r#"{"priority":"P1"}"#).await;
        app.settle().await;
        let alert = &app.story(1).await.alerts[0];
        assert_eq!((alert.title.as_str(), alert.severity, alert.times_received), ("Slower", Severity::Sev1, 1));
        assert_eq!(alert.annotations.get("description").map(String::as_str), Some("As it began"));
        assert_eq!(app.subjects("ana").len(), 1, "it became worse");
    }

    async fn a_heartbeat_is_seen_with_when_it_was_last_heard(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        for name in ["nightly%20backup", "nightly%20backup", "cron"] {
            app.clock.pass(hours(1));
            let ping = site.get(&format!("/v2/heartbeats/{name}/ping")).header("authorization", format!("GenieKey {}", door.secret));
            let (status, answer) = json_of(ping.send().await.expect("an answer")).await;
            assert_eq!((status, &answer["result"]), (202, &"PONG - Heartbeat received".into()));
        }
        let mut tx = app.engine.read().await.expect("a transaction");
        let shown = integrations::of_service(&mut tx, app.id("checkout")).await.expect("integrations");
        let heard = shown.iter().flat_map(|shown| &shown.heartbeats);
        let heard: Vec<_> = heard.map(|heard| (heard.name.as_str(), app.engine.context.now() - heard.last_heard_at)).collect();
        assert_eq!(heard, [("cron", hours(0)), ("nightly backup", hours(1))]);
        assert_eq!(door.payloads(app).await.0, 0, "nothing else is kept of it");
    }

    async fn a_change_event_is_kept_and_pages_nobody(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::PagerDuty).await;
        for _ in 0..2 {
            let answer = send(&site, &case_named("pagerduty/18-python-change"), &door).await;
            assert_eq!(answer.status, 202, "{answer:?}");
        }
        app.settle().await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 0);
        let mut tx = app.engine.read().await.expect("a transaction");
        let changes = engine::alerts::change_events::of_service(&mut tx, app.id("checkout"), 20).await.expect("changes");
        assert_eq!(changes.len(), 1, "told twice, it is one");
        assert_eq!(changes[0].summary, "Deployed checkout 4.12.0 to prod-fra");
        assert_eq!(changes[0].details["build"], "8812");
        assert_eq!(changes[0].links[0].href, "https://ci.example.com/builds/8812");
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
            let mut tick = tokio::time::interval(crate::site::PATIENCE / 5);
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
