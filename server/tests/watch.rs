//! What those see who watch the watcher: `/healthz`, `/metrics` and the heartbeat.

#![allow(clippy::unwrap_used)]

use crate::program::init;
use crate::program::running::{Running, alert};
use axum::Router;
use axum::routing::get;
use server::watch::heartbeat_every;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testing::{Mailboxes, TestApp, both_databases, until};
use url::Url;

/// Who waits for heartbeats.
struct Listener {
    heard: Arc<AtomicUsize>,
    url: Url,
}

impl Listener {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let heard = Arc::new(AtomicUsize::new(0));
        let count = heard.clone();
        let beat = move || {
            count.fetch_add(1, Ordering::SeqCst);
            async { "thanks" }
        };
        let router = Router::new().route("/ping/1234", get(beat));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let url = format!("http://127.0.0.1:{port}/ping/1234").parse().unwrap();
        Self { heard, url }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

/// The samples of Prometheus' text format by name with labels; panics at a line that is none.
fn read(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.is_empty());
    let samples = lines.filter(|line| {
        let is_said = line.starts_with("# HELP ") || line.starts_with("# TYPE ");
        assert!(is_said || !line.starts_with('#'), "{line}");
        !is_said
    });
    let of_line = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    samples.map(of_line).collect()
}

async fn metrics(running: &Running, header: (&str, &str)) -> (u16, String) {
    let asked = reqwest::Client::new().get(running.at("/metrics"));
    let answer = asked.header(header.0, header.1).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_tells_what_it_did_to_who_may_know() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let door = init(&database);
    let (mail, listener) = (Mailboxes::open().await, Listener::open().await);
    let smtp = mail.smtp_url();
    let settings = [
        ("KINTSUGI_SMTP_URL", smtp.as_str()),
        ("KINTSUGI_HEARTBEAT_URL", listener.url.as_str()),
    ];
    let running = Running::start(&database, &settings).await;
    let health = reqwest::get(running.at("/healthz")).await.unwrap();
    assert_eq!(
        (health.status().as_u16(), health.text().await.unwrap().trim()),
        (200, "ok")
    );
    until("a heartbeat is heard", async || listener.heard() > 0).await;

    assert_eq!(alert(&running.at(&door), "one").await, 202);
    let here = ("accept", "text/plain");
    until(
        "the page and a heartbeat are accepted, and it is recorded",
        async || {
            let samples = read(&metrics(&running, here).await.1);
            samples.contains_key(r#"kintsugi_page_settled_seconds_count{outcome="accepted"}"#)
                && samples.contains_key(r#"kintsugi_heartbeats_total{outcome="sent"}"#)
                && samples["kintsugi_outbox_waiting"] == 0.0
        },
    )
    .await;
    let samples = read(&metrics(&running, here).await.1);
    for (name, value) in [
        ("kintsugi_alerts_accepted_total", 1.0),
        ("kintsugi_alerts_not_taken_total", 0.0),
        ("kintsugi_alerts_accepted_share_28d", 1.0),
        ("kintsugi_first_pages_in_time_share_28d", 1.0),
        ("kintsugi_outbox_waiting", 0.0),
        ("kintsugi_outbox_age_seconds", 0.0),
        ("kintsugi_escalation_lag_seconds", 0.0),
        ("kintsugi_incidents_open", 1.0),
        ("kintsugi_ingest_commit_seconds_count", 1.0),
        (r#"kintsugi_heartbeats_total{outcome="sent"}"#, 1.0),
    ] {
        assert_eq!(samples.get(name), Some(&value), "{name} in {samples:#?}");
    }
    for name in [
        r#"kintsugi_worker_round_age_seconds{worker="escalate"}"#,
        r#"kintsugi_worker_round_age_seconds{worker="deliver"}"#,
        r#"kintsugi_page_settled_seconds_bucket{outcome="accepted",le="10"}"#,
        "kintsugi_database_commit_seconds_count",
        r#"kintsugi_database_wait_seconds_count{kind="write"}"#,
    ] {
        assert!(samples.contains_key(name), "{name} in {samples:#?}");
    }
    assert!(
        samples
            .keys()
            .any(|name| name.starts_with("kintsugi_mail_exchange_seconds_count"))
    );
    let (status, words) = metrics(&running, ("x-forwarded-for", "192.0.2.1")).await;
    assert_eq!(status, 401);
    assert!(words.contains("metrics_token"), "{words}");
    running.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_digits_is_the_text_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let running = Running::start(&database, &[("KINTSUGI_METRICS_TOKEN", "0012345")]).await;
    for (header, value, status) in [
        ("authorization", "Bearer 0012345", 200),
        ("authorization", "Bearer 12345", 401),
        ("accept", "text/plain", 401),
    ] {
        assert_eq!(metrics(&running, (header, value)).await.0, status, "{value}");
    }
    running.stop();
}

both_databases! {
    async fn a_heartbeat_goes_out_while_the_database_can_be_written(app) {
        let well = TestApp::on_sqlite().await;
        let (here, elsewhere) = (Listener::open().await, Listener::open().await);
        let period = Duration::from_millis(5);
        let beating = tokio::spawn(heartbeat_every(period, app.engine.clone(), here.url.clone()));
        let beside = tokio::spawn(heartbeat_every(period, well.engine.clone(), elsewhere.url.clone()));
        until("it is heard", async || here.heard() > 2).await;
        app.engine.db.close().await;
        // The one that was on its way may still come.
        let (last, then) = (here.heard() + 1, elsewhere.heard());
        until("the other beats on", async || elsewhere.heard() > then + 50).await;
        assert!(here.heard() <= last, "{} after {last}", here.heard());
        beating.abort();
        beside.abort();
    }
}
